"""Who may do what: one function over one table of grants. What the table does not say is denied. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias
from uuid import UUID

SENDER, COORDINATOR, ZONE_LEAD, ZONE_INTAKE = "sender", "coordinator", "zone_lead", "zone_intake"
CARE_TEAM, OPS, PRIVACY_OFFICER = "care_team", "ops", "privacy_officer"
ROLES = (SENDER, COORDINATOR, ZONE_LEAD, ZONE_INTAKE, CARE_TEAM, OPS, PRIVACY_OFFICER)


class Action(StrEnum):
    """What can be done. Every route has one (`shared.access.routes`); several routes may share it."""

    OPEN = "open"  # the only action that takes no sign-in
    START = "start"
    HEAR_CHANGES = "hear_changes"  # that something changed, not what

    SEE_OWN_REFERRALS = "see_own_referrals"
    SEE_REFERRAL = "see_referral"
    WRITE_REFERRAL = "write_referral"  # drafts, and sending
    ASK_RULES = "ask_rules"
    CHANGE_REFERRAL = "change_referral"  # adding information, taking back
    ANSWER_CHECK = "answer_check"
    ANSWER_MATCH = "answer_match"
    SEE_PERSON = "see_person"
    SEE_OFFERED_SUMMARY = "see_offered_summary"
    BREAK_GLASS = "break_glass"
    SEE_BROKEN_GLASS = "see_broken_glass"
    SEE_CONSENT = "see_consent"
    WITHDRAW_CONSENT = "withdraw_consent"
    ERASE = "erase"  # persons, holds against it, and what is past its period
    SEE_KEPT = "see_kept"  # how much is past its period
    SEE_AUDIT = "see_audit"  # who did and saw what of whom, never what they saw
    SEE_ZONES = "see_zones"
    IMPORT_ZONES = "import_zones"

    SEE_CASE = "see_case"
    MOVE_CASE = "move_case"
    ARRANGE_INTERPRETER = "arrange_interpreter"
    ARRANGE_TEAM = "arrange_team"  # who is in the care team of a case
    SEE_TEAM = "see_team"  # the case as a member of its care team sees it
    SEE_DAY = "see_day"
    SEE_OFFERS = "see_offers"
    ANSWER_OFFER = "answer_offer"
    SEE_ZONE_BOARD = "see_zone_board"
    ASK_WHAT_IF = "ask_what_if"  # what would become of a zone's waiting, were something else
    DO_TASK = "do_task"
    SEE_WORKFORCE = "see_workforce"
    IMPORT_WORKFORCE = "import_workforce"
    NOTE_ABSENCE = "note_absence"

    SEE_MESSAGES = "see_messages"
    SEE_CONTACTS = "see_contacts"
    MOVE_CONTACTS = "move_contacts"  # files of the directory, in and out
    COUNT = "count"
    REPAIR = "repair"  # what is on its way or stuck, and messages that failed


class Relation(StrEnum):
    """What ties somebody to what is asked for. In the order in which one is named as the ground: the broken glass behind the others, and last
    the care team, which shows only what a role in it needs."""

    ROLE = "role"  # no tie is needed: the role is enough
    SELF = "self"  # it is about the one who asks
    OWN_ORGANISATION = "own_organisation"
    HOLDS = "holds"  # accepted the case
    OFFERED = "offered"  # is asked to take the case
    COVERS = "covers"  # looks after the case today for who holds it
    ZONE = "zone"
    TO_CHECK = "to_check"  # in the zone, and a human has to look at it or did
    GLASS = "glass"  # none of these: in an emergency, with a reason, for a few hours
    TEAM = "team"  # in the care team of an open case


Grants: TypeAlias = Mapping[str, frozenset[Relation]]


def _any(*relations: Relation) -> frozenset[Relation]:
    return frozenset(relations)


_ROLE, _SELF, _OWN = _any(Relation.ROLE), _any(Relation.SELF), _any(Relation.OWN_ORGANISATION)
_ZONE, _TO_CHECK, _GLASS = _any(Relation.ZONE), _any(Relation.TO_CHECK), _any(Relation.GLASS)
_HOLDS = _any(Relation.HOLDS, Relation.COVERS)
_TEAM, _OFFERED = _any(Relation.TEAM), _any(Relation.OFFERED)
_STAFF = dict.fromkeys((SENDER, COORDINATOR, ZONE_LEAD, ZONE_INTAKE, OPS), _ROLE)
_OPS: Grants = {OPS: _ROLE}

# Action → role → the relations of which one is enough.
GRANTS: Mapping[Action, Grants] = {
    Action.START: dict.fromkeys(ROLES, _ROLE),
    Action.HEAR_CHANGES: _STAFF | {CARE_TEAM: _ROLE},
    Action.SEE_OWN_REFERRALS: {SENDER: _OWN},
    Action.SEE_REFERRAL: {SENDER: _OWN, ZONE_LEAD: _ZONE | _GLASS, ZONE_INTAKE: _TO_CHECK | _GLASS, COORDINATOR: _GLASS},
    Action.WRITE_REFERRAL: {SENDER: _OWN},
    Action.ASK_RULES: {SENDER: _ROLE, ZONE_LEAD: _ROLE, ZONE_INTAKE: _ROLE},
    Action.CHANGE_REFERRAL: {SENDER: _OWN},
    Action.ANSWER_CHECK: {ZONE_LEAD: _ZONE, ZONE_INTAKE: _TO_CHECK},
    Action.ANSWER_MATCH: {ZONE_LEAD: _ZONE, ZONE_INTAKE: _TO_CHECK},
    Action.SEE_PERSON: {COORDINATOR: _HOLDS | _GLASS, ZONE_LEAD: _ZONE | _GLASS, ZONE_INTAKE: _GLASS, CARE_TEAM: _TEAM},
    Action.SEE_OFFERED_SUMMARY: {COORDINATOR: _OFFERED},
    Action.BREAK_GLASS: {COORDINATOR: _ROLE, ZONE_LEAD: _ROLE, ZONE_INTAKE: _ROLE},
    Action.SEE_BROKEN_GLASS: {PRIVACY_OFFICER: _ROLE},
    Action.SEE_CONSENT: {SENDER: _OWN, ZONE_LEAD: _ZONE, ZONE_INTAKE: _TO_CHECK, PRIVACY_OFFICER: _ROLE},
    Action.WITHDRAW_CONSENT: {SENDER: _OWN, ZONE_LEAD: _ZONE, ZONE_INTAKE: _TO_CHECK, PRIVACY_OFFICER: _ROLE},
    Action.ERASE: {PRIVACY_OFFICER: _ROLE},
    Action.SEE_KEPT: {PRIVACY_OFFICER: _ROLE, OPS: _ROLE},
    Action.SEE_AUDIT: {PRIVACY_OFFICER: _ROLE},
    Action.SEE_ZONES: _STAFF,
    Action.IMPORT_ZONES: _OPS,
    Action.SEE_CASE: {COORDINATOR: _HOLDS | _OFFERED, ZONE_LEAD: _ZONE, ZONE_INTAKE: _ZONE},
    Action.MOVE_CASE: {COORDINATOR: _HOLDS, ZONE_LEAD: _ZONE},
    Action.ARRANGE_INTERPRETER: {ZONE_LEAD: _ZONE},
    Action.ARRANGE_TEAM: {COORDINATOR: _HOLDS},
    Action.SEE_TEAM: {CARE_TEAM: _TEAM},
    Action.SEE_DAY: {COORDINATOR: _SELF},
    Action.SEE_OFFERS: {COORDINATOR: _SELF | _OFFERED, ZONE_LEAD: _SELF | _OFFERED | _ZONE, ZONE_INTAKE: _SELF | _OFFERED | _ZONE},
    Action.ANSWER_OFFER: {COORDINATOR: _OFFERED},
    Action.SEE_ZONE_BOARD: {ZONE_LEAD: _ZONE, ZONE_INTAKE: _ZONE},
    Action.ASK_WHAT_IF: {ZONE_LEAD: _ZONE},
    Action.DO_TASK: {ZONE_LEAD: _ZONE},
    Action.SEE_WORKFORCE: {COORDINATOR: _ZONE, ZONE_LEAD: _ZONE, ZONE_INTAKE: _ZONE},
    Action.IMPORT_WORKFORCE: {OPS: _ROLE, ZONE_LEAD: _ZONE},
    Action.NOTE_ABSENCE: {COORDINATOR: _SELF, ZONE_LEAD: _SELF | _ZONE, ZONE_INTAKE: _SELF},
    Action.SEE_MESSAGES: {SENDER: _SELF, COORDINATOR: _SELF, ZONE_LEAD: _SELF | _ZONE, ZONE_INTAKE: _SELF | _ZONE, OPS: _ROLE},
    Action.SEE_CONTACTS: _STAFF | {CARE_TEAM: _ROLE, PRIVACY_OFFICER: _ROLE},
    Action.MOVE_CONTACTS: _OPS,
    Action.COUNT: _OPS,
    Action.REPAIR: _OPS,
}

# Sharing what is known of a person stops when the consent that it rests on does. Without it go on: the sender with what they wrote, who holds the
# case, to end the care with the person, and a broken glass.
NEED_CONSENT = frozenset({Action.SEE_PERSON, Action.SEE_OFFERED_SUMMARY, Action.SEE_REFERRAL, Action.ANSWER_CHECK})
WITHOUT_CONSENT = frozenset({Relation.OWN_ORGANISATION, Relation.HOLDS, Relation.GLASS})

# What the machine of an organisation can be let do; its scopes are the names of these.
FOR_MACHINES = frozenset(
    {Action.WRITE_REFERRAL, Action.SEE_OWN_REFERRALS, Action.SEE_REFERRAL, Action.CHANGE_REFERRAL, Action.ASK_RULES, Action.SEE_ZONES}
)


def scope_of(action: Action) -> Action | None:
    """The scope that lets a machine do this; None: no machine may. Who may see a referral is told with it who coordinates."""
    scope = Action.SEE_REFERRAL if action is Action.SEE_CONTACTS else action
    return scope if scope in FOR_MACHINES else None


class Asking(Protocol):
    """Whoever asks, as far as the rules look at them."""

    @property
    def id(self) -> UUID: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def organisation_id(self) -> UUID | None: ...
    @property
    def zones(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who asks where there is no session: a deadline that carries on what somebody began."""

    id: UUID
    roles: frozenset[str]
    organisation_id: UUID | None = None
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a resource says of itself. A fact that a resource does not have ties nobody to it."""

    organisation_id: UUID | None = None  # who sent it
    zones: frozenset[str] = frozenset()
    to_check: bool = False
    holder_id: UUID | None = None
    offered_to: UUID | None = None
    covered_by: frozenset[UUID] = frozenset()  # who look after it today for the holder
    team: frozenset[UUID] = frozenset()  # who are in the care team, while the case is open
    subject_id: UUID | None = None
    glass: frozenset[UUID] = frozenset()  # who broke the glass and may still look
    consent: bool = True


NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes, on this ground."""

    relation: Relation

    def __bool__(self) -> Literal[True]:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """No: no role that may, no relation to it, or no consent. Only the first may be told; the others would say that there is something."""

    reason: Literal["role", "relation", "consent"]
    relation: None = None

    def __bool__(self) -> Literal[False]:
        return False


