"""The care team of a case: providers of the directory, each with a care role, added and taken out by who coordinates. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.coordination.cases.domain import HELD, Case
from services.coordination.cases.steps import NOT_FOUND, in_other_state
from services.coordination.offers.domain import Book, refused
from services.coordination.team.roles import ROLES
from shared.access.rules import Action, Asking
from shared.events.coordination import CareTeamJoined, CareTeamLeft, Part
from shared.ids import derived_id
from shared.items import Decision, Refusal, Shelf


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a care team, by their id in the directory. `sees`: the parts of the person that the role needed when they joined."""

    id: UUID
    case_id: UUID
    member_id: UUID
    organisation_id: UUID | None
    care_role: str
    sees: tuple[Part, ...]
    joined_at: datetime
    joined_by: UUID
    left_at: datetime | None = None
    left_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class AddMember:
    """Somebody of the directory comes into the care team. `id` follows from nothing: a new one for every time it is asked."""

    id: UUID
    case_id: UUID
    by: Asking
    member_id: UUID
    organisation_id: UUID | None
    care_role: str


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Somebody leaves the care team."""

    id: UUID
    case_id: UUID
    by: Asking
    member_id: UUID


@dataclass(slots=True)
class CareTeams:
    """The care teams of a batch's cases: who is in one now, and the cases of which nothing may be shared."""

    members: Shelf[Member] = field(default_factory=Shelf)
    without_consent: frozenset[UUID] = frozenset()

    def member(self, case_id: UUID, member_id: UUID) -> Member | None:
        """Who is in this team now, by their id in the directory."""
        return next((each for each in self.of(case_id) if each.member_id == member_id), None)

    def of(self, case_id: UUID) -> Iterable[Member]:
        return (each for each in self.members if each.case_id == case_id and each.left_at is None)


def add(book: Book, teams: CareTeams, item: AddMember) -> Decision:
    """From now on the member sees what the role needs, as long as the case is open and there is consent; they are told once."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.ARRANGE_TEAM, case):
        return refused(NOT_FOUND)
    if refusal := _refused(case, teams, item):
        return refused(refusal)
    sees = ROLES[item.care_role].sees
    id = derived_id(item.id, item.member_id, "care_team")
    teams.members.put(Member(id, case.id, item.member_id, item.organisation_id, item.care_role, sees, book.now, item.by.id))
    joined = CareTeamJoined(**case.head(), member_id=item.member_id, care_role=item.care_role, sees=sees)
    return Decision(answer_of(case, item.member_id), (joined,))


def _refused(case: Case, teams: CareTeams, item: AddMember) -> Refusal | None:
    if case.status not in HELD:
        return in_other_state(case)
    if case.id in teams.without_consent:
        return Refusal("no_consent")
    if item.care_role not in ROLES:
        return Refusal("unknown_care_role", 422, field="care_role")
    if item.member_id == case.coordinator_id:
        return Refusal("is_coordinator", 422, field="member_id")
    if teams.member(case.id, item.member_id):
        return Refusal("already_in_team", 422, field="member_id")
    return None


def remove(book: Book, teams: CareTeams, item: RemoveMember) -> Decision:
    """From now on they see nothing of the person or the case. Whoever is out already stays out."""
    case = book.cases.get(item.case_id)
    if case is None or not book.may(item.by, Action.ARRANGE_TEAM, case):
        return refused(NOT_FOUND)
    if not case.is_open:
        return refused(in_other_state(case))
    member = teams.member(case.id, item.member_id)
    if member is None:
        return Decision(answer_of(case, item.member_id))
    teams.members.put(replace(member, left_at=book.now, left_by=item.by.id))
    return Decision(answer_of(case, item.member_id), (CareTeamLeft(**case.head(), member_id=item.member_id),))


def answer_of(case: Case, member_id: UUID) -> dict[str, Any]:
    """What who changed a care team gets back."""
    return {"case_id": str(case.id), "reference": case.reference, "member_id": str(member_id)}
