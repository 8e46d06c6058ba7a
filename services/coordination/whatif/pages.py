"""The page of what-if: changes in the address, what would come of them, and forms that add one more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response

from services.coordination import persons, words
from services.coordination.sight import in_zone
from services.coordination.whatif import apart, charts, forms, queries, scenario, telling
from services.coordination.whatif.domain import FEWEST_WEEKS, MOST_CHANGES, MOST_WEEKS, USUAL_WEEKS, Answer, Zone
from services.coordination.whatif.scenario import Away, Change, Hire, NoChange, NotThere
from services.coordination.whatif.wire import Asked
from services.coordination.workforce import store as workforce_rows
from shared.web import formats
from shared.web.call import Call
from shared.web.forms import Errors, Typed, check, gather
from shared.web.languages import gettext, lazy
from shared.web.problems import Problem
from shared.web.routing import Page

AHEAD = (FEWEST_WEEKS, 8, USUAL_WEEKS, MOST_WEEKS)
INTAKES = (70, 80, 90, 110, 120, 130, 150, 200)
HOURS = tuple(range(100, 0, -10))
TROUBLE = {
    "unreadable": lazy("Een wijziging in dit adres is niet te lezen, of het zijn er meer dan drie. Kies ze hieronder opnieuw."),
    "not_there": lazy("Een wijziging gaat over een collega die niet (meer) in deze zone werkt. Kies ze hieronder opnieuw."),
    "busy": lazy("Voor deze zone loopt al een andere berekening. Laad de pagina over enkele tellen opnieuw."),
    "too_long": lazy("Deze berekening duurde te lang en is gestopt. Kijk minder weken vooruit, of probeer het later opnieuw."),
}


async def what_if(call: Call) -> Response:
    """What would become of a zone's waiting."""
    code: str = call.path["code"]
    if not call.may(in_zone(code)):
        raise Problem(404, "not_found", "There is nothing at this address.")
    async with call.read() as connection:
        zone = await queries.zone(connection, code, call.now)
        names = await workforce_rows.names(connection, [worker.id for worker in zone.workers])
    typed = gather(call.request.query_params.multi_items())
    weeks = _weeks(typed)
    try:
        changes = scenario.read_for(zone, _listed(typed, "change"))
    except NoChange as error:
        trouble = "not_there" if isinstance(error, NotThere) else "unreadable"
        return await _page(call, zone, names, (), weeks, status=422, trouble=trouble)
    if typed["add"] in forms.FORMS:
        return await _added(call, zone, names, changes, weeks, typed)
    return await _told(call, zone, names, changes, weeks)


async def _added(call: Call, zone: Zone, names: Mapping[UUID, str], changes: tuple[Change, ...], weeks: int, typed: Typed) -> Response:
    """One change more: on to the address that says so, or back with what is expected."""
    checked = check(forms.FORMS[str(typed["add"])], typed)
    errors, added = checked.errors, checked.value.change() if checked.value else None
    if isinstance(added, Away) and added.last < added.first:
        errors = Errors({"last": gettext("De laatste dag ligt op of na de eerste.")})
    if added is None or errors:
        return await _page(call, zone, names, changes, weeks, status=422, typed=typed, errors=errors)
    try:
        wanted = scenario.read_for(zone, [scenario.written(each) for each in (*changes, added)])
    except NotThere:
        return await _page(call, zone, names, changes, weeks, status=422, trouble="not_there")
    except NoChange:
        return await _page(call, zone, names, changes, weeks, status=422, trouble="unreadable")
    return call.redirect(_address(zone.code, wanted, weeks))


async def _told(call: Call, zone: Zone, names: Mapping[UUID, str], changes: tuple[Change, ...], weeks: int) -> Response:
    if not zone.past.is_enough:
        return await _page(call, zone, names, changes, weeks)
    try:
        answer = await apart.answered(Asked(zone, changes, weeks))
    except (apart.Busy, apart.TooLong) as error:
        trouble = "busy" if isinstance(error, apart.Busy) else "too_long"
        return await _page(call, zone, names, changes, weeks, status=503, trouble=trouble)
    return await _page(call, zone, names, changes, weeks, answer=answer)