Ground: TypeAlias = Allowed | Denied


def may(actor: Asking, action: Action, facts: Facts = NOTHING) -> Ground:
    """Whether somebody may do this to a resource of which these are the facts, and on which ground."""
    if not admits(actor, action):
        return Denied("role")
    wanted, found = relations_for(actor, action), ties(actor, facts)
    held = [relation for relation in Relation if relation in wanted and relation in found]
    if not held:
        return Denied("relation")
    if action in NEED_CONSENT and not facts.consent:
        held = [relation for relation in held if relation in WITHOUT_CONSENT]
    return Allowed(held[0]) if held else Denied("consent")


def admits(actor: Asking, action: Action) -> bool:
    """Whether somebody has any role that may do this to some resource: what is asked before the resource is looked for."""
    return not actor.roles.isdisjoint(GRANTS.get(action, {}))


def relations_for(actor: Asking, action: Action) -> frozenset[Relation]:
    """The relations that are enough for the roles of somebody."""
    granted = GRANTS.get(action, {})
    return frozenset().union(*(granted[role] for role in actor.roles if role in granted))


def ties(actor: Asking, facts: Facts) -> frozenset[Relation]:
    """Every relation that somebody has to a resource, whatever their roles."""
    in_zone = not facts.zones.isdisjoint(actor.zones)
    found = {
        Relation.ROLE: True,
        Relation.SELF: facts.subject_id == actor.id,
        Relation.OWN_ORGANISATION: facts.organisation_id == organisation(actor),
        Relation.HOLDS: facts.holder_id == actor.id,
        Relation.OFFERED: facts.offered_to == actor.id,
        Relation.COVERS: actor.id in facts.covered_by,
        Relation.ZONE: in_zone,
        Relation.TO_CHECK: in_zone and facts.to_check,
        Relation.GLASS: actor.id in facts.glass,
        Relation.TEAM: actor.id in facts.team,
    }
    return frozenset(relation for relation, holds in found.items() if holds)


