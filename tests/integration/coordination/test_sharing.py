"""Consent withdrawn and persons erased, on a real database."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.coordination.additions import handlers as additions
from services.coordination.cases import handlers as cases
from services.coordination.sharing import handlers
from shared.events.intake import ConsentGiven, ConsentWithdrawn, InformationAdded, PersonErased
from shared.ids import pseudonym
from shared.items import Due, PersonEvent, Received
from tests.integration.coordination.rig import Office
from tests.integration.coordination.test_acts import CASES, an_assigned_case, posted, the_case
from tests.unit.coordination.builders import a_lead, a_referral, a_worker

TABLES = ("cases", "case_referrals", "case_additions", "case_tasks", "offers", "decision_cards", "timers", "event_log", "parked", "outbox")


def heard(office: Office, event: PersonEvent) -> Received[Any]:
    return Received(uuid4(), office.clock(), uuid4(), event)


async def erase(office: Office, person: UUID) -> None:
    await office.kernel.transact(handlers.on_person_erased, [heard(office, PersonErased(person_id=person, referral_ids=()))])


async def types(office: Office) -> list[str]:
    return [row["type"].split(".")[1] for row in await office.rows("select type from outbox order by id")]


async def published(office: Office) -> None:
    async with office.kernel.transaction() as tx:
        await tx.execute(
            """with gone as (delete from outbox returning *)
               insert into event_log (id, event_id, type, key, correlation_id, causation_id, recorded_at, payload)
               select id, event_id, type, key, correlation_id, causation_id, recorded_at, payload from gone"""
        )


async def everywhere(office: Office) -> str:
    rows = [row for table in TABLES for row in await office.rows(f"select * from {table}")]
    return "\n".join(str(dict(row)) for row in rows)


async def test_a_held_case_ends_under_a_pseudonym_and_nothing_leads_back(office: Office) -> None:
    worker, person, referral = a_worker(), uuid4(), uuid4()
    await office.hire(worker, a_lead())
    case = await an_assigned_case(office, worker, person_id=person, referral_id=referral, reference="OM-26-1947-K", household_id=uuid4())
    await published(office)
    await erase(office, person)
    (stopped, closed, confirmed) = await office.rows("select type, payload from outbox order by id")
    assert [row["type"].split(".")[1] for row in (stopped, closed, confirmed)] == ["sharing_stopped", "case_closed", "person_erased"]
    assert str(worker.id) in stopped["payload"].decode()
    assert str(referral) in confirmed["payload"].decode()
    row = await the_case(office)
    assert (row["id"], row["person_id"], row["status"], row["outcome"]) == (case, pseudonym(person), "closed", "erased")
    assert (row["household_id"], row["nis"], row["languages"], row["needs"], row["caring_organisations"]) == (None, "", [], [], [])
    assert await office.miscounted() == []
    entries = await office.rows("select person_id, case_id, zone from audit where action = 'sharing.on_person_erased'")
    assert [tuple(row.values()) for row in entries] == [(pseudonym(person), case, row["zone"])]

    await published(office)
    (timer,) = await office.rows("select * from timers")
    assert timer["kind"] == handlers.FORGET_AGAIN
    await office.kernel.transact(handlers.forget_again, [Due(timer["id"], timer["subject"], timer["due_at"], uuid4())])
    async with office.kernel.transaction() as tx:  # as the kernel does with a timer that was handled
        await tx.execute("delete from timers")
    left = await everywhere(office)
    assert "OM-26-1947-K" not in left
    keys = await office.value("select count(*) from event_log where key = $1 and payload = ''", person)
    assert left.count(str(person)) == keys  # the ids of published events stay, and nothing else


async def test_erased_twice_it_is_confirmed_twice_and_nothing_else_happens(office: Office) -> None:
    worker, person = a_worker(), uuid4()
    await office.hire(worker, a_lead())
    await office.receive(1, person_id=person)
    await erase(office, person)
    before = await the_case(office)
    await erase(office, person)
    assert await the_case(office) == before
    told = await office.rows("select payload from outbox where type = 'coordination.person_erased.v1'")
    assert len(told) == 2
    assert told[0] == told[1], "the same referrals were here"


async def test_cases_under_a_former_id_of_the_person_go_too(office: Office) -> None:
    worker, gone, open_, stays = a_worker(), uuid4(), uuid4(), uuid4()
    await office.hire(worker, a_lead())
    case = await an_assigned_case(office, worker, person_id=gone, reference="OM-26-1947-K", household_id=uuid4())
    await posted(office, worker, "coordinator", f"{CASES}/{case}/close", outcome="moved")
    await office.receive(1, person_id=open_, reference="OM-26-1948-L")
    await published(office)
    event = PersonErased(person_id=stays, referral_ids=(), former_ids=(gone, open_))
    await office.kernel.transact(handlers.on_person_erased, [heard(office, event)])
    rows = await office.rows("select person_id, status, outcome, nis from cases")
    assert {row["person_id"]: tuple(row.values())[1:] for row in rows} == {
        pseudonym(gone): ("closed", "moved", ""),
        pseudonym(open_): ("closed", "erased", ""),
    }
    (confirmed,) = await office.rows("select key, payload from outbox where type = 'coordination.person_erased.v1'")
    referrals = await office.rows("select referral_id from case_referrals")
    assert confirmed["key"] == stays
    assert all(str(row["referral_id"]) in confirmed["payload"].decode() for row in referrals)
    timers = await office.rows("select subject from timers where kind = $1", handlers.FORGET_AGAIN)
    assert {row["subject"] for row in timers} == {gone, open_, stays}
    assert await office.value("select count(*) from event_log where key in ($1, $2) and payload <> ''", gone, open_) == 0
    assert "OM-26-194" not in await everywhere(office)
    assert await office.miscounted() == []


async def test_an_erased_case_is_counted_as_erased(office: Office) -> None:
    await office.hire(a_worker(), a_lead())
    person = uuid4()
    await office.receive(1, person_id=person)
    await erase(office, person)
    async with office.asking(a_lead(), "ops") as ops:
        counted = (await ops.get("/coordination/api/counts", params={"states": "erased"})).json()
    assert ({state: each["count"] for state, each in counted["states"].items()}, len(counted["ids"]["erased"])) == ({"erased": 1}, 1)


async def test_what_is_parked_about_an_erased_person_never_happens(office: Office) -> None:
    person, other = uuid4(), uuid4()
    async with office.kernel.transaction() as tx:
        for key in (person, other):
            await tx.execute(
                """insert into parked (event_id, type, key, topic, partition, log_offset, headers, value, state, reason, parked_at, changed_at)
                   values ($1, 'intake.referral_accepted.v1', $2, 't', 0, 0, '{"key": "00"}', 'secret', 'stopped', 'x', now(), now())""",
                uuid4(),
                key,
            )
    await erase(office, person)
    rows = {row["key"]: (row["state"], row["value"], row["headers"]) for row in await office.rows("select * from parked")}
    assert rows == {person: ("discarded", None, "{}"), other: ("stopped", b"secret", '{"key": "00"}')}


async def test_without_consent_who_holds_the_case_reads_so_and_an_offer_is_gone(office: Office) -> None:
    worker, held, offered = a_worker(), uuid4(), uuid4()
    await office.hire(worker, a_lead())
    case = await an_assigned_case(office, worker, person_id=held)
    await office.receive(1, person_id=offered)
    assert len(await office.offers_to(worker)) == 1
    for person in (held, offered):
        event = ConsentWithdrawn(person_id=person, referral_ids=())
        await office.kernel.transact(handlers.on_consent_withdrawn, [heard(office, event)])
    assert await office.offers_to(worker) == []
    states = {row["person_id"]: (row["status"], row["outcome"]) for row in await office.rows("select * from cases")}
    assert states == {held: ("assigned", None), offered: ("closed", "consent_withdrawn")}
    assert (await types(office)).count("sharing_stopped") == 2
    entries = await office.rows("select person_id, case_id from audit where action = 'sharing.on_consent_withdrawn'")
    assert {row["person_id"]: row["case_id"] for row in entries} == {
        row["person_id"]: row["id"] for row in await office.rows("select * from cases")
    }
    async with office.asking(worker, "coordinator") as client:
        assert "De persoon trok de toestemming in" in (await client.get(f"/coordination/cases/{case}")).text
    await office.kernel.transact(handlers.on_consent_given, [heard(office, ConsentGiven(person_id=held))])
    async with office.asking(worker, "coordinator") as client:
        assert "De persoon trok de toestemming in" not in (await client.get(f"/coordination/cases/{case}")).text
        refused = await client.post(f"{CASES}/{case}/close", json={"outcome": "erased"})
        assert refused.status_code == 422


async def test_what_comes_late_about_an_erased_person_has_no_effect_and_is_counted(office: Office) -> None:
    worker, person, former, other, referral = a_worker(), uuid4(), uuid4(), uuid4(), uuid4()
    await office.hire(worker, a_lead())
    await an_assigned_case(office, worker, person_id=former, referral_id=referral, reference="OM-26-1947-K")
    await office.kernel.transact(
        handlers.on_person_erased, [heard(office, PersonErased(person_id=person, referral_ids=(), former_ids=(former,)))]
    )
    await published(office)
    before = [dict(row) for row in await office.rows("select * from cases")]
    late = [a_referral(person_id=id, reference="OM-26-1947-K") for id in (person, former, other, former)]
    await office.kernel.transact(cases.on_referral_accepted, [heard(office, event) for event in late])
    added = InformationAdded(person_id=former, referral_id=referral, record_id=uuid4())
    await office.kernel.transact(additions.on_information_added, [heard(office, added)])
    rows = [dict(row) for row in await office.rows("select * from cases order by opened_at, id")]
    assert [row for row in rows if row["person_id"] != other] == before
    assert [row["person_id"] for row in rows if row not in before] == [other]
    assert await office.rows("select * from case_additions") == []
    assert await types(office) == ["case_offered"]
    counted = await office.rows("select person, discarded from erased")
    assert {row["person"]: row["discarded"] for row in counted} == {pseudonym(person): 1, pseudonym(former): 3}
    entries = await office.rows("select person_id, subject_id from audit where outcome = 'erased' order by id")
    expected = [(pseudonym(event.person_id), event.referral_id) for event in late if event.person_id != other]
    assert [tuple(row) for row in entries] == [*expected, (pseudonym(former), referral)]


async def test_a_case_that_opened_in_the_moment_of_erasing_goes_when_looked_at_again(office: Office) -> None:
    worker, person = a_worker(), uuid4()
    await office.hire(worker, a_lead())
    await office.receive(1, person_id=person, reference="OM-26-1947-K")  # its transaction did not see that of the erasure
    again = Due(uuid4(), person, office.clock(), uuid4())
    (decision,) = await office.kernel.transact(handlers.forget_again, [again])
    assert [timer.subject for timer in decision.timers] == [person], "what is published of its end has to be emptied too"
    row = await the_case(office)
    assert (row["person_id"], row["status"], row["outcome"]) == (pseudonym(person), "closed", "erased")
    assert await office.miscounted() == []
    (decision,) = await office.kernel.transact(handlers.forget_again, [again])
    assert decision.timers == ()
