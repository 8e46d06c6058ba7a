"""`/operations`: count-in = count-out over the three services, what waits, what is parked, and what to do about it. No names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from services.intake.operations import advice, counting, domain
from services.intake.operations.asking import SECONDS
from services.intake.operations.counting import Report
from services.intake.operations.domain import Difference, InFlight
from services.intake.referrals import sentences, zone_map
from services.intake.zones.domain import ZoneMap
from shared.settings import SERVICES
from shared.web import formats, lists
from shared.web.ask import act
from shared.web.call import Call
from shared.web.languages import current, gettext, lazy, ngettext
from shared.web.lists import Shape
from shared.web.problems import Problem
from shared.web.routing import Operation, Page

STATES = {
    "received": lazy("Ontvangen, wordt nagekeken"),
    "handed_over": lazy("Doorgegeven, nog niet bevestigd"),
    "information_needed": lazy("Informatie nodig"),
    "not_eligible": lazy("Niet in aanmerking, met reden"),
    "waiting": lazy("Wacht, met reden en eigenaar"),
    "offered": lazy("Aangeboden"),
    "assigned": lazy("Toegewezen"),
    "first_contact": lazy("In begeleiding"),
    "paused": lazy("Gepauzeerd"),
    "closed": lazy("Afgesloten"),
    "withdrawn": lazy("Ingetrokken"),
    "entered_in_error": lazy("Bij vergissing ingevoerd"),
    "returned": lazy("Terug naar de intake van de zone"),
    "erased": lazy("Gewist"),
}
MESSAGES = {
    "waiting": lazy("Wacht op verzending"),
    "sending": lazy("Wordt verzonden"),
    "delivered": lazy("Afgeleverd"),
    "failed": lazy("Niet te bezorgen, met reden"),
    "skipped": lazy("Niet gewenst, of over wie niets meer gedeeld wordt"),
}
NAMES = {"intake": lazy("Intake"), "coordination": lazy("Coördinatie"), "notifications": lazy("Berichten")}
PARKED = Shape(filters={"dienst": SERVICES})
SHOWN = 8  # characters of an id that people compare


class ItemView(BaseModel):
    """An event on its way, and where: `outbox` of the service that caused it, `topic` or `parked` for the service that has to handle it."""

    where: domain.Where
    service: str
    type: str
    since: datetime
    reason: str | None


class DifferenceView(BaseModel):
    """A referral about which two services disagree: explained by what is on its way for it, or else with what to do."""

    referral_id: UUID
    kind: domain.Kind
    intake: str | None
    coordination: str | None
    explained_by: ItemView | None
    to_do: str | None


class ReconciliationView(BaseModel):
    """`agree`: every referral accepted before `until` is in the same state everywhere, or what differs is on its way for that very referral.

    `differences` lists up to 100, first those that nothing explains (`unexplained` of them, `explained` of the others).
    """

    agree: bool
    until: datetime
    states: dict[str, dict[str, int]]
    unexplained: int
    explained: int
    differences: list[DifferenceView]


async def reconciliation(call: Call) -> ReconciliationView:
    """Count-in = count-out."""
    report = await counting.count(call)
    verdict = report.verdict
    if verdict is None:
        raise Problem(
            503,
            "service_away",
            "Not every service answers.",
            f"No answer from {', '.join(report.away)}; count again in a moment.",
            retry_after=5,
        )
    return ReconciliationView(
        agree=verdict.agree,
        until=report.until,
        states={state: dict(row) for state, row in verdict.states.items()},
        unexplained=len(verdict.disagreements),
        explained=len(verdict.explained),
        differences=[_view(each) for each in verdict.differences[: domain.MOST_LISTED]],
    )


def _view(each: Difference) -> DifferenceView:
    item = each.explained
    return DifferenceView(
        referral_id=each.referral_id,
        kind=each.kind,
        intake=each.intake,
        coordination=each.coordination,
        explained_by=item and ItemView(where=item.where, service=item.at, type=item.type, since=item.since, reason=item.reason),
        to_do=None if item else advice.TO_DO[advice.of(each)].en,
    )


async def operations(call: Call) -> Response:
    """The page of operations."""
    asked = lists.read(PARKED, "/operations", call.request.query_params)
    report = await counting.count(call, asked.number * PARKED.rows)
    leaf = asked.leaf(_stuck(report, asked.of("dienst")))
    if last := lists.elsewhere((asked, leaf)):
        return call.redirect(last + "#geparkeerd")
    shown = _counted(report) if report.verdict else {}
    return call.page(
        "operations/operations.html",
        until=report.until,
        away=report.away,
        verdict=report.verdict,
        flows=list(report.flows.values()),
        listed=_listed(report, call.now),
        parked=[item for item in _parked(report) if asked.of("dienst") in (None, item["service"])][leaf.offset : leaf.last],
        asked=asked,
        leaf=leaf,
        fields=[{"name": "dienst", "label": gettext("Dienst"), "options": [{"value": code, "text": text} for code, text in NAMES.items()]}],
        state_names=STATES,
        message_names=MESSAGES,
        service_names=NAMES,
        oldest=_oldest(report, await zone_map.of(call.kernel)),
        **shown,
    )


def _counted(report: Report) -> dict[str, Any]:
    assert report.verdict is not None  # noqa: S101 - asked for only then
    coordination = report.counts["coordination"]["states"]
    total = sum(row["intake"] for row in report.verdict.states.values())
    return {
        "states": _in_order(report.verdict.states),
        "came_in": ngettext("{count} aanmelding kwam binnen", "{count} aanmeldingen kwamen binnen", total, count=formats.number(total)),
        "total": total,
        "coordination_total": sum(told["count"] for told in coordination.values()),
        "coordination_only": [(state, told["count"]) for state, told in coordination.items() if state in domain.ENDED and told["count"]],
        "messages": dict(_in_order(report.counts["notifications"]["states"], MESSAGES)),
    }


def _listed(report: Report, now: datetime) -> list[dict[str, Any]]:
    """The first of the referrals that differ, each with what explains it or what to do."""
    differences = report.verdict.differences if report.verdict else ()
    return [
        {
            "id": each.referral_id,
            "intake": _in_intake(each),
            "other": _elsewhere(each),
            "explained": _explained(each.explained, now) if each.explained else None,
            "to_do": str(advice.TO_DO[advice.of(each)].on_page),
        }
        for each in differences[: domain.MOST_LISTED]
    ]


def _in_intake(each: Difference) -> str:
    if each.kind == "unacknowledged":
        return gettext("Aanvaard")
    return str(STATES[each.intake]) if each.intake else gettext("Niet bekend")


def _elsewhere(each: Difference) -> str:
    if each.kind != "state":
        return str(advice.NOT_ACKNOWLEDGED if each.kind == "unacknowledged" else advice.ACKNOWLEDGED)
    state = STATES[each.coordination] if each.coordination else gettext("niet bekend")
    return gettext("Coördinatie: {state}", state=state)


def _explained(item: InFlight, now: datetime) -> str:
    return str(advice.WHERE[item.where]).format(service=NAMES[item.at], since=formats.moment_text(item.since, now), reason=item.reason)


def _in_order(counted: Mapping[str, Any], names: Mapping[str, str] = STATES) -> list[tuple[str, Any]]:
    """In the order in which things go, not of the alphabet."""
    order = list(names)
    return sorted(counted.items(), key=lambda entry: order.index(entry[0]))


def _stuck(report: Report, service: str | None) -> int:
    """How much is stuck, in one service or in all that answered."""
    return sum(flow["parked_total"] + flow["stopped_total"] for name, flow in report.flows.items() if service in (None, name))


def _parked(report: Report) -> list[dict[str, Any]]:
    items = []
    for service, flow in report.flows.items():
        items += [
            {
                **item,
                "service": service,
                "kind": "parked",
                "shown": f"{item['event_id'][:SHOWN]}…",
                "since": datetime.fromisoformat(item["parked_at"]),
            }
            for item in flow["parked"]
        ]
        items += [
            {
                **item,
                "service": service,
                "kind": "stopped-timers",
                "shown": f"{item['id'][:SHOWN]}…",
                "type": gettext("termijn: {kind}", kind=item["kind"]),
                "state": "stopped",
                "behind": 0,
                "since": datetime.fromisoformat(item["due_at"]),
            }
            for item in flow["stopped_timers"]
        ]
    return sorted(items, key=lambda item: item["since"])


def _oldest(report: Report, zones: ZoneMap) -> dict[str, Any] | None:
    oldest = report.counts.get("coordination", {}).get("oldest_waiting")
    if not oldest:
        return None
    zone = zones.zones.get(oldest["zone"])
    return {
        **oldest,
        "since": datetime.fromisoformat(oldest["waiting_since"]),
        "zone_name": zone.name(current()) if zone else oldest["zone"],
        "why": str(sentences.BLOCKED.get(oldest["reason"], "")),
    }


async def repair(call: Call) -> Response:
    """Replay or discard, in the service that parked it."""
    service, kind, id, act_ = (call.path[name] for name in ("service", "kind", "id", "act"))
    if service not in SERVICES or (kind, act_) not in {("parked", "replay"), ("parked", "discard"), ("stopped-timers", "replay")}:
        raise Problem(404, "not_found", "There is no such act.")
    await act(call, service, f"/{service}/api/{kind}/{quote(id, safe='')}/{act_}", timeout=SECONDS)
    return call.redirect("/operations#geparkeerd")


async def ask_discard(call: Call) -> Response:
    """Discarding cannot be undone: ask first."""
    if call.path["service"] not in SERVICES:
        raise Problem(404, "not_found", "There is no such service.")
    return call.page("operations/discard.html", service=call.path["service"], service_name=NAMES[call.path["service"]], id=call.path["id"])


OPERATIONS = [
    Operation(
        "GET", "/operations/api/reconciliation", reconciliation, "Count-in = count-out over the three services", answer=ReconciliationView
    )
]
PAGES = [
    Page("GET", "/operations", operations),
    Page("GET", "/operations/{service}/parked/{id:int}/discard", ask_discard),
    Page("POST", "/operations/{service}/{kind}/{id}/{act}", repair),
]
