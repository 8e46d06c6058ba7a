"""`zorgspoor repeat-erasures`: after a restore, erase again who was erased since the dump."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import httpx

from services.commands.options import data_option
from services.commands.privacy import LOOK_EVERY, answer_of, client_of, token_option
from shared.settings import SERVICES

ASKED_AT_ONCE = 1_000
ERASED_AT_ONCE = 50


@click.command()
@click.option("--dry-run", is_flag=True, help="Count who is there again; erase nobody.")
@click.option("--anyway", is_flag=True, help="Also when the ledger is not whole: whom it does not name any more, stays.")
@click.option("--wait", default=300.0, show_default=True, help="Seconds to wait until every service has confirmed.")
@token_option
@data_option
def repeat_erasures(dry_run: bool, anyway: bool, wait: float, token: str | None, data: Path) -> None:
    """After older tables were restored, in one service or in all: erase again who was erased since.

    The ledger beside the checkpoints of the audit says who. Run it again if it was interrupted: what is done is not done twice.
    """
    with client_of(data, token) as client:
        told = answer_of(client.get("/intake/api/erasures/ledger"))
        for problem in told["problems"]:
            click.echo(f"The ledger is not whole: {problem}.", err=True)
        if told["problems"] and not (anyway or dry_run):
            raise click.ClickException("nothing was erased; put back a copy of the ledger, or add --anyway")
        found = {service: _returned(data, token, service, told["erasures"]) for service in SERVICES}
        places = sorted(set().union(*found.values()))
        here = ", ".join(f"{service} {len(found[service])}" for service in SERVICES)
        click.echo(f"{len(told['erasures'])} erasures in the ledger; there again: {len(places)} ({here})")
        if not dry_run:
            _erase(client, places, time.monotonic() + wait)


def _returned(data: Path, token: str | None, service: str, erasures: list[Mapping[str, Any]]) -> set[int]:
    """The places of whom there is something in a service."""
    whose = {id: erasure["place"] for erasure in erasures for id in erasure["person_ids"]}
    ids, found = list(whose), set()
    with client_of(data, token, service) as client:
        for start in range(0, len(ids), ASKED_AT_ONCE):
            asked = {"person_ids": ids[start : start + ASKED_AT_ONCE]}
            found |= {whose[id] for id in answer_of(client.post(f"/{service}/api/erasures/returned", json=asked))["person_ids"]}
    return found


def _erase(client: httpx.Client, places: list[int], end: float) -> None:
    held: list[int] = []
    for start in range(0, len(places), ERASED_AT_ONCE):
        some = places[start : start + ERASED_AT_ONCE]
        told = answer_of(client.post("/intake/api/erasures/repeat", json={"places": some}))
        held += told["held"]
        for erasure in told["erasures"]:
            _wait(client, erasure, end)
        click.echo(f"{start + len(some) - len(held)} of {len(places)} erased again, everywhere")
    if held:
        raise click.ClickException(
            f"{len(held)} are under a legal hold set since, and stay: places {', '.join(map(str, held))} of the ledger"
        )


def _wait(client: httpx.Client, erasure: Mapping[str, Any], end: float) -> None:
    while not erasure["done"]:
        if time.monotonic() > end:
            raise click.ClickException("not confirmed yet by every service; nothing is lost, run the same command again")
        time.sleep(LOOK_EVERY)
        erasure = answer_of(client.get(f"/intake/api/erasures/{erasure['erasure_id']}"))