def organisation(actor: Asking) -> UUID:
    """On whose behalf somebody asks; who has no organisation stands alone."""
    return actor.organisation_id or actor.id


@dataclass(frozen=True, slots=True)
class Bounds:
    """What somebody may do an action to, as values for the filter of a list: the same predicate as `may`, in SQL. None and empty match nothing."""

    everything: bool
    organisation_id: UUID | None
    zones: list[str]
    check_zones: list[str]
    holder_id: UUID | None
    offered_to: UUID | None
    covers: UUID | None
    subject_id: UUID | None
    glass: UUID | None
    team: UUID | None


def bounds(actor: Asking, action: Action) -> Bounds:
    """How far somebody may do this, to filter a list by."""
    wanted = relations_for(actor, action)
    own = {relation: actor.id if relation in wanted else None for relation in Relation}
    return Bounds(
        everything=Relation.ROLE in wanted,
        organisation_id=organisation(actor) if Relation.OWN_ORGANISATION in wanted else None,
        zones=sorted(actor.zones) if Relation.ZONE in wanted else [],
        check_zones=sorted(actor.zones) if Relation.TO_CHECK in wanted else [],
        holder_id=own[Relation.HOLDS],
        offered_to=own[Relation.OFFERED],
        covers=own[Relation.COVERS],
        subject_id=own[Relation.SELF],
        glass=own[Relation.GLASS],
        team=own[Relation.TEAM],
    )
