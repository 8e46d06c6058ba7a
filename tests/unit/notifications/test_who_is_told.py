"""Who hears what, as one table; and who hears nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.messages import domain
from services.notifications.messages.domain import Book, Message, Reach
from shared.events import coordination
from shared.ids import pseudonym
from shared.working_time import BRUSSELS
from tests.unit.notifications import builders
from tests.unit.notifications.builders import ZONE, of_a_case, received

SENDER, COORDINATOR, LEAD, INTAKE, PRIVACY_OFFICER, MEMBER = (uuid4() for _ in range(6))
REACHED = Reach(language="fr", has_email=True, wants_email=True, active=True)


def a_book(**changes: Any) -> Book:
    return Book(
        dict.fromkeys((SENDER, COORDINATOR, LEAD, INTAKE, PRIVACY_OFFICER, MEMBER), REACHED),
        **({"intake_of": {ZONE: [INTAKE]}, "leads_of": {ZONE: [LEAD]}, "privacy_officers": [PRIVACY_OFFICER]} | changes),
    )


def told(event: Any, book: Book | None = None) -> list[Message]:
    return domain.tell(book or a_book(), received(event), domain.addressees(event))


def whom_and_what(event: Any) -> list[tuple[UUID, str, str]]:
    return [(message.recipient_id, message.role, message.kind) for message in told(event)]


def test_who_covers_hears_once_of_all_cases_of_a_leave_by_its_days_and_once_that_it_ended() -> None:
    days = {"starts_at": datetime(2026, 12, 21, tzinfo=BRUSSELS), "ends_at": datetime(2027, 1, 3, tzinfo=BRUSSELS)}
    who = {"leave_id": uuid4(), "coordinator_id": uuid4(), "cover_id": COORDINATOR, "zone": ZONE}
    for cases, kind in (((uuid4(), uuid4()), "covering"), ((), "cover_ended")):
        (message,) = told(coordination.CasesCovered(**days, **who, case_ids=cases))
        assert (message.recipient_id, message.role, message.kind, message.state) == (COORDINATOR, "cover", kind, "waiting")
        assert (message.reference, message.referral_id, message.case_id, message.person) == ("21/12/2026 – 02/01/2027", None, None, None)
        assert domain.page(message.role, message.kind, None, None) == "/coordination/day"


LINKS = (builders.a_link(SENDER),)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (builders.referral_accepted(sender_id=SENDER), [(SENDER, "sender", "received")]),
        (builders.referral_refused(sender_id=SENDER), [(SENDER, "sender", "not_eligible")]),
        (builders.information_needed(sender_id=SENDER), [(SENDER, "sender", "information_needed")]),
        (builders.check_requested(sender_id=SENDER), [(INTAKE, "zone_intake", "check")]),
        (builders.glass_broken(), [(PRIVACY_OFFICER, "privacy_officer", "glass_broken")]),
        (of_a_case(coordination.CaseOffered, referrals=LINKS, coordinator_id=COORDINATOR), [(COORDINATOR, "coordinator", "offered")]),
        (of_a_case(coordination.CaseWaiting, referrals=LINKS, owner_id=LEAD), [(LEAD, "owner", "waiting")]),
        (of_a_case(coordination.CaseWaiting, referrals=LINKS, owner_id=None), [(LEAD, "owner", "waiting")]),
        (of_a_case(coordination.CaseAssigned, referrals=LINKS, coordinator_id=COORDINATOR), [(SENDER, "sender", "assigned")]),
        (of_a_case(coordination.OfferEnded, referrals=LINKS, coordinator_id=COORDINATOR), [(COORDINATOR, "coordinator", "offer_ended")]),
        (of_a_case(coordination.OfferEnded, end="withdrawn", coordinator_id=COORDINATOR), [(COORDINATOR, "coordinator", "offer_ended")]),
        (of_a_case(coordination.OfferEnded, end="declined", coordinator_id=COORDINATOR), []),
        (of_a_case(coordination.CaseReturned, referrals=LINKS), [(INTAKE, "zone_intake", "returned")]),
        (
            of_a_case(coordination.CaseClosed, referrals=LINKS, coordinator_id=COORDINATOR),
            [(SENDER, "sender", "closed"), (COORDINATOR, "coordinator", "closed")],
        ),
        (of_a_case(coordination.CaseClosed, referrals=LINKS, coordinator_id=None), [(SENDER, "sender", "closed")]),
        (
            of_a_case(coordination.InformationNoted, referrals=LINKS, coordinator_id=COORDINATOR, owner_id=None),
            [(COORDINATOR, "coordinator", "information_added")],
        ),
        (
            of_a_case(coordination.InformationNoted, referrals=LINKS, coordinator_id=None, owner_id=INTAKE),
            [(INTAKE, "owner", "information_added")],
        ),
        (
            of_a_case(coordination.InformationNoted, referrals=LINKS, coordinator_id=None, owner_id=None),
            [(LEAD, "owner", "information_added")],
        ),
        (of_a_case(coordination.CareTeamJoined, referrals=LINKS, member_id=MEMBER), [(MEMBER, "member", "team_joined")]),
        (
            of_a_case(coordination.SharingStopped, referrals=LINKS, reason="erased", coordinator_id=COORDINATOR),
            [(COORDINATOR, "coordinator", "sharing_stopped")],
        ),
        (of_a_case(coordination.SharingStopped, referrals=LINKS, reason="consent_withdrawn", coordinator_id=None), []),
        (of_a_case(coordination.InformationMissed, referrals=LINKS), [(SENDER, "sender", "information_missed")]),
        (of_a_case(coordination.ReferralJoined, referrals=LINKS, status="assigned"), [(SENDER, "sender", "assigned")]),
        (of_a_case(coordination.ReferralJoined, referrals=LINKS, status="offered"), []),
        (of_a_case(coordination.ReferralJoined, referrals=LINKS, status="waiting"), []),
    ],
)
def test_who_hears_what(event: Any, expected: list[tuple[UUID, str, str]]) -> None:
    assert whom_and_what(event) == expected


def test_every_event_that_is_told_is_in_the_table_above() -> None:
    tested = {type(mark[0]) for mark in test_who_hears_what.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tested | {coordination.CasesCovered} == set(domain.TOLD)


def test_every_sender_of_a_case_hears_of_the_own_referral() -> None:
    first, second = builders.a_link(reference="ZS-1"), builders.a_link(reference="ZS-2")
    messages = told(of_a_case(coordination.CaseAssigned, referrals=(first, second)))
    assert {(m.recipient_id, m.referral_id, m.reference) for m in messages} == {
        (first.sender_id, first.referral_id, "ZS-1"),
        (second.sender_id, second.referral_id, "ZS-2"),
    }


def test_a_sender_of_two_referrals_of_a_case_hears_once_of_the_newest() -> None:
    messages = told(of_a_case(coordination.CaseAssigned, referrals=(builders.a_link(SENDER, "ZS-1"), builders.a_link(SENDER, "ZS-2"))))
    assert [(m.recipient_id, m.reference) for m in messages] == [(SENDER, "ZS-2")]


def test_who_is_sender_and_coordinator_hears_once() -> None:
    assert len(told(of_a_case(coordination.CaseClosed, referrals=(builders.a_link(SENDER),), coordinator_id=SENDER))) == 1


def test_workers_know_a_case_by_its_own_reference() -> None:
    (message,) = told(of_a_case(coordination.CaseOffered, referrals=LINKS, coordinator_id=COORDINATOR))
    assert (message.reference, message.referral_id) == ("D-2026-0001", LINKS[0].referral_id)


def test_the_zone_lead_answers_where_nobody_does_intake() -> None:
    messages = told(builders.check_requested(), a_book(intake_of={}))
    assert [message.recipient_id for message in messages] == [LEAD]


def test_a_zone_with_nobody_leaves_a_record_that_says_so() -> None:
    (message,) = told(builders.check_requested(), Book())
    assert (message.recipient_id, message.state, message.reason) == (domain.nobody(ZONE), "failed", "unreachable")


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        (REACHED, ("waiting", None)),
        (None, ("failed", "unreachable")),
        (REACHED._replace(has_email=False), ("failed", "unreachable")),
        (REACHED._replace(active=False), ("failed", "unreachable")),
        (REACHED._replace(wants_email=False), ("skipped", "not_wanted")),
    ],
)
def test_how_a_record_starts(reach: Reach | None, expected: tuple[str, str | None]) -> None:
    (message,) = told(builders.referral_accepted(sender_id=SENDER), Book({SENDER: reach} if reach else {}))
    assert (message.state, message.reason) == expected
    assert [event.reason for event in domain.failures([message])] == (["unreachable"] if expected[0] == "failed" else [])


def test_a_record_is_the_same_whenever_its_event_comes_again() -> None:
    again = received(builders.referral_accepted(sender_id=SENDER))
    addressed = domain.addressees(again.event)
    assert domain.tell(a_book(), again, addressed) == domain.tell(a_book(), again, addressed)


def test_a_message_is_in_the_recipients_language() -> None:
    assert told(builders.referral_accepted(sender_id=SENDER))[0].language == "fr"


@pytest.mark.parametrize("event", [builders.referral_accepted(sender_id=SENDER), builders.referral_refused(sender_id=SENDER)])
def test_the_programme_is_in_no_record(event: Any) -> None:
    assert event.programme not in repr(told(event))


@pytest.mark.parametrize(
    ("role", "kind", "path"),
    [
        ("sender", "received", "/intake/referrals/R"),
        ("sender", "closed", "/intake/referrals/R"),
        ("coordinator", "offered", "/coordination/day"),
        ("coordinator", "closed", "/coordination/cases/C"),
        ("owner", "waiting", "/coordination/cases/C"),
        ("coordinator", "information_added", "/coordination/cases/C"),
        ("owner", "information_added", "/coordination/cases/C"),
        ("sender", "information_missed", "/intake/referrals/R"),
        ("zone_intake", "check", "/intake/referrals/R"),
        ("zone_intake", "returned", "/intake/referrals/R"),
    ],
)
def test_where_a_message_leads(role: str, kind: str, path: str) -> None:
    assert domain.page(role, kind, "R", "C") == path  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "event", [builders.referral_accepted(sender_id=SENDER), of_a_case(coordination.CaseClosed, coordinator_id=COORDINATOR)]
)
def test_without_consent_every_message_is_recorded_and_none_is_sent(event: Any) -> None:
    messages = told(event, a_book(stopped={pseudonym(event.person_id): "consent_withdrawn"}))
    assert {(message.state, message.reason) for message in messages} == {("skipped", "consent_withdrawn")}


def test_about_who_was_erased_nothing_is_recorded() -> None:
    event = builders.referral_accepted(sender_id=SENDER)
    assert told(event, a_book(stopped={pseudonym(event.person_id): "erased"})) == []


@pytest.mark.parametrize(("reason", "referral_kept"), [("consent_withdrawn", True), ("erased", False)])
def test_only_that_it_stopped_is_told_still(reason: str, referral_kept: bool) -> None:
    event = of_a_case(coordination.SharingStopped, reason=reason, coordinator_id=COORDINATOR)
    (message,) = told(event, a_book(stopped={pseudonym(event.person_id): reason}))
    assert (message.recipient_id, message.state, message.kind) == (COORDINATOR, "waiting", "sharing_stopped")
    assert (message.referral_id is not None, message.person is not None) == (referral_kept, referral_kept)
