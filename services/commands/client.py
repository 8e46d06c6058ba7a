"""`zorgspoor client`: the machines of organisations that may ask for a token at /oauth/token."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from services.commands import access
from services.commands.options import data_option
from shared import clock
from shared.access import machines
from shared.access.rules import FOR_MACHINES
from shared.access.signing_keys import read_keys

_READS: list[tuple[type[Any], Callable[[Any], str]]] = [
    (RSAPublicKey, RSAAlgorithm.to_jwk),
    (EllipticCurvePublicKey, ECAlgorithm.to_jwk),
    (Ed25519PublicKey, OKPAlgorithm.to_jwk),
]


@click.group()
def client() -> None:
    """Machines of organisations."""


@client.command("add")
@click.argument("title")
@click.option("--organisation", type=click.UUID, required=True, help="The id of the one organisation it acts for.")
@click.option("--organisation-name", required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(sorted(action.value for action in FOR_MACHINES)),
    help="May be repeated.",
)
@click.option(
    "--key",
    "files",
    multiple=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A public key: JWKS, or PEM (its name becomes the kid). May be repeated: two keys while one replaces the other.",
)
@click.option("--id", "id", type=click.UUID, help="Of a client that is there: gives it this title, these scopes and these keys.")
@data_option
def add(
    *, title: str, organisation: UUID, organisation_name: str, scopes: Sequence[str], files: Sequence[Path], id: UUID | None, data: Path
) -> None:
    """Let a machine in; prints its client id."""
    keys = [key for file in files for key in read_file(file)]
    made = machines.Client(id or clock.new_id(), title, organisation, organisation_name, frozenset(scopes), {"keys": keys}, clock.now())
    access.run(data, lambda: machines.add(made))
    click.echo(made.id)


@client.command("revoke")
@click.argument("id", type=click.UUID)
@data_option
def revoke(id: UUID, data: Path) -> None:
    """Shut a machine out for good; its tokens end within five seconds."""
    if not access.run(data, lambda: machines.revoke(id)):
        raise click.ClickException(f"there is no client {id}")
    click.echo(f"{id} is revoked")


@client.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@data_option
def every(as_json: bool, data: Path) -> None:
    """Show all machines."""
    found = [
        {
            "id": str(each.id),
            "title": each.title,
            "organisation": str(each.organisation_id),
            "organisation_name": each.organisation_name,
            "scopes": sorted(each.scopes),
            "keys": [key["kid"] for key in each.keys["keys"]],
            "added_at": each.added_at.isoformat(),
            "revoked_at": each.revoked_at and each.revoked_at.isoformat(),
        }
        for each in access.run(data, machines.every)
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for one in found:
        state = f"revoked {one['revoked_at']}" if one["revoked_at"] else "may"
        click.echo(f"{one['id']}  {one['title']}, {one['organisation_name']}: {state} {' '.join(one['scopes'] or [])}")


def read_file(file: Path) -> list[dict[str, Any]]:
    """The public keys in a file. Raises ClickException for what is none, or too weak."""
    content = file.read_bytes()
    try:
        keys = _of_pem(content, file.stem) if content.startswith(b"-----BEGIN") else list(orjson.loads(content)["keys"])
        document = orjson.dumps({"keys": keys})
        usable = {kid for kinds in machines.ALGORITHM_OF for kid in read_keys(document, kinds)}
    except (ValueError, TypeError, KeyError) as error:
        raise click.ClickException(f"{file} holds no public key: {error}") from error
    if usable != {key.get("kid") for key in keys} or not usable:
        raise click.ClickException(f"{file}: expected public keys with a kid: RSA of 2048 bits or more, EC P-256 or P-384, Ed25519")
    return keys


def _of_pem(content: bytes, kid: str) -> list[dict[str, Any]]:
    key = load_pem_public_key(content)
    for kind, write in _READS:
        if isinstance(key, kind):
            return [{**orjson.loads(write(key)), "kid": kid}]
    raise ValueError("not a kind of key that is taken")
