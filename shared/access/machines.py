"""Machines of organisations: OAuth 2 client credentials with a signed assertion (RFC 7523, as SMART Backend Services), a short token for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import orjson

from shared import clock
from shared.access.audit.sign_ins import ADDED, GRANTED, REVOKED, by_command, by_machine, refused
from shared.access.database import LookedUp, connected, forget, hashed, new_secret, record
from shared.access.roles import Actor
from shared.access.signing_keys import FixedKeys, read_keys
from shared.access.tokens import ALGORITHMS, IDENTITY_TYPES, LEEWAY_SECONDS, Expected, NoGood, verify

PREFIX = "zc."
TOKEN_LIFE = timedelta(minutes=5)
LONGEST_ASSERTION = timedelta(minutes=5)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# SMART Backend Services asks for RS384 and ES384; RSA keys of clients may be used with either
CLIENT_ALGORITHMS = ALGORITHMS | {"RS384", "ES384"}
CLIENT_TYPES = IDENTITY_TYPES | {"client-authentication+jwt"}
ALGORITHM_OF = (
    {("RSA", ""): "RS384", ("EC", "P-384"): "ES384"},
    {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"},
)
LANGUAGE = "nl"

_looked_up = LookedUp()


class Refused(Exception):
    """An error of RFC 6749 §5.2; who is refused as a client is not told why. `client_id`: whom it said to be, where there is such a client."""

    def __init__(self, error: str, description: str, client_id: UUID | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.client_id = client_id

    @property
    def status(self) -> int:
        """Of the HTTP answer."""
        return 401 if self.error == "invalid_client" else 400


@dataclass(frozen=True)
class Client:
    """A machine that acts for one organisation, within its scopes. `keys`: its public keys (JWKS)."""

    id: UUID
    title: str
    organisation_id: UUID
    organisation_name: str
    scopes: frozenset[str]
    keys: Mapping[str, Any]
    added_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True)
class Granted:
    """A token and what it allows whom."""

    client_id: UUID
    token: str
    scopes: frozenset[str]
    seconds: int


class ClientKeys:
    """The keys of a client; an RSA key may sign in two ways, which the assertion's header says."""

    def __init__(self, document: Mapping[str, Any], algorithm: str) -> None:
        text = orjson.dumps(document)
        fitting = [read_keys(text, kinds) for kinds in ALGORITHM_OF]
        self._keys = FixedKeys({kid: key for keys in fitting for kid, key in keys.items() if key.algorithm_name == algorithm})

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """The key of this name that signs so."""
        return await self._keys.find(kid)


async def grant(form: Mapping[str, str], audience: str) -> Granted:
    """A token for what a client sent to the token endpoint, whose address is `audience`. Raises Refused."""
    try:
        return await _grant(form, audience)
    except Refused as error:
        async with connected() as connection:
            await record(connection, refused(GRANTED, error.error, about=error.client_id))
        raise


async def _grant(form: Mapping[str, str], audience: str) -> Granted:
    if form.get("grant_type") != "client_credentials":
        raise Refused("unsupported_grant_type", "Expected grant_type=client_credentials.")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise Refused("invalid_client", "Expected a client_assertion of type jwt-bearer.")
    client = await _authenticated(form["client_assertion"], audience)
    asked = frozenset(form.get("scope", "").split()) or client.scopes
    if not asked <= client.scopes:
        raise Refused("invalid_scope", "The client may not have all of these scopes.", client.id)
    await forget()
    token = new_secret(PREFIX)
    async with connected() as connection:
        await connection.execute(
            "insert into client_tokens (secret_hash, client_id, scopes, ends_at) values ($1, $2, $3, $4)",
            hashed(token),
            client.id,
            sorted(asked),
            clock.now() + TOKEN_LIFE,
        )
        await record(connection, by_machine(GRANTED, client.id, client.organisation_id))
    return Granted(client.id, token, asked, int(TOKEN_LIFE.total_seconds()))