async def _page(
    call: Call,
    zone: Zone,
    names: Mapping[UUID, str],
    changes: tuple[Change, ...],
    weeks: int,
    *,
    status: int = 200,
    trouble: str | None = None,
    answer: Answer | None = None,
    typed: Typed | None = None,
    errors: Errors | None = None,
) -> Response:
    changed = [telling.change(each, names, zone) for each in changes]
    return call.page(
        "whatif/what_if.html",
        status,
        code=zone.code,
        name=(await persons.zone_names(call, [zone.code]))[zone.code],
        trouble=TROUBLE[trouble] if trouble else None,
        changes=[
            {
                "text": text,
                "note": telling.hired(each) if isinstance(each, Hire) else None,
                "code": scenario.written(each),
                "without": _address(zone.code, [other for other in changes if other is not each], weeks),
            }
            for each, text in zip(changes, changed, strict=True)
        ],
        weeks=weeks,
        ahead=[{"value": str(number), "text": gettext("{weeks} weken", weeks=number)} for number in sorted({*AHEAD, weeks})],
        enough=zone.past.is_enough,
        not_enough=telling.not_enough(zone),
        told=_result(answer, zone, names, changes, changed) if answer else None,
        may_add=len(changes) < MOST_CHANGES,
        choices=_choices(zone, names),
        adding=str(typed["add"]) if typed else "",
        typed=typed or Typed({"percent": "130", "hours": "50", "starts_on": formats.full_date(zone.today), "languages": ["nl"]}),
        errors=errors or Errors(),
    )


def _result(answer: Answer, zone: Zone, names: Mapping[UUID, str], changes: Sequence[Change], changed: Sequence[str]) -> dict[str, Any]:
    return {
        "sentence": telling.sentence(answer, changed),
        "counts": telling.counts(answer, len(zone.waiting)),
        "reading": telling.reading(),
        "changed": answer.then is not None,
        "charts": charts.of(answer),
        "table": charts.table(answer),
        "load": charts.load(answer, zone, names),
        "facts": telling.counted_from(zone),
        "unknown": telling.unknown(zone, changes),
    }


def _choices(zone: Zone, names: Mapping[UUID, str]) -> dict[str, list[dict[str, str]]]:
    """What the forms let choose from."""
    workers = [
        {"value": str(worker.id), "text": gettext("{name}, nu {fte} VTE", name=names[worker.id], fte=formats.number(worker.fte / 100))}
        for worker in sorted(zone.workers, key=lambda worker: names[worker.id])
    ]
    return {
        "workers": workers,
        "intakes": [{"value": str(percent), "text": _more_or_less(percent)} for percent in INTAKES],
        "hours": [{"value": str(fte), "text": gettext("{fte} VTE", fte=formats.number(fte / 100))} for fte in HOURS],
        "roles": [{"value": role, "text": str(words.ROLES[role])} for role in ("care_coordinator", "case_manager")],
        "programmes": [{"value": programme, "text": str(text)} for programme, text in words.PROGRAMMES.items()],
        "languages": [{"value": language, "text": words.languages([language])} for language in zone.languages],
    }


def _more_or_less(percent: int) -> str:
    share = formats.percent(abs(percent - scenario.USUAL_INTAKE) / 100)
    return gettext("{share} meer", share=share) if percent > scenario.USUAL_INTAKE else gettext("{share} minder", share=share)


def _listed(typed: Typed, name: str) -> list[str]:
    value = typed[name]
    return [each for each in ([value] if isinstance(value, str) else value) if each]


def _weeks(typed: Typed) -> int:
    """How far to look ahead; as usual where the address does not say it readably."""
    said = str(typed["weeks"])
    return int(said) if said in {str(number) for number in range(FEWEST_WEEKS, MOST_WEEKS + 1)} else USUAL_WEEKS


def _address(code: str, changes: Sequence[Change], weeks: int) -> str:
    query = [("change", scenario.written(each)) for each in changes] + ([("weeks", str(weeks))] if weeks != USUAL_WEEKS else [])
    return f"/coordination/zones/{code}/what-if" + ("?" + urlencode(query, safe=":") if query else "")


PAGES = [Page("GET", "/coordination/zones/{code}/what-if", what_if)]
