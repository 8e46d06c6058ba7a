"""The audit of a service: what the app login can do to it, what is sealed when, and what tampering is found."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared import db
from shared.access.audit import chain, entries, seals, verifying
from shared.access.audit.chain import Seal
from shared.access.audit.sealing import Sealer
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from tests.databases import Databases
from tests.eventually import eventually
from tests.integration.audit.rig import NOW, PUBLIC, Ledger, a_toy, an_entry

COLUMNS = (
    "at", "actor_id", "role", "organisation_id", "zone", "person_id", "case_id", "subject_id", "action", "purpose", "relation", "outcome",
    "request_id",
)  # fmt: skip
TAMPERINGS = 1_000


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set outcome = 'nothing'",
        "delete from audit",
        "truncate audit",
        "update audit_seals set hash = ''",
        "delete from audit_seals",
        "truncate audit_seals",
        "insert into audit (tx, at, role, action, purpose, outcome) values (1, now(), '', '', '', '')",
        "insert into audit (id, at, role, action, purpose, outcome) values (1, now(), '', '', '', '')",
        "drop table audit",
        "alter table audit disable trigger all",
        "update audit_default set outcome = 'nothing'",
        "delete from audit_202611",
        "select * from audit_202611",
        "insert into audit_202611 (at, role, action, purpose, outcome) values ('2026-11-24', '', '', '', '')",
        "select setval('audit_ids', 1)",
    ],
)
async def test_the_app_login_adds_and_reads_entries_and_nothing_more(ledger: Ledger, statement: str):
    await ledger.app.execute("select keep_audit_partitions($1)", NOW.date())
    await ledger.add()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ledger.app.execute(statement)
    assert await ledger.app.fetchval("select count(*) from audit") == 1


async def test_entries_go_to_the_partition_of_their_month(ledger: Ledger):
    await ledger.app.execute("select keep_audit_partitions($1)", NOW.date())
    await ledger.add(3)
    assert await ledger.owner.fetchval("select count(*) from audit_202611") == 3


async def test_what_is_sealed_verifies_and_what_is_not_yet_is_counted(ledger: Ledger):
    for count in (1, 5, 20):
        await ledger.add(count)
        await ledger.seal()
    await ledger.add(2)
    verdict = await ledger.verdict()
    assert (verdict.problems, verdict.entries, verdict.seals, verdict.unsealed) == ([], 26, 3, 2)


async def test_an_entry_of_a_longer_transaction_is_waited_for(ledger: Ledger, databases: Any):
    slow = await asyncpg.connect(databases.postgres.dsn(await ledger.app.fetchval("select current_database()"), "toy_app"))
    try:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("insert into audit (at, role, action, purpose, outcome) values (now(), 'a', 'a', 'a', 'slow')")
        await ledger.add(5)
        await ledger.seal()
        assert (await ledger.verdict()).unsealed == 5, "numbered after one that has not ended"
        await transaction.commit()
        await ledger.seal()
    finally:
        await slow.close()
    verdict = await ledger.verdict()
    assert (verdict.problems, verdict.entries, verdict.unsealed) == ([], 6, 0)


async def test_more_than_fits_in_a_seal_is_sealed_in_several(ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    for count in (3, 4, 2, 12, 5):
        await ledger.add(count)
    monkeypatch.setattr(seals, "MOST_ROWS", 6)
    await ledger.seal()
    verdict = await ledger.verdict()
    assert verdict.problems == []
    assert verdict.entries == 26
    assert verdict.seals > 1


async def test_a_database_that_moved_to_another_server_goes_on_with_its_chain(ledger: Ledger):
    """There transactions are numbered anew, from below those that stand in the restored entries."""
    await ledger.add(4)
    await ledger.seal()
    await ledger.add(3)
    await ledger.owner.execute("update audit set tx = tx + 1000000000 where id > 4")  # what the other server had numbered so
    rows = await seals.entries(ledger.app, from_tx=(await seals.last(ledger.app)).to_tx, to_tx=seals.FOR_EVER, after_id=0)
    last = await seals.last(ledger.app)
    cut = rows[0]["tx"] + 1
    await seals.add(ledger.app, chain.sealed(last, rows, after_id=0, from_tx=last.to_tx, to_tx=cut))
    await ledger.add(2)
    await ledger.owner.execute("update audit set tx = $1 where id = 8", cut + 5)  # not yet sealed when the dump was made
    await ledger.seal()
    await ledger.add(6)
    await ledger.seal()
    verdict = await ledger.verdict()
    assert (verdict.problems, verdict.entries, verdict.unsealed) == ([], 15, 0)
    assert [seal.after_id for seal in await seals.page(ledger.app, 0, 10)][-1] == 8
    await ledger.owner.execute("delete from audit where id = 12")
    assert (await ledger.verdict()).problems != []


async def _tamper(owner: Any, dice: random.Random, seal_rows: list[Seal], ids: list[int]) -> str:
    """One random act of somebody with the owner's rights."""
    kind = dice.choice(["edit", "delete", "swap", "truncate", "seal", "insert", "rewrite"])
    one, other = dice.sample(ids, 2)
    if kind == "edit":
        column = dice.choice(COLUMNS)
        change = {"at": "at + interval '1 microsecond'", "role": "role || 'x'"}.get(
            column, "gen_random_uuid()" if column.endswith("_id") else f"coalesce({column}, '') || 'x'"
        )
        await owner.execute(f"update audit set {column} = {change} where id = $1", one)
    elif kind == "delete":
        await owner.execute("delete from audit where id = $1", one)
    elif kind == "swap":
        await owner.execute(
            "update audit a set person_id = b.person_id, actor_id = b.actor_id from audit b where (a.id, b.id) in (($1, $2), ($2, $1))",
            one,
            other,
        )
    elif kind == "truncate":  # the end of the chain, seals and all; what is left fits together
        last = dice.choice(seal_rows[:-1])
        await owner.execute("delete from audit_seals where place > $1", last.place)
        await owner.execute("delete from audit where tx >= $1", last.to_tx)
    elif kind == "seal":
        column = dice.choice(["after_id", "from_tx", "to_tx", "last_id", "entries"])
        await owner.execute(f"update audit_seals set {column} = {column} + 1 where place = $1", dice.choice(seal_rows).place)
    elif kind == "insert":
        await owner.execute(
            "insert into audit (tx, at, role, action, purpose, outcome) select tx, at, 'a', 'a', 'a', 'a' from audit where id = $1", one
        )
    else:  # an entry changed and the whole chain after it made again
        await owner.execute("update audit set actor_id = gen_random_uuid() where id = $1", one)
        await owner.execute("delete from audit_seals")
        before = chain.NOTHING
        for seal in seal_rows:
            rows = await seals.entries(owner, from_tx=seal.from_tx, to_tx=seal.to_tx, after_id=seal.after_id)
            before = chain.sealed(before, rows, after_id=seal.after_id, from_tx=seal.from_tx, to_tx=seal.to_tx)
            await seals.add(owner, before)
    return kind


