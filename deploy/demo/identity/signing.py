"""Tokens that the code takes like those of any identity provider. The key stands in a directory, or lives as long as a test."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from jwt.algorithms import OKPAlgorithm

from shared.access.roles import Actor, Membership

ALGORITHM = "EdDSA"
KEY_FILE = "signing-key.pem"


class Signer:
    """Signs for one issuer with one key."""

    def __init__(self, issuer: str, key: Ed25519PrivateKey) -> None:
        self.issuer = issuer
        self.key = key
        public = orjson.loads(OKPAlgorithm.to_jwk(key.public_key()))
        self.kid = str(public["x"])[:16]
        self._public = public | {"kid": self.kid, "alg": ALGORITHM, "use": "sig"}

    @classmethod
    def kept(cls, issuer: str, directory: Path) -> Signer:
        """With the key of a directory, made when it is new; readable by its owner only."""
        file = directory / KEY_FILE
        if not file.exists():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished = file.with_suffix(".unfinished")
            unfinished.touch(mode=0o600)
            unfinished.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            unfinished.rename(file)
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{file} holds no Ed25519 key")
        return cls(issuer, key)

    @classmethod
    def new(cls, issuer: str) -> Signer:
        """With a key that nobody keeps."""
        return cls(issuer, Ed25519PrivateKey.generate())

    @property
    def jwks(self) -> str:
        """The public key, as an issuer publishes it."""
        return orjson.dumps({"keys": [self._public]}).decode()

    def access_token(self, actor: Actor, audience: str, hours: float = 1) -> str:
        """A bearer token (RFC 9068) of somebody in one organisation, with what they are in others where that is known."""
        memberships = actor.memberships or [Membership(actor.organisation_id, actor.organisation_name, actor.roles, actor.zones)]
        organisation = {} if actor.organisation_id is None else {"organisation": str(actor.organisation_id)}
        return self.sign(_claims(actor.id, actor.name, actor.language, memberships) | organisation, audience, hours, "at+jwt")

    def identity_token(self, actor: Actor, memberships: Iterable[Membership], client: str, nonce: str) -> str:
        """An ID token of somebody with all their organisations."""
        said = {"nonce": nonce, "azp": client, "auth_time": int(time.time())}  # nobody is known here: one has just chosen
        return self.sign(_claims(actor.id, actor.name, actor.language, memberships) | said, client, 0.1, "JWT")

    def sign(self, claims: dict[str, Any], audience: str, hours: float, typ: str) -> str:
        """A token of these claims, valid from now for some hours."""
        now = int(time.time())
        whole = {"iss": self.issuer, "aud": audience, "iat": now, "nbf": now, "exp": now + int(hours * 3600)} | claims
        return jwt.encode(whole, self.key, algorithm=ALGORITHM, headers={"kid": self.kid, "typ": typ})


def _claims(id: UUID, name: str, language: str, memberships: Iterable[Membership]) -> dict[str, Any]:
    return {
        "sub": str(id),
        "name": name,
        "locale": language,
        "zorgspoor": [
            {
                "organisation": None if each.organisation_id is None else str(each.organisation_id),
                "organisation_name": each.organisation_name,
                "roles": sorted(each.roles),
                "zones": sorted(each.zones),
            }
            for each in memberships
        ],
    }
