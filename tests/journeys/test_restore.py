"""Older dumps of the databases are restored: who was erased since is erased again by one command."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded import provision
from deploy.embedded.unprivileged import programs
from services.intake.erasures import ledger
from shared.settings import SERVICES
from tests.builders import a_referral
from tests.databases import Databases
from tests.eventually import eventually
from tests.house import a_house
from tests.journeys.test_main_job import send
from tests.journeys.test_privacy import CANARY, accepted, command, traces
from tests.servers import Servers
from tests.stack import Stack


@pytest.fixture(scope="module")
async def house(infrastructure: Servers, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A house of its own that keeps a ledger."""
    folder = tmp_path_factory.mktemp("restored")
    async with a_house(
        infrastructure, databases, folder, audit_key=os.urandom(32).hex(), audit_checkpoints=str(folder / "checkpoints")
    ) as stack:
        yield stack


def run(program: str, *words: str) -> None:
    done = subprocess.run([programs(None) / program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def superuser(house: Stack, service: str) -> str:
    return house.servers.postgres.dsn(house.dsns[service].rpartition("/")[2])


async def dumped(house: Stack, folder: Path) -> None:
    """As docs/keys.md says, of every service."""
    for service in SERVICES:
        run("pg_dump", "--exclude-table-data=keys.*", f"--file={folder / service}", superuser(house, service))
    code, _, err = await command(house, "keys", "dump", str(folder / "keys"))
    assert code == 0, err


async def restored(house: Stack, folder: Path, services: Sequence[str]) -> None:
    """These services' databases as they were when they were dumped."""
    house.stop()
    for service in services:
        name = house.dsns[service].rpartition("/")[2]
        connection = await asyncpg.connect(house.servers.postgres.dsn())
        try:
            await connection.execute(f'drop database "{name}" with (force)')
        finally:
            await connection.close()
        await provision.database(house.servers.postgres.dsn, service, name=name)
        await asyncio.to_thread(run, "psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={folder / service}", superuser(house, service))
    if "intake" in services:
        code, _, err = await command(house, "keys", "restore", str(folder / "keys"))
        assert code == 0, err
    house.start()
    await house.ready()


@pytest.mark.timeout(480)
async def test_one_command_erases_again_who_a_restore_brought_back(house: Stack, tmp_path: Path) -> None:
    body = a_referral()
    body["person"] |= {"family_name": CANARY}
    gone, _ = await accepted(house, body)
    other, _ = await accepted(house, a_referral())
    refused = a_referral()
    refused["person"] |= {"family_name": CANARY, "address": {"street": "Kastanjelaan", "number": "14", "postcode": "9060"}}
    refused["facts"] |= {"needs": []}
    unfit = await send(house, refused)
    await dumped(house, tmp_path)
    for reference in (gone["reference"], unfit["reference"]):
        code, _, err = await command(house, "erase", "--yes", reference)
        assert code == 0, err
    file = ledger.file_in(Path(house.extra["audit_checkpoints"]))

    async def lines() -> list[ledger.Line]:
        return ledger.read(file)

    await eventually(lines, lambda seen: len(seen) == 2)
    assert CANARY not in file.read_text()
    assert gone["reference"] not in file.read_text()

    async def left() -> set[tuple[str, str, str]]:
        return await traces(house, CANARY, gone["reference"], unfit["reference"])

    async def again(*words: str) -> str:
        code, out, err = await command(house, "repeat-erasures", *words)
        assert (code, err) == (0, "")
        return out.splitlines()[0]

    await eventually(left, lambda seen: seen == set())
    assert await again() == "2 erasures in the ledger; there again: 0 (intake 0, coordination 0, notifications 0)"

    async with house.client("sender") as client:
        for services, said in (
            (SERVICES, "2 (intake 2, coordination 1, notifications 2)"),
            (("coordination", "notifications"), "2 (intake 0, coordination 1, notifications 2)"),
        ):
            await restored(house, tmp_path, services)
            before = await left()
            assert {service for service, _, _ in before} == set(services)
            assert await again("--dry-run") == f"2 erasures in the ledger; there again: {said}"
            assert await left() == before, "nobody is erased while it is only counted"
            if "intake" in services:
                assert CANARY in (await client.get(f"/intake/referrals/{gone['id']}")).text
            assert await again() == f"2 erasures in the ledger; there again: {said}"
            await eventually(left, lambda seen: seen == set())
            assert await again() == "2 erasures in the ledger; there again: 0 (intake 0, coordination 0, notifications 0)"
        assert (await client.get(f"/intake/api/referrals/{gone['id']}")).status_code == 404
        assert (await client.get(f"/intake/api/referrals/{other['id']}")).json()["status"] == "assigned"
    assert len(await lines()) == 2, "what is repeated is no new erasure"

    await eventually(house.reconciliation, lambda seen: seen.get("agree") is True, seconds=45)

    rows = file.read_bytes().splitlines()
    file.write_bytes(rows[0] + b"\n")
    code, _, err = await command(house, "repeat-erasures")
    assert (code, "the end is missing" in err) == (1, True)
