"""Who comes into the care team of a case, who leaves it, and what is told of that."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.coordination.cases import steps
from services.coordination.cases.domain import Case, Outcome
from services.coordination.cases.steps import CloseCase
from services.coordination.offers import answers
from services.coordination.offers.answers import AcceptOffer
from services.coordination.offers.domain import Book
from services.coordination.team import domain, roles
from services.coordination.team.domain import AddMember, CareTeams, RemoveMember
from shared.access.rules import Asking
from shared.events.coordination import CareTeamJoined, CareTeamLeft
from shared.items import Decision
from tests.unit.coordination.builders import a_book, a_worker, as_coordinator, as_lead, open_offer, receive

NURSE, HOLDER = uuid4(), uuid4()


def a_held_case() -> tuple[Book, Case]:
    book = a_book(a_worker(id=HOLDER))
    case, _ = receive(book)
    assert answers.accept(book, AcceptOffer(uuid4(), open_offer(book, case).id, as_coordinator(HOLDER))).refusal is None
    return book, case


def add(book: Book, teams: CareTeams, case: Case, **changes: Any) -> Decision:
    known = {"member_id": NURSE, "organisation_id": None, "care_role": "home_nursing", "by": as_coordinator(HOLDER)} | changes
    return domain.add(book, teams, AddMember(uuid4(), case.id, **known))


def remove(book: Book, teams: CareTeams, case: Case, by: Asking | None = None, member: UUID = NURSE) -> Decision:
    return domain.remove(book, teams, RemoveMember(uuid4(), case.id, by or as_coordinator(HOLDER), member))


def code(decision: Decision) -> str:
    assert decision.refusal is not None
    assert decision.events == ()
    return decision.refusal.code


def test_a_member_joins_with_what_the_role_needs_and_it_is_told_once() -> None:
    book, case = a_held_case()
    teams = CareTeams()
    (event,) = add(book, teams, case).events
    assert event == CareTeamJoined(**case.head(), member_id=NURSE, care_role="home_nursing", sees=("contact", "need"))
    (member,) = teams.members.changed()
    assert (member.member_id, member.sees, member.joined_by, member.joined_at, member.left_at) == (
        NURSE,
        ("contact", "need"),
        HOLDER,
        book.now,
        None,
    )
    assert code(add(book, teams, case)) == "already_in_team"


def test_who_left_is_told_of_once_and_may_come_back() -> None:
    book, case = a_held_case()
    teams = CareTeams()
    add(book, teams, case)
    assert remove(book, teams, case).events == (CareTeamLeft(**case.head(), member_id=NURSE),)
    again = remove(book, teams, case)
    assert (again.refusal, again.events) == (None, ())
    assert len(add(book, teams, case, care_role="pharmacist").events) == 1
    assert [(each.care_role, each.left_at) for each in teams.members] == [("home_nursing", book.now), ("pharmacist", None)]


def test_who_stands_in_for_the_coordinator_arranges_the_team_and_nobody_else_does() -> None:
    book, case = a_held_case()
    substitute, teams = uuid4(), CareTeams()
    for stranger in (as_coordinator(substitute), as_lead()):
        assert code(add(book, teams, case, by=stranger)) == "case_not_found"
        assert code(remove(book, teams, case, stranger)) == "case_not_found"
    book.covers = {case.id: frozenset({substitute})}
    assert add(book, teams, case, by=as_coordinator(substitute)).refusal is None
    assert remove(book, teams, case, as_coordinator(substitute)).refusal is None


def test_without_consent_nobody_comes_in_and_whoever_is_in_can_leave() -> None:
    book, case = a_held_case()
    teams = CareTeams()
    add(book, teams, case)
    teams.without_consent = frozenset({case.id})
    assert code(add(book, teams, case, member_id=uuid4())) == "no_consent"
    assert len(remove(book, teams, case).events) == 1


@pytest.mark.parametrize(
    ("changes", "refused"), [({"care_role": "astrologer"}, "unknown_care_role"), ({"member_id": HOLDER}, "is_coordinator")]
)
def test_what_cannot_be_added_is_said_of_its_field(changes: dict[str, Any], refused: str) -> None:
    book, case = a_held_case()
    decision = add(book, CareTeams(), case, **changes)
    assert code(decision) == refused
    assert decision.refusal is not None
    assert decision.refusal.field == next(iter(changes))


def test_only_a_case_that_somebody_holds_has_a_care_team() -> None:
    book = a_book(a_worker(id=HOLDER))
    case, _ = receive(book)
    assert code(add(book, CareTeams(), case)) == "case_not_found"  # offered: it is not held yet
    book, case = a_held_case()
    teams = CareTeams()
    add(book, teams, case)
    steps.close(book, CloseCase(uuid4(), case.id, as_coordinator(HOLDER), Outcome.GOALS_REACHED))
    assert code(add(book, teams, case, member_id=uuid4())) == "case_in_other_state"
    assert code(remove(book, teams, case)) == "case_in_other_state"


def test_every_role_has_a_word_in_every_language_and_sees_known_parts() -> None:
    assert {"general_practitioner", "midwife", "home_nursing", "social_work", "child_and_family", "school"} <= roles.ROLES.keys()
    for role in roles.ROLES.values():
        assert role.label.keys() == {"nl", "fr", "de", "en"}, role.code
    assert roles.ROLES["pharmacist"].sees == ()
    assert roles.named("gone_since", "nl") == "gone_since"
    with pytest.raises(roles.UnknownPart, match="x: diary"):
        roles.read_roles('[[role]]\ncode = "x"\nsees = ["diary"]\nlabel = { nl = "X" }')
