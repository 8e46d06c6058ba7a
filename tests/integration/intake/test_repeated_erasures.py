"""Erasing again what a restore brought back, and the ledger that says who: intake's own part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.intake.erasures import ledger, writing
from services.intake.erasures.ledger import Line
from shared.ids import pseudonym
from shared.settings import Settings
from tests.eventually import eventually
from tests.integration.intake.rig import House
from tests.integration.intake.test_erasures import INTAKE, OFFICER, STAYS, confirm, erased, everywhere, published, sent

SECRET = bytes(range(32)).hex()


@pytest.fixture
def file(house: House, tmp_path: Path) -> Path:
    """Where the house keeps its ledger."""
    folder = tmp_path / "checkpoints"
    house.kernel.settings = Settings(audit_key=SECRET, audit_checkpoints=folder)
    return ledger.file_in(folder)


def in_ledger(house: House, file: Path, *ids: UUID) -> Line:
    """Somebody with these ids was erased now, and older tables were restored later."""
    line = Line(len(ledger.read(file)) + 1, ids, pseudonym("OM-26-1947-K"), "asked", house.clock())
    ledger.append(file, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET)), [line])
    return line


async def repeat(house: House, *places: int) -> dict[str, Any]:
    answer = await house.post(OFFICER, "/erasures/repeat", {"places": places})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def here(house: House, *ids: UUID) -> list[UUID]:
    answer = await house.post(OFFICER, "/erasures/returned", {"person_ids": [str(id) for id in ids]})
    assert answer.status_code == 200, answer.text
    return [UUID(id) for id in answer.json()["person_ids"]]


@asynccontextmanager
async def at_work(house: House) -> AsyncIterator[None]:
    """A process keeps the ledger meanwhile."""
    task = asyncio.create_task(writing.keep_ledger(house.kernel))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def in_file(house: House, file: Path, count: int) -> list[Line]:
    """Once so many lines are in the file, and the database knows of all."""

    async def unwritten() -> int:
        return int(await house.value("select count(*) from ledger where place is null"))

    async with at_work(house):
        await eventually(unwritten, lambda seen: seen == 0)
    lines = ledger.read(file)
    assert len(lines) == count
    return lines


async def test_who_is_erased_comes_into_the_ledger_once_by_every_id(house: House, file: Path) -> None:
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0499 66 66 66")
    assert (await house.post(INTAKE, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    await erased(house, one["reference"])
    (line,) = await in_file(house, file, 1)
    assert line.person_ids == (one["person_id"], two["person_id"])
    assert (line.asked_as, line.why, line.at) == (pseudonym(one["reference"]), "asked", house.clock())
    told = (await house.get(OFFICER, "/erasures/ledger")).json()
    assert (told["problems"], [each["person_ids"][0] for each in told["erasures"]]) == ([], [str(one["person_id"])])
    assert await house.value("select person_ids from ledger") == [], "the database names them no longer"

    async with house.kernel.transaction() as tx:  # whoever wrote the line died before saying so
        await tx.execute("update ledger set place = null, person_ids = $1", list(line.person_ids))
    await in_file(house, file, 1)
    three = await sent(house)
    await erased(house, three["reference"])
    assert [line.place for line in await in_file(house, file, 2)] == [1, 2]


async def test_who_was_still_two_persons_in_the_dump_is_erased_under_both_ids(house: House, file: Path) -> None:
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Bea", birth_date="1971-02-03", phone="0499 66 66 66")
    stays, gone = one["person_id"], two["person_id"]
    line = in_ledger(house, file, stays, gone)
    assert sorted(await here(house, stays, gone)) == sorted([stays, gone])
    await published(house)
    told = await repeat(house, line.place)
    assert [each["erasure_id"] for each in told["erasures"]] == [str(pseudonym(stays))]
    (event,) = await house.rows("select key, payload from outbox where type = 'intake.person_erased.v1'")
    announced = orjson.loads(event["payload"])
    assert (event["key"], announced["former_ids"]) == (stays, [str(gone)])
    assert set(announced["referral_ids"]) == {one["id"], two["id"]}
    await published(house)
    await confirm(house, stays, UUID(one["id"]), UUID(two["id"]))
    assert await here(house, stays, gone) == []
    text, _ = await everywhere(house, but=(*STAYS, "event_log", "joined"))
    for trace in (stays, gone, one["id"], two["id"], one["reference"], two["reference"]):
        assert str(trace) not in text
    assert {row["payload"] for row in await house.rows("select payload from event_log")} == {b""}
    assert await house.rows("select * from joined") == [{"gone": gone, "stays": pseudonym(stays)}]
    assert (await house.get(OFFICER, f"/erasures/{pseudonym(stays)}")).json()["done"]
    await in_file(house, file, 1)


async def test_who_is_here_no_more_is_announced_again_for_the_others(house: House, file: Path) -> None:
    one = await sent(house)
    await erased(house, one["reference"])
    (line,) = await in_file(house, file, 1)
    await published(house)
    await confirm(house, one["person_id"], UUID(one["id"]))
    assert (await house.get(OFFICER, f"/erasures/{pseudonym(one['person_id'])}")).json()["done"]
    told = await repeat(house, line.place)
    assert [each["done"] for each in told["erasures"]] == [False], "the others have to confirm it again"
    (event,) = await house.rows("select payload from outbox where type = 'intake.person_erased.v1'")
    assert orjson.loads(event["payload"])["referral_ids"] == [one["id"]]


async def test_a_hold_of_the_dump_keeps_nobody_and_one_set_since_does(house: House, file: Path) -> None:
    held_then, held_since = (await sent(house))["person_id"], (await sent(house, given_name="Bea"))["person_id"]
    assert (await house.post(OFFICER, "/holds", {"person": str(held_then)})).status_code == 200
    house.clock.pass_by(days=1)
    places = [in_ledger(house, file, id).place for id in (held_then, held_since)]
    house.clock.pass_by(days=1)
    assert (await house.post(OFFICER, "/holds", {"person": str(held_since)})).status_code == 200
    told = await repeat(house, *places)
    assert (len(told["erasures"]), told["held"]) == (1, [2])
    assert await here(house, held_then, held_since) == [held_since]
    rows = await house.rows("select key from outbox where type = 'intake.hold_lifted.v1'")
    assert [row["key"] for row in rows] == [held_then]


async def test_without_a_ledger_it_is_said(house: House) -> None:
    answer = await house.get(OFFICER, "/erasures/ledger")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_ledger")
