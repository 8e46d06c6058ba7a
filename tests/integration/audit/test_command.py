"""`./zorgspoor audit` as one types it: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest
from click.testing import CliRunner, Result
from fhir.resources.R4B.auditevent import AuditEvent

from services.commands.audit import audit
from shared.access.audit import entries
from shared.settings import settings
from tests.databases import Databases
from tests.integration.audit.rig import NOW, SECRET, Ledger, an_entry

PERSON = uuid4()


@pytest.fixture
async def intake(databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Ledger]:
    """Intake's audit with sealed entries and a signed checkpoint, where the command's settings say."""
    dsn = await databases.fresh("intake")
    for name, value in {"intake_dsn": dsn, "audit_key": SECRET, "audit_checkpoints": str(tmp_path / "checkpoints")}.items():
        monkeypatch.setenv(f"ZORGSPOOR_{name.upper()}", value)
    settings.cache_clear()
    app, owner = await asyncpg.connect(dsn), await asyncpg.connect(dsn.replace("intake_app@", "intake_owner@"))
    ledger = Ledger(dsn, app, owner)
    for action, outcome in (
        ("referrals.submit", "done"),
        ("persons.fragments", "seen"),
        ("cases.listing", "seen"),
        ("referrals.withdraw", "late"),
    ):
        await entries.append(
            app, [an_entry(person=PERSON, case=uuid4(), zone="gent", action=action, outcome=outcome, relation="zone")], NOW
        )
        await ledger.seal()
    await ledger.checkpoint(tmp_path / "checkpoints", service="intake")
    yield ledger
    await app.close()
    await owner.close()
    settings.cache_clear()


async def run(tmp_path: Path, *words: Any) -> Result:
    command = [words[0], "--service", "intake", "--data", str(tmp_path / "nothing"), *map(str, words[1:])]
    return await asyncio.to_thread(CliRunner().invoke, audit, command)


async def test_verify_says_whole_and_ends_with_0_and_changed_with_1(intake: Ledger, tmp_path: Path):
    whole = await run(tmp_path, "verify")
    assert (whole.exit_code, whole.output.split(" (")[0]) == (
        0,
        "whole    intake: 4 entries in 4 seals, 1 signed checkpoints, 0 not sealed yet",
    )
    await intake.owner.execute("update audit set person_id = gen_random_uuid() where action = 'cases.listing'")
    changed = await run(tmp_path, "verify", "--json")
    told = orjson.loads(changed.output)
    assert (changed.exit_code, told["intact"], told["services"][0]["service"]) == (1, False, "intake")
    assert told["services"][0]["problems"] == ["seal 3 (entries up to id 3) does not fit what stands in it"]


async def test_verify_with_another_key_or_without_the_database_does_not_say_whole(
    intake: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert (
        await run(tmp_path, "verify", "--public-key", "5866666666666666666666666666666666666666666666666666666666666666")
    ).exit_code == 1
    monkeypatch.setenv("ZORGSPOOR_INTAKE_DSN", "postgresql://intake_app@127.0.0.1:1/intake")
    settings.cache_clear()
    away = await run(tmp_path, "verify")
    assert away.exit_code == 3
    assert "The database of intake cannot be read" in away.output
    assert "docker compose exec intake zorgspoor audit … --service intake" in away.output


async def test_export_is_audit_events_of_the_person(intake: Ledger, tmp_path: Path):
    exported = orjson.loads((await run(tmp_path, "export", "--person", PERSON)).output)
    events = [AuditEvent.model_validate(entry["resource"]) for entry in exported["entry"]]
    assert {(event.action, event.outcome) for event in events} == {("C", "0"), ("R", "0"), ("E", "0"), ("D", "4")}
    profiles = {str(profile).rpartition(".")[2] for event in events if event.meta for profile in event.meta.profile or ()}
    assert profiles == {"PatientCreate", "PatientRead", "PatientQuery"}
    read: Any = next(event for event in events if event.action == "R")
    assert [entity.what.identifier.system.rpartition(":")[2] for entity in read.entity] == ["person", "case", "zone", "request"]
    assert [agent.requestor for agent in read.agent] == [True, False, False]
    assert (await run(tmp_path, "export", "--person", uuid4())).output.count("AuditEvent") == 0
    assert (await run(tmp_path, "export")).exit_code == 2
