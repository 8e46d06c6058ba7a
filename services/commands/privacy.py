"""`zorgspoor erase`, `hold`, `retention`: what the privacy officer does, through the API of a running stack."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import click
import httpx

from deploy.demo.identity import asking
from deploy.embedded import running
from services.commands.options import data_option
from services.commands.token import stack_settings
from shared.retention.table import table
from shared.settings import SERVICES

SECONDS = 30.0
LOOK_EVERY = 0.2
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def _token_in(_: click.Context, __: click.Parameter, file: IO[str] | None) -> str | None:
    if file is None:
        return None
    token = file.read().strip()
    if not BEARER.fullmatch(token):
        raise click.BadParameter("there is no bearer token in it, or more than one")
    return token


json_option = click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
token_option = click.option(
    "--token-file",
    "token",
    type=click.File(errors="replace"),
    callback=_token_in,
    help="A file with a bearer token of the privacy officer, - for standard input. Without it, the demonstration gives one.",
)


@click.command()
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do not ask whether that is who is meant.")
@click.option("--wait", default=60.0, show_default=True, help="Seconds to wait until every service has confirmed.")
@json_option
@token_option
@data_option
def erase(person: str, yes: bool, wait: float, as_json: bool, token: str | None, data: Path) -> None:
    """Erase PERSON in every service: the person's id, a referral's id or reference, or a case's reference, as it stands on paper.

    It says how much goes and asks before it does. Run it again if it was interrupted.
    """
    with client_of(data, token) as client:
        meant = answer_of(client.post("/intake/api/erasures/meant", json={"person": person}))
        if meant["persons"] and not yes:  # nobody: erased before, or never known
            click.echo(
                f"{person} is {_counted_as(meant)}. Erased, they are gone from every service, and nothing brings them back.", err=True
            )
            click.confirm("Erase?", abort=True, err=True)
        told = answer_of(client.post("/intake/api/erasures", json={"person": person}))
        shown: set[str] = set()
        end = time.monotonic() + wait
        while True:
            if not as_json:
                _show_confirmed(told["confirmed"], shown)
            if told["done"] or time.monotonic() > end:
                break
            time.sleep(LOOK_EVERY)
            told = answer_of(client.get(f"/intake/api/erasures/{told['erasure_id']}"))
    if as_json:
        click.echo(json.dumps(told))
    if not told["done"]:
        missing = ", ".join(service for service, at in told["confirmed"].items() if at is None)
        raise click.ClickException(f"not confirmed yet by {missing}; nothing is lost, run the same command again")
    if not as_json:
        click.echo(f"erased everywhere; the ledger keeps {told['erasure_id']}")


def _counted_as(meant: Mapping[str, int]) -> str:
    counts = [(meant[many], one, many) for one, many in (("person", "persons"), ("referral", "referrals"), ("case", "cases"))]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts)


def _show_confirmed(confirmed: Mapping[str, str | None], shown: set[str]) -> None:
    for service, at in confirmed.items():
        if at is not None and service not in shown:
            shown.add(service)
            click.echo(f"{service}: erased {at}")


@click.group()
def hold() -> None:
    """Legal holds: nothing about a held person is erased or let go of."""


@hold.command("set")
@click.argument("person")
@json_option
@token_option
@data_option
def set_hold(person: str, as_json: bool, token: str | None, data: Path) -> None:
    """Keep everything about PERSON (the person's id, a referral's id or reference, or a case's reference)."""
    _change(data, token, "/intake/api/holds", person, as_json)


@hold.command("lift")
@click.argument("person")
@json_option
@token_option
@data_option
def lift_hold(person: str, as_json: bool, token: str | None, data: Path) -> None:
    """Let the periods of retention hold for PERSON again."""
    _change(data, token, "/intake/api/holds/lift", person, as_json)


def _change(data: Path, token: str | None, path: str, person: str, as_json: bool) -> None:
    with client_of(data, token) as client:
        told = answer_of(client.post(path, json={"person": person}))
    click.echo(json.dumps(told) if as_json else f"{told['person_id']}: {'held' if told['held'] else 'not held'}")


@click.command()
@click.option("--dry-run", is_flag=True, help="Count what is past its period; let go of nothing.")
@json_option
@token_option
@data_option
def retention(dry_run: bool, as_json: bool, token: str | None, data: Path) -> None:
    """Let go now of what is past its period, as every night; or count it."""
    counts = {}
    for service in SERVICES:
        with client_of(data, token, service) as client:
            counts[service] = _counted(client, service) if dry_run else _let_go(client, service)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(f"{'class':<22}{'days':>6}  {'past its period' if dry_run else 'let go of'}, by service")
    for name, row in table().items():
        here = ", ".join(f"{service} {counts[service][name]}" for service in SERVICES if name in counts[service])
        click.echo(f"{name:<22}{row.days:>6}  {here or f'kept by {row.where[0]}'}")


def _counted(client: httpx.Client, service: str) -> dict[str, int]:
    told = answer_of(client.get(f"/{service}/api/retention"))
    return {row["name"]: row["past"] for row in told["classes"]}


def _let_go(client: httpx.Client, service: str) -> dict[str, int]:
    """Round after round, each a transaction of bounded size, until nothing is left."""
    gone: dict[str, int] = {}
    while True:
        told = answer_of(client.post(f"/{service}/api/retention"))
        for name, count in told["gone"].items():
            gone[name] = gone.get(name, 0) + count
        if not told["more"]:
            return gone


def client_of(data: Path, token: str | None, service: str = "intake") -> httpx.Client:
    """As whose token this is, or else as the privacy officer of the demonstration.

    To the services whose settings these are (in a container), or to what runs on the data.
    """
    try:
        chosen = stack_settings(data)
        bearer = token or asking.token_for(chosen, "privacy-officer")
    except running.NothingRuns as error:
        raise click.ClickException(str(error)) from error
    except asking.NoToken as error:
        raise click.ClickException(f"{error} Elsewhere, hand over a token of the privacy officer with --token-file.") from error
    headers = {"Authorization": f"Bearer {bearer}"}
    return httpx.Client(base_url=chosen.url(service), headers=headers, timeout=SECONDS, trust_env=False)


def answer_of(answer: httpx.Response) -> dict[str, Any]:
    said: dict[str, Any] = answer.json()
    if not answer.is_success:
        raise click.ClickException("\n".join(said[part] for part in ("title", "detail") if said.get(part)))
    return said
