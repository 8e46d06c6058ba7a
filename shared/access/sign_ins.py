"""Signing in at the identity provider: the code flow of OpenID Connect with PKCE. Each attempt is a record that works once, in one browser."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared import clock
from shared.access import claims as claims_
from shared.access import provider
from shared.access.audit.sign_ins import REFUSED, refused
from shared.access.bearers import keys_of
from shared.access.claims import Person
from shared.access.database import connected, forget, hashed, new_secret, record
from shared.access.sessions import LONGEST
from shared.access.tokens import IDENTITY_TYPES, LEEWAY_SECONDS, Expected, NoGood, verify
from shared.settings import Settings

LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=LEEWAY_SECONDS)  # the provider's clock is another
BACK = "/sign-in/back"
_LONGEST_AGO = int(LONGEST.total_seconds())  # since the provider asked a person who they are


class NotSignedIn(Exception):
    """The attempt came to nothing; trying again may help. The reason is for a log; its code, who it was and for which session are for the audit."""

    def __init__(self, reason: str, code: str, who: UUID | None = None, session_id: UUID | None = None) -> None:
        super().__init__(reason)
        self.code, self.who, self.session_id = code, who, session_id


class NoRole(NotSignedIn):
    """The provider knows who it is, and that they are nobody here."""


class NotAgain(NotSignedIn):
    """The provider was to ask anew who somebody is, and did not, or does not say so."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, when they showed it to the provider, and the local address to go on to. `session_id`: the session that goes on by it."""

    who: Person
    shown_at: datetime
    back: str
    session_id: UUID | None


@dataclass(frozen=True)
class Attempt:
    """Where the browser goes, and what it must hold when it comes back."""

    url: str
    browser: str


async def begin(chosen: Settings, back: str, *, session_id: UUID | None = None, again: bool = False) -> Attempt:
    """A new attempt, to come back to a local address. Raises `provider.NoAnswer`.

    `session_id`: of a session that goes on when its person shows again who they are; `again`: they are asked to without one too.
    """
    state, browser, nonce, verifier = new_secret(), new_secret(), new_secret(), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    url = await provider.of(chosen).authorize_url(
        back=_address(chosen),
        state=state,
        nonce=nonce,
        challenge=challenge,
        longest=_LONGEST_AGO,
        strengths=chosen.identity_acr,
        again=again or session_id is not None,
    )
    await forget()
    async with connected() as connection:
        await connection.execute(
            "insert into sign_ins (state_hash, browser_hash, nonce, verifier, back, session_id, ends_at) values ($1, $2, $3, $4, $5, $6, $7)",
            hashed(state),
            hashed(browser),
            nonce,
            verifier,
            back,
            session_id,
            clock.now() + LIFE,
        )
    return Attempt(url, browser)


async def finish(chosen: Settings, *, state: str, code: str, browser: str) -> SignedIn:
    """Who signed in, and what for. Raises NotSignedIn or `provider.NoAnswer`."""
    try:
        done = await _finish(chosen, state, code, browser)
        if not done.who.memberships:
            raise NoRole("no role", "no_role", done.who.id, done.session_id)
    except NotSignedIn as error:
        async with connected() as connection:
            await record(connection, refused(REFUSED, error.code, error.who, error.session_id))
        raise
    return done


async def _finish(chosen: Settings, state: str, code: str, browser: str) -> SignedIn:
    async with connected() as connection:
        row = await connection.fetchrow("delete from sign_ins where state_hash = $1 returning *", hashed(state))
    if row is None or row["ends_at"] < clock.now() or not hmac.compare_digest(row["browser_hash"], hashed(browser)):
        raise NotSignedIn("no such attempt", "no_attempt")
    if not code:
        raise NotSignedIn("refused by the provider", "refused_by_provider")
    expected = Expected(
        chosen.identity_issuer,
        chosen.identity_client,
        IDENTITY_TYPES,
        strengths=frozenset(chosen.identity_acr.split()),
        signed_in_seconds=_LONGEST_AGO,
    )
    mapping = claims_.mapped(chosen.identity_claims)
    try:
        tokens = await provider.of(chosen).exchange(code, verifier=row["verifier"], back=_address(chosen))
        said = dict(await verify(str(tokens.get("id_token")), keys_of(chosen), expected, time.time()))
        asked_at = said.get("auth_time")  # of the signed token only
        if not hmac.compare_digest(str(said.get("nonce")).encode(), row["nonce"].encode()):
            raise NoGood("nonce")
        if said.get("azp", chosen.identity_client) != chosen.identity_client:
            raise NoGood("azp")
        if mapping.ask_userinfo:
            more = await provider.of(chosen).userinfo(str(tokens.get("access_token")))
            if more.get("sub") != said["sub"]:
                raise NoGood("userinfo of somebody else")
            said = more | said
        who = claims_.person(said, mapping)
    except (NoGood, claims_.NotSomebody, provider.NotTaken) as error:
        raise NotSignedIn(str(error), "not_believed") from None
    now = clock.now()
    shown_at = None if asked_at is None else datetime.fromtimestamp(min(asked_at, now.timestamp()), UTC)
    if row["session_id"] is not None and (shown_at is None or shown_at < row["ends_at"] - LIFE - LEEWAY):
        raise NotAgain("not asked anew", "not_again", who.id, row["session_id"])
    return SignedIn(who, shown_at or now, row["back"], row["session_id"])


def _address(chosen: Settings) -> str:
    return chosen.public_url.rstrip("/") + BACK