async def _authenticated(assertion: str, audience: str) -> Client:
    """The client that made this assertion, which is used up by that. Raises Refused."""
    unknown = Refused("invalid_client", "The client is not known by this assertion.")
    try:
        unproved = jwt.decode_complete(assertion, options={"verify_signature": False})
        client = await find(UUID(str(unproved["payload"].get("sub"))))
        unknown.client_id = client.id if client else None
        if client is None or client.revoked_at is not None:
            raise unknown
        expected = Expected(
            str(client.id),
            audience,
            CLIENT_TYPES,
            CLIENT_ALGORITHMS,
            longest_seconds=LONGEST_ASSERTION.total_seconds(),
            required=("iss", "aud", "exp", "sub", "jti"),
        )
        said = await verify(assertion, ClientKeys(client.keys, str(unproved["header"].get("alg"))), expected, time.time())
    except (jwt.PyJWTError, NoGood, ValueError, TypeError, RecursionError):
        raise unknown from None
    if said["sub"] != said["iss"] or not isinstance(said["jti"], str) or not await _first_use(client, said):
        raise unknown
    return client


async def _first_use(client: Client, said: Mapping[str, Any]) -> bool:
    """Note an assertion as used; whether it was not."""
    ends_at = datetime.fromtimestamp(float(said["exp"]) + LEEWAY_SECONDS, UTC) + timedelta(minutes=1)
    async with connected() as connection:
        noted = await connection.fetchval(
            """insert into used_assertions (client_id, jti_hash, ends_at) values ($1, $2, $3)
               on conflict do nothing returning true""",
            client.id,
            hashed(said["jti"]),
            ends_at,
        )
    return noted is not None


async def actor(token: str) -> Actor | None:
    """The machine that holds this token; None when it ended or the client was revoked. Looked up at most once in five seconds."""
    hash = hashed(token)
    known = _looked_up.get(hash, time.monotonic())
    if known is not None:
        return known
    async with connected() as connection:
        row = await connection.fetchrow("select * from token_of($1, $2)", hash, clock.now())
    if row is None:
        return None
    found = Actor(
        row["id"],
        row["title"],
        frozenset({"sender"}),  # organisations refer; what of that a client may do are its scopes
        row["organisation_id"],
        row["organisation_name"],
        frozenset(),
        LANGUAGE,
        kind="client",
        scopes=frozenset(row["scopes"]),
    )
    _looked_up.keep(hash, found, time.monotonic())
    return found


async def add(client: Client) -> None:
    """Let a client in; one that is there gets the new title, scopes and keys, and keeps its organisation."""
    async with connected() as connection:
        await connection.execute(
            """insert into clients (id, title, organisation_id, organisation_name, scopes, keys, added_at)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (id) do update set title = excluded.title, scopes = excluded.scopes, keys = excluded.keys""",
            client.id,
            client.title,
            client.organisation_id,
            client.organisation_name,
            sorted(client.scopes),
            orjson.dumps(client.keys).decode(),
            client.added_at,
        )
        await record(connection, by_command(ADDED, client.id, client.organisation_id))


async def revoke(id: UUID) -> bool:
    """Shut a client out for good, with the tokens it holds; whether there was such a client. Other processes notice within five seconds."""
    async with connected() as connection:
        organisation = await connection.fetchval(
            "update clients set revoked_at = coalesce(revoked_at, $2) where id = $1 returning organisation_id", id, clock.now()
        )
        if organisation is not None:
            await connection.execute("delete from client_tokens where client_id = $1", id)
            await record(connection, by_command(REVOKED, id, organisation))
    _looked_up.drop()
    return organisation is not None


async def find(id: UUID) -> Client | None:
    """One client, revoked or not."""
    async with connected() as connection:
        row = await connection.fetchrow("select * from clients where id = $1", id)
    return None if row is None else _client(row)


async def every() -> Sequence[Client]:
    """All clients, the newest first."""
    async with connected() as connection:
        return [_client(row) for row in await connection.fetch("select * from clients order by added_at desc")]


def _client(row: Mapping[str, Any]) -> Client:
    return Client(
        row["id"],
        row["title"],
        row["organisation_id"],
        row["organisation_name"],
        frozenset(row["scopes"]),
        orjson.loads(row["keys"]),
        row["added_at"],
        row["revoked_at"],
    )
