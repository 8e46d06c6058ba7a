"""Telling nothing more: after consent was withdrawn, after a person was erased, and past the period."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.notifications.delivery import handlers as delivery
from services.notifications.retention.handlers import RULES
from services.notifications.sharing import handlers
from shared.events import coordination
from shared.events.intake import ConsentGiven, ConsentWithdrawn, HoldSet, PersonErased
from shared.ids import pseudonym
from shared.retention import holds
from shared.retention.nights import at_once
from tests.integration.notifications.rig import House
from tests.integration.notifications.sink import Sink
from tests.unit.notifications import builders
from tests.unit.notifications.builders import of_a_case, received


async def told(house: House, person: UUID, **changes: Any) -> tuple[UUID, UUID]:
    """A referral of a person, and its case, with a message each; their ids."""
    event = builders.referral_accepted(person_id=person, sender_id=await house.contact(), **changes)
    link = coordination.ReferralLink(referral_id=event.referral_id, reference=event.reference, sender_id=event.sender_id)
    offered = of_a_case(coordination.CaseOffered, person_id=person, referrals=(link,), coordinator_id=await house.contact())
    await house.record(received(event), received(offered))
    return event.referral_id, offered.case_id


async def states(house: House) -> dict[str, tuple[str, str | None]]:
    return {row["kind"]: (row["state"], row["reason"]) for row in await house.rows()}


async def withdraw(house: House, person: UUID, referral: UUID, case: UUID) -> None:
    event = ConsentWithdrawn(person_id=person, referral_ids=(referral,), case_ids=(case,))
    await house.kernel.transact(handlers.on_consent_withdrawn, [received(event)])


async def test_what_waits_is_skipped_what_comes_is_skipped_and_only_the_stop_goes_out(house: House, sink: Sink) -> None:
    person = uuid4()
    referral, case = await told(house, person)
    await told(house, uuid4())
    await withdraw(house, person, referral, case)
    stop = of_a_case(
        coordination.SharingStopped, person_id=person, case_id=case, reason="consent_withdrawn", coordinator_id=await house.contact()
    )
    await house.record(received(of_a_case(coordination.CaseClosed, person_id=person, case_id=case)), received(stop))
    await house.round()
    mine = await house.rows("select kind, state, reason from messages where case_id = $1 or referral_id = $2", case, referral)
    assert {tuple(row) for row in mine} == {
        ("received", "skipped", "consent_withdrawn"),
        ("offered", "skipped", "consent_withdrawn"),
        ("closed", "skipped", "consent_withdrawn"),
        ("sharing_stopped", "delivered", None),
    }
    assert len(sink.mails) == 3  # that it stopped, and the two about somebody else
    assert [mail["Subject"] for mail in sink.mails if "gedeeld" in mail["Subject"]] == [
        f"Er wordt niets meer gedeeld: dossier {stop.case_reference}"
    ]


async def test_a_skipped_message_is_not_sent_by_hand_either(house: House) -> None:
    person = uuid4()
    await withdraw(house, person, *await told(house, person))
    for row in await house.rows():
        decision = (await house.kernel.transact(delivery.send_again, [delivery.SendAgain(row["id"])]))[0]
        assert decision.refusal is not None
        assert decision.refusal.code == "message_stopped"


async def test_with_consent_again_people_hear_of_what_comes(house: House) -> None:
    person = uuid4()
    await withdraw(house, person, *await told(house, person))
    await house.kernel.transact(handlers.on_consent_given, [received(ConsentGiven(person_id=person))])
    await house.record(received(builders.referral_refused(person_id=person, sender_id=await house.contact())))
    assert (await states(house))["not_eligible"] == ("waiting", None)


async def test_an_erased_person_is_in_no_message_and_none_follows(house: House) -> None:
    person, other = uuid4(), uuid4()
    referral, case = await told(house, person, reference="OM-26-1947-K")
    await told(house, other, reference="OM-26-2000-X")
    await house.round()
    await told(house, person, reference="OM-26-1947-K", referral_id=referral)
    event = PersonErased(person_id=person, referral_ids=(referral,), case_ids=(case,))
    await house.kernel.transact(handlers.on_person_erased, [received(event)])
    stop = of_a_case(coordination.SharingStopped, person_id=person, reason="erased", coordinator_id=await house.contact())
    await house.record(
        received(builders.referral_accepted(person_id=person)),
        received(of_a_case(coordination.CaseClosed, person_id=person)),
        received(stop),
    )
    (entry,) = await house.rows("select person_id, actor_id from audit where action = 'sharing.on_person_erased'")
    assert tuple(entry) == (pseudonym(person), None)
    rows = "\n".join(str(dict(row)) for row in await house.rows())
    for trace in (person, referral, case, "OM-26-1947-K"):
        assert str(trace) not in rows
    assert "OM-26-2000-X" in rows
    assert (await house.announced())[-1] == "notifications.person_erased.v1"
    waiting = await house.rows("select kind from messages where state = 'waiting'")
    assert [row["kind"] for row in waiting] == ["sharing_stopped"]


async def test_messages_about_a_former_id_of_the_person_go_too(house: House) -> None:
    gone, stays = uuid4(), uuid4()
    referral, case = await told(house, gone, reference="OM-26-1947-K")
    await house.kernel.transact(handlers.on_person_erased, [received(PersonErased(person_id=stays, referral_ids=(), former_ids=(gone,)))])
    await house.record(received(builders.referral_accepted(person_id=gone, reference="OM-26-1947-K")))
    rows = "\n".join(str(dict(row)) for row in await house.rows())
    for trace in (gone, pseudonym(gone), referral, case, "OM-26-1947-K"):
        assert str(trace) not in rows
    stopped = await house.rows("select person from stops where reason = 'erased'")
    assert {row["person"] for row in stopped} == {pseudonym(gone), pseudonym(stays)}
    timers = await house.rows("select subject from timers where kind = $1", handlers.FORGET_AGAIN)
    assert {row["subject"] for row in timers} == {gone, stays}


async def test_messages_past_their_period_keep_what_the_count_needs_but_those_of_the_held(house: House) -> None:
    held = uuid4()
    await told(house, uuid4())
    await told(house, held)
    await house.kernel.transact(holds.on_hold_set, [received(HoldSet(person_id=held))])
    await house.round()
    house.clock.forward(days=365)
    await house.kernel.transact(at_once(RULES), [None])
    assert {row["reference"] != "" for row in await house.rows()} == {True}
    house.clock.forward(minutes=1)
    await house.kernel.transact(at_once(RULES), [None])
    rows = await house.rows(
        "select kind, reference, referral_id is not null as counted, case_id from messages order by reference, kind desc"
    )
    assert [tuple(row) for row in rows[:2]] == [("received", "", True, None), ("offered", "", False, None)]
    assert all(row["reference"] for row in rows[2:])
