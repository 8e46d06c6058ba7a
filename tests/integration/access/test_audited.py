"""Who signed in, chose, signed out, got a token or was refused stands in the audit of the database in which it happened."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from click.testing import CliRunner
from fhir.resources.R4B.auditevent import AuditEvent

from services.commands.audit import audit
from services.intake import app
from shared.access import machines, sessions
from shared.access.audit import checkpoints
from shared.access.personas import DOCTORS_AALTER, PERSONAS, PRACTICE
from shared.messaging.kernel import Kernel
from shared.settings import ACCESS, settings
from tests.eventually import eventually
from tests.integration.access.rig import Door, as_owner, rows
from tests.integration.access.test_machines import ask, assertion, client
from tests.integration.audit.rig import SECRET

__all__ = ["client"]

OPS, SENDER = PERSONAS["ops"], PERSONAS["sender"]
Told = tuple[str, str, UUID | None, str, UUID | None]


async def audited() -> list[dict[str, Any]]:
    return sorted(await rows("audit"), key=lambda row: int(row["id"]))


async def told() -> list[Told]:
    """Action, outcome, who, role, organisation."""
    return [(row["action"], row["outcome"], row["actor_id"], row["role"], row["organisation_id"]) for row in await audited()]


async def test_signing_in_choosing_and_signing_out_are_audited_with_their_session(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("sender")
        await browser.send("/organisation", organisation=str(PRACTICE), next="/")
        await browser.send("/organisation", organisation=str(DOCTORS_AALTER), next="/")
        (session,) = await rows("sessions")
        await browser.send("/sign-out")
    assert await told() == [
        ("sessions.start", "done", SENDER.id, "somebody", None),
        ("sessions.choose", "done", SENDER.id, "sender", PRACTICE),
        ("sessions.choose", "done", SENDER.id, "sender", DOCTORS_AALTER),
        ("sessions.end", "done", SENDER.id, "sender", DOCTORS_AALTER),
    ]
    assert {(row["subject_id"], row["purpose"], row["person_id"]) for row in await audited()} == {(session["id"], "operations", None)}


async def test_signing_out_everywhere_and_what_another_sign_in_ends_are_audited(door: Door) -> None:
    async with door.browser() as one, door.browser() as two:
        await one.choose("ops")
        await one.choose("ops")
        await two.choose("ops")
        await two.send("/sign-out/everywhere")
    everywhere = "sessions.end_all"
    assert [row[0] for row in await told()] == ["sessions.start", "sessions.end", "sessions.start", "sessions.start", everywhere]
    assert {row[2] for row in await told()} == {OPS.id}


async def test_who_is_refused_is_audited_with_a_code(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async with door.browser() as browser:
        await browser.home.get("/sign-in/back", params={"state": "of-nobody", "code": "x"})
        where = await browser.return_address("ops")
        await browser.home.get(where.partition("?")[0], params={"state": where.partition("state=")[2].partition("&")[0]})
    assert [row for row in await told() if row[0] == "sign_ins.finish"] == [
        ("sign_ins.finish", "no_attempt", None, "nobody", None),
        ("sign_ins.finish", "refused_by_provider", None, "nobody", None),
    ]
    assert await rows("sessions") == []


async def test_a_machine_let_in_given_a_token_refused_and_revoked_is_audited(door: Door, client: machines.Client) -> None:
    assert (await ask(door, assertion(client.id))).status_code == 200
    assert (await ask(door, assertion(client.id), scope="repair")).status_code == 400
    assert (await ask(door, assertion(client.id, kid="other"))).status_code == 401
    assert (await ask(door, "of nobody")).status_code == 401
    await machines.revoke(client.id)
    assert (await ask(door, assertion(client.id))).status_code == 401
    assert [(row["action"], row["outcome"], row["role"], row["actor_id"], row["subject_id"]) for row in await audited()] == [
        ("machines.add", "done", "ops", None, client.id),
        ("machines.grant", "done", "sender", client.id, None),
        ("machines.grant", "invalid_scope", "nobody", None, client.id),
        ("machines.grant", "invalid_client", "nobody", None, client.id),
        ("machines.grant", "invalid_client", "nobody", None, None),
        ("machines.revoke", "done", "ops", None, client.id),
        ("machines.grant", "invalid_client", "nobody", None, client.id),
    ]


async def test_what_commands_end_is_audited_as_done_on_the_server(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
    await sessions.end_all(OPS.id)
    await sessions.end_everybodys()
    assert [(row["action"], row["role"], row["actor_id"], row["subject_id"]) for row in (await audited())[1:]] == [
        ("sessions.end_all", "ops", None, OPS.id),
        ("sessions.end_everybodys", "ops", None, None),
    ]


async def test_nobody_signs_in_out_or_gets_a_token_without_an_entry(door: Door, client: machines.Client) -> None:
    """In one transaction: where the entry cannot be written, nothing happened."""
    async with door.browser() as browser:
        await browser.choose("ops")
        async with as_owner() as connection:
            await connection.execute("revoke insert (at) on audit from access_intake")
        before = await rows("sessions")
        for act in (
            lambda: sessions.end(browser.secret or ""),
            lambda: sessions.end_all(OPS.id),
            sessions.end_everybodys,
            lambda: machines.revoke(client.id),
            lambda: machines.grant(
                {
                    "grant_type": "client_credentials",
                    "client_assertion_type": machines.ASSERTION_TYPE,
                    "client_assertion": assertion(client.id),
                },
                "http://127.0.0.1:8080/oauth/token",
            ),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await act()
        assert (await browser.choose("zone-lead")).status_code == 500
    assert (await rows("sessions"), await rows("client_tokens")) == (before, [])
    assert [row["revoked_at"] for row in await rows("clients")] == [None]


@pytest.fixture
async def sealed(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of checkpoints of somebody who signed in and out, sealed by intake's sealer at work."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setenv("ZORGSPOOR_AUDIT_KEY", SECRET)
    monkeypatch.setenv("ZORGSPOOR_AUDIT_CHECKPOINTS", str(folder))
    settings.cache_clear()
    async with door.browser() as browser:
        await browser.choose("ops")
        await browser.send("/sign-out")

    async def signed() -> bool:
        return checkpoints.file_of(folder, ACCESS).exists()

    assert app.seal_sign_ins in app.service().background
    sealer = asyncio.create_task(app.seal_sign_ins(Kernel(app.service(), settings())))
    try:
        await eventually(signed)
    finally:
        sealer.cancel()
        await asyncio.wait([sealer])
    return folder


async def run(*words: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, audit, [*words, "--data", "/nowhere"])


async def test_the_sealer_of_intake_seals_it_and_the_command_verifies_it(sealed: Path) -> None:
    async with as_owner() as connection:
        assert await connection.fetchval("select count(*) from audit_default") == 0, "each month has its partition"
    whole = await run("verify", "--service", ACCESS)
    assert (whole.exit_code, whole.output.split(" (")[0]) == (
        0,
        "whole    access: 2 entries in 1 seals, 1 signed checkpoints, 0 not sealed yet",
    )
    async with as_owner() as connection:
        await connection.execute("update audit set actor_id = gen_random_uuid() where action = 'sessions.end'")
    changed = await run("verify", "--service", ACCESS)
    assert (changed.exit_code, changed.output.split()[0]) == (1, "CHANGED")


async def test_who_is_named_no_service_is_verified_with_the_others(sealed: Path) -> None:
    everything = await run("verify")
    assert everything.exit_code == 3, "the databases of the services are not there in this test: what cannot be read is not whole"


async def test_it_is_exported_as_fhir_events_of_authentication(door: Door, client: machines.Client) -> None:
    async with door.browser() as browser:
        await browser.choose("sender")
        await browser.send("/organisation", organisation=str(PRACTICE), next="/")
        await browser.send("/sign-out")
    await machines.revoke(client.id)
    exported = orjson.loads((await run("export", "--worker", str(SENDER.id), "--worker", str(client.id))).output)
    events = [AuditEvent.model_validate(entry["resource"]) for entry in exported["entry"]]
    kinds = [(event.type.code, [coding.display for coding in event.subtype or () if coding.display]) for event in events]
    assert kinds == [("110114", ["Logout"]), ("110136", []), ("110114", ["Login"]), ("110137", []), ("110137", [])]
    assert {event.action for event in events} == {"E"}