@pytest.mark.timeout(300)
async def test_all_of_a_thousand_random_tamperings_are_found(ledger: Ledger, tmp_path: Path):
    dice = random.Random(20261124)
    for _ in range(25):
        await ledger.add(dice.randint(1, 6), zone="meetjesland-oost")
        await ledger.seal()
    await ledger.checkpoint(tmp_path)
    seal_rows = await seals.page(ledger.app, 0, 100)
    ids = [row["id"] for row in await ledger.app.fetch("select id from audit")]
    assert (await verifying.verify(ledger.owner, "toy", tmp_path, PUBLIC)).intact
    missed = []
    for number in range(TAMPERINGS):
        transaction = ledger.owner.transaction()
        await transaction.start()
        try:
            kind = await _tamper(ledger.owner, dice, seal_rows, ids)
            if (await verifying.verify(ledger.owner, "toy", tmp_path, PUBLIC)).intact:
                missed.append((number, kind))
        finally:
            await transaction.rollback()
    assert missed == []
    assert (await verifying.verify(ledger.owner, "toy", tmp_path, PUBLIC)).intact, "none of it was left behind"


async def test_only_the_checkpoints_show_that_the_end_was_cut_off(ledger: Ledger, tmp_path: Path):
    for _ in range(3):
        await ledger.add(4)
        await ledger.seal()
    await ledger.checkpoint(tmp_path)
    await ledger.owner.execute("delete from audit where tx >= (select from_tx from audit_seals where place = 3)")
    await ledger.owner.execute("delete from audit_seals where place = 3")
    assert (await ledger.verdict()).intact
    assert [problem[:25] for problem in (await ledger.verdict(tmp_path)).problems] == ["the chain ends at seal 2;"]


