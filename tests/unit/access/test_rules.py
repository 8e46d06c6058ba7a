"""Who may: the whole table, every role with every relation, on every route."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.routing import Route

from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from shared.access.actors import Actor
from shared.access.routes import ROUTES
from shared.access.rules import (
    FOR_MACHINES,
    GRANTS,
    NEED_CONSENT,
    ROLES,
    WITHOUT_CONSENT,
    Action,
    Allowed,
    Denied,
    Facts,
    Relation,
    Somebody,
    admits,
    bounds,
    may,
)
from shared.messaging.kernel import Kernel
from shared.settings import Settings
from shared.web import about
from shared.web.app import build_app
from shared.web.limits import RATES, Limits, Rate, Rates
from shared.web.routing import JsonEndpoint, Operation, service_routes
from tests.identity import issue_token
from tests.unit.access.conftest import configured

__all__ = ["configured"]

ME, OTHER, OURS = UUID(int=1), UUID(int=2), UUID(int=3)
ZONE = "meetjesland-oost"
NO_TIES = Facts(
    organisation_id=OTHER, zones=frozenset({"brussel-noord"}), holder_id=OTHER, offered_to=OTHER, subject_id=OTHER, to_check=True
)
TIE: dict[Relation, dict[str, Any]] = {
    Relation.ROLE: {},
    Relation.SELF: {"subject_id": ME},
    Relation.OWN_ORGANISATION: {"organisation_id": OURS},
    Relation.HOLDS: {"holder_id": ME},
    Relation.OFFERED: {"offered_to": ME},
    Relation.COVERS: {"covered_by": frozenset({ME})},
    Relation.TEAM: {"team": frozenset({ME})},
    Relation.ZONE: {"zones": frozenset({ZONE}), "to_check": False},
    Relation.TO_CHECK: {"zones": frozenset({ZONE}), "to_check": True},
    Relation.GLASS: {"glass": frozenset({ME})},
}
CARE = frozenset({"sender", "coordinator", "zone_lead", "zone_intake", "care_team"})

# Who may, written down a second time: a grant that changes has to change here too. A point: not at all; else the relations of which one is enough.
WHO_MAY = """
action               sender            coordinator           zone_lead          zone_intake        care_team  ops   privacy_officer
start                role              role                  role               role               role       role  role
hear_changes         role              role                  role               role               role       role  .
see_own_referrals    own_organisation  .                     .                  .                  .          .     .
see_referral         own_organisation  glass                 zone,glass         to_check,glass     .          .     .
write_referral       own_organisation  .                     .                  .                  .          .     .
ask_rules            role              .                     role               role               .          .     .
change_referral      own_organisation  .                     .                  .                  .          .     .
answer_check         .                 .                     zone               to_check           .          .     .
answer_match         .                 .                     zone               to_check           .          .     .
see_person           .                 holds,covers,glass    zone,glass         glass              team       .     .
see_offered_summary  .                 offered               .                  .                  .          .     .
break_glass          .                 role                  role               role               .          .     .
see_broken_glass     .                 .                     .                  .                  .          .     role
see_consent          own_organisation  .                     zone               to_check           .          .     role
withdraw_consent     own_organisation  .                     zone               to_check           .          .     role
erase                .                 .                     .                  .                  .          .     role
see_kept             .                 .                     .                  .                  .          role  role
see_audit            .                 .                     .                  .                  .          .     role
see_zones            role              role                  role               role               .          role  .
import_zones         .                 .                     .                  .                  .          role  .
see_case             .                 holds,offered,covers  zone               zone               .          .     .
move_case            .                 holds,covers          zone               .                  .          .     .
arrange_interpreter  .                 .                     zone               .                  .          .     .
arrange_team         .                 holds,covers          .                  .                  .          .     .
see_team             .                 .                     .                  .                  team       .     .
see_day              .                 self                  .                  .                  .          .     .
see_offers           .                 self,offered          self,offered,zone  self,offered,zone  .          .     .
answer_offer         .                 offered               .                  .                  .          .     .
see_zone_board       .                 .                     zone               zone               .          .     .
ask_what_if          .                 .                     zone               .                  .          .     .
do_task              .                 .                     zone               .                  .          .     .
see_workforce        .                 zone                  zone               zone               .          .     .
import_workforce     .                 .                     zone               .                  .          role  .
note_absence         .                 self                  self,zone          self               .          .     .
see_messages         self              self                  self,zone          self,zone          .          role  .
see_contacts         role              role                  role               role               role       role  role
move_contacts        .                 .                     .                  .                  .          role  .
count                .                 .                     .                  .                  .          role  .
repair               .                 .                     .                  .                  .          role  .
"""
WITH_CONSENT_ONLY = {"see_person", "see_offered_summary", "see_referral", "answer_check"}
EVEN_WITHOUT_CONSENT = {"own_organisation", "holds", "glass"}
MACHINES_MAY = {"write_referral", "see_own_referrals", "see_referral", "change_referral", "ask_rules", "see_zones"}


def written_down() -> dict[str, dict[str, frozenset[str]]]:
    """The table above: action → role → relations."""
    (_, *roles), *lines = (line.split() for line in WHO_MAY.strip().splitlines())
    return {
        action: {role: frozenset(cell.split(",")) for role, cell in zip(roles, cells, strict=True) if cell != "."}
        for action, *cells in lines
    }


WRITTEN_DOWN = written_down()


def somebody(*roles: str) -> Somebody:
    return Somebody(ME, frozenset(roles), OURS, frozenset({ZONE}))


def tied(relation: Relation, **more: Any) -> Facts:
    """Facts with this tie to me and no other."""
    return replace(NO_TIES, **TIE[relation], **more)


def wanted(role: str, action: Action, relation: Relation) -> bool:
    granted = WRITTEN_DOWN.get(action, {}).get(role, frozenset())
    return not granted.isdisjoint({relation, Relation.ROLE} | ({Relation.ZONE} if relation is Relation.TO_CHECK else set()))


def test_the_grants_are_those_that_are_written_down() -> None:
    granted = {str(action): {role: frozenset(map(str, relations)) for role, relations in roles.items()} for action, roles in GRANTS.items()}
    assert granted == WRITTEN_DOWN
    assert (NEED_CONSENT, WITHOUT_CONSENT, FOR_MACHINES) == (WITH_CONSENT_ONLY, EVEN_WITHOUT_CONSENT, MACHINES_MAY)


@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_every_route_role_and_relation_is_answered_as_the_table_says(route: tuple[str, str]) -> None:
    action = ROUTES[route]
    for role in ROLES:
        for relation in Relation:
            answer = may(somebody(role), action, tied(relation))
            assert bool(answer) is wanted(role, action, relation), (role, relation)
            if not answer:
                assert answer == Denied("relation" if admits(somebody(role), action) else "role")


def every_route() -> Iterator[tuple[str, str]]:
    """What the services serve."""
    for app in (intake, coordination, notifications):
        for route in app.routes(Kernel(app.service(), Settings())):
            assert isinstance(route, Route)
            yield from ((method, route.path) for method in (route.methods or {"GET"}) - {"HEAD"})
    yield from (
        (method, route.path) for route in about.routes() if isinstance(route, Route) for method in (route.methods or ()) if method != "HEAD"
    )
    yield "GET", "/static/{hash}/{name}"


def test_the_table_has_a_row_for_every_route_and_a_route_for_every_row() -> None:
    served = list(every_route())
    assert len(served) == len(set(served))
    assert set(served) == ROUTES.keys()


def test_what_the_table_does_not_name_is_not_served() -> None:
    async def nothing(call: Any) -> None: ...

    with pytest.raises(KeyError):
        service_routes("intake", Kernel(intake.service(), Settings()), [Operation("GET", "/intake/api/forgotten", nothing, "x")], [])


def test_every_action_but_the_open_one_has_grants_and_a_route() -> None:
    assert set(Action) == {*GRANTS, Action.OPEN}
    assert set(Action) - set(ROUTES.values()) == set()
    assert all(role in ROLES for grants in GRANTS.values() for role in grants)


def test_nobody_is_known_to_an_open_route() -> None:
    assert not may(somebody(*ROLES), Action.OPEN, tied(Relation.SELF))


def test_operations_and_the_privacy_officer_see_no_person_whatever_ties_them() -> None:
    content = {
        Action.SEE_PERSON,
        Action.SEE_OFFERED_SUMMARY,
        Action.SEE_REFERRAL,
        Action.SEE_OWN_REFERRALS,
        Action.SEE_CASE,
        Action.ANSWER_MATCH,
    }
    for action in content:
        assert GRANTS[action].keys() <= CARE
        for relation in Relation:
            assert not may(somebody("ops", "privacy_officer"), action, tied(relation))


@pytest.mark.parametrize("action", sorted(NEED_CONSENT))
def test_without_consent_only_who_holds_the_case_or_broke_the_glass_sees_a_person(action: Action) -> None:
    for role, relations in GRANTS[action].items():
        for relation in relations:
            answer = may(somebody(role), action, tied(relation, consent=False))
            assert answer == (Allowed(relation) if relation in WITHOUT_CONSENT else Denied("consent"))


def test_the_glass_is_the_ground_only_where_there_is_no_other() -> None:
    both = replace(tied(Relation.GLASS), holder_id=ME)
    assert may(somebody("coordinator"), Action.SEE_PERSON, both) == Allowed(Relation.HOLDS)
    assert may(somebody("coordinator"), Action.SEE_PERSON, tied(Relation.GLASS)) == Allowed(Relation.GLASS)


def test_the_care_team_is_the_ground_only_where_there_is_no_wider_one() -> None:
    both = somebody("zone_lead", "care_team")
    in_both = replace(tied(Relation.ZONE), team=frozenset({ME}))
    assert may(both, Action.SEE_PERSON, in_both) == Allowed(Relation.ZONE)
    assert may(both, Action.SEE_PERSON, tied(Relation.TEAM)) == Allowed(Relation.TEAM)


def test_a_member_of_the_care_team_sees_neither_the_decision_nor_who_else_may_be_added() -> None:
    member = somebody("care_team")
    assert may(member, Action.SEE_TEAM, tied(Relation.TEAM)) == Allowed(Relation.TEAM)
    for action in (Action.SEE_CASE, Action.MOVE_CASE, Action.ARRANGE_TEAM, Action.SEE_OFFERS, Action.SEE_REFERRAL):
        assert may(member, action, tied(Relation.TEAM)) == Denied("role")


def test_who_covers_is_not_offered_and_who_is_offered_does_not_hold() -> None:
    me = somebody("coordinator")
    assert not may(me, Action.ANSWER_OFFER, tied(Relation.COVERS))
    assert not may(me, Action.SEE_PERSON, tied(Relation.OFFERED))
    assert may(me, Action.SEE_OFFERED_SUMMARY, tied(Relation.OFFERED))
    assert may(me, Action.MOVE_CASE, tied(Relation.COVERS)) == Allowed(Relation.COVERS)


def test_a_relation_counts_for_the_role_that_it_is_granted_to_only() -> None:
    both = somebody("sender", "coordinator")
    assert not may(both, Action.SEE_REFERRAL, tied(Relation.ZONE))
    assert may(both, Action.SEE_REFERRAL, tied(Relation.OWN_ORGANISATION))


def test_the_bounds_of_a_list_are_the_relations_of_its_action() -> None:
    found = bounds(somebody("coordinator"), Action.SEE_CASE)
    assert (found.holder_id, found.offered_to, found.covers, found.zones, found.everything) == (ME, ME, ME, [], False)
    found = bounds(somebody("zone_intake"), Action.SEE_REFERRAL)
    assert (found.zones, found.check_zones, found.organisation_id, found.glass) == ([], [ZONE], None, ME)
    found = bounds(somebody("care_team"), Action.SEE_TEAM)
    assert (found.team, found.holder_id, found.zones) == (ME, None, [])
    assert bounds(somebody("privacy_officer"), Action.SEE_PERSON) == bounds(somebody(), Action.SEE_PERSON)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVER = Rate(1_000_000, 1_000_000)
NO_LIMITS = Limits(dict.fromkeys(RATES, Rates(EVER, EVER)))


class Unreachable(Exception):
    """The handler of a route was reached."""


@pytest.mark.parametrize("app", [intake, coordination, notifications], ids=lambda app: app.NAME)
async def test_no_handler_is_reached_by_a_role_that_its_action_does_not_name(
    configured: Any, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the real routing: 401 for nobody, 403 before the resource is looked for; a role that may gets as far as the database."""
    kernel = Kernel(app.service(), Settings())

    def reached(*_: Any, **__: Any) -> Any:
        raise Unreachable

    async def record(_: Any) -> None:
        """What was refused is recorded; that is tested elsewhere."""

    for name in ("read", "submit", "health"):
        monkeypatch.setattr(kernel, name, reached)
    monkeypatch.setattr(kernel, "record", record)
    routes = [route for route in app.routes(kernel) if isinstance(route, Route)]
    transport = httpx.ASGITransport(build_app(routes, limits=NO_LIMITS))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        for route in routes:
            for method in route.methods - {"HEAD"}:
                action = ROUTES[method, route.path]
                if action in {Action.OPEN, Action.HEAR_CHANGES}:  # a stream has no end; test_live asks who may hear it
                    continue
                path = address(route.path)
                json = isinstance(route.endpoint, JsonEndpoint)
                body = {} if method == "GET" or json else {"content": "", "headers": FORM}
                unknown = await client.request(method, path, **body)
                assert unknown.status_code == (401 if json else 303), (method, path)
                for role in ROLES:
                    actor = Actor(ME, "Iemand", frozenset({role}), OURS, "", frozenset({ZONE}), "nl")
                    signed = {"Authorization": f"Bearer {issue_token(actor, 1)}"}
                    answer = await client.request(method, path, **body | {"headers": body.get("headers", {}) | signed})
                    assert (answer.status_code == 403) is not admits(actor, action), (role, method, path, answer.status_code)


def address(path: str) -> str:
    """A path with something in every place."""
    values = {
        "{id:uuid}": str(uuid4()),
        "{id:int}": "1",
        "{code}": ZONE,
        "{service}": "intake",
        "{kind}": "parked",
        "{id}": "1",
        "{act}": "replay",
    }
    for place, value in values.items():
        path = path.replace(place, value)
    return path