async def test_a_checkpoint_is_signed_every_hour_when_something_was_sealed(ledger: Ledger, tmp_path: Path):
    await ledger.checkpoint(tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing was sealed yet"
    await ledger.add()
    await ledger.seal()
    await ledger.checkpoint(tmp_path)
    await ledger.add()
    await ledger.seal()
    await ledger.checkpoint(tmp_path)
    assert (await ledger.verdict(tmp_path)).checkpoints == 1, "not an hour later"
    await ledger.checkpoint(tmp_path, hours=1)
    await ledger.checkpoint(tmp_path, hours=2)
    verdict = await ledger.verdict(tmp_path)
    assert (verdict.problems, verdict.checkpoints) == ([], 2), "two hours later nothing was sealed since"


async def test_checkpoints_that_are_gone_damaged_or_somebody_elses_are_problems(ledger: Ledger, tmp_path: Path):
    await ledger.add()
    await ledger.seal()
    assert (await ledger.verdict(tmp_path)).problems == ["there is no signed checkpoint, although something was sealed"]
    await ledger.checkpoint(tmp_path)
    file = tmp_path / "toy.jsonl"
    right = file.read_text()
    file.write_text(right.replace('"place":1', '"place":2'))
    assert any("not signed with this key" in problem for problem in (await ledger.verdict(tmp_path)).problems)
    file.write_text("{}\n")
    assert not (await ledger.verdict(tmp_path)).intact
    file.write_text(right)
    assert (await ledger.verdict(tmp_path)).intact


async def test_an_entry_that_met_the_making_of_its_month_passes_when_it_is_tried_again(ledger: Ledger, databases: Databases):
    clerk = await asyncpg.connect(ledger.dsn)
    making = ledger.owner.transaction()
    await making.start()
    await seals.keep_partitions(ledger.owner, NOW.date())
    adding = asyncio.create_task(entries.append(clerk, [an_entry()], NOW))
    await eventually(
        lambda: ledger.app.fetchval("select count(*) from pg_locks where not granted and relation = 'audit_default'::regclass")
    )
    await making.commit()
    with pytest.raises(asyncpg.CheckViolationError) as met:
        await adding
    assert db.was_undone(met.value)
    await entries.append(clerk, [an_entry()], NOW)
    assert await ledger.owner.fetchval("select count(*) from audit_202611") == 1
    await clerk.close()


async def test_a_service_at_work_seals_and_signs_and_one_sealer_of_two_works(ledger: Ledger, tmp_path: Path):
    kernels = [Kernel(Service("toy", tmp_path), a_toy(ledger.dsn, tmp_path)) for _ in range(2)]

    async def written() -> bool:
        return (tmp_path / "toy.jsonl").exists()

    await ledger.add(7)
    tasks = [asyncio.create_task(Sealer(kernel).run()) for kernel in kernels]
    try:
        await eventually(written)
        verdict = await ledger.verdict(tmp_path)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    assert (verdict.problems, verdict.entries + verdict.unsealed, verdict.checkpoints) == ([], 7, 1)
