"""A what-if as charts: a band per scenario with its middle, and what everyone carries; each with the numbers of the table behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from services.coordination.figures.charts import scale_of
from services.coordination.whatif import telling
from services.coordination.whatif.domain import TAIL, Answer, Carried, Range, Week, Zone
from shared.web import formats
from shared.web.languages import gettext

LEAST = 1.5  # percent of the height that a band has where all runs agree, so that it can be seen


def of(answer: Answer) -> list[dict[str, Any]]:
    """Who waits, and how long."""
    week = len(answer.now.weeks)
    last = answer.then or answer.now
    return [
        _chart(
            "wachten",
            gettext("Dossiers zonder coördinator"),
            gettext("Op het einde van de week; in week {week}: {cases}.", week=week, cases=telling.cases(last.weeks[-1].waiting)),
            answer,
            lambda each: each.waiting,
        ),
        _chart(
            "wachttijd",
            gettext("Weken tot een aanbod"),
            gettext("Waarbinnen 8 op 10 er een krijgen; rond week {week}: {weeks}.", week=week, weeks=telling.weeks(last.weeks[-1].wait)),
            answer,
            lambda each: each.wait,
        ),
    ]


def _chart(id: str, title: str, text: str, answer: Answer, range_in: Callable[[Week], Range | None]) -> dict[str, Any]:
    courses = [("now", answer.now), *([("then", answer.then)] if answer.then else [])]
    scale = scale_of(max([said.high for _, course in courses for week in course.weeks if (said := range_in(week))], default=1))
    return {
        "id": id,
        "title": title,
        "text": text,
        "scale": scale,
        "last": len(answer.now.weeks),
        "bands": [_band(kind, [range_in(week) for week in course.weeks], scale) for kind, course in courses],
    }


def _band(kind: str, ranges: Sequence[Range | None], scale: int) -> dict[str, Any]:
    width = 100 / len(ranges)

    def y(value: float) -> float:
        return round(100 - value / scale * 100, 1)

    columns = [
        {
            "x": round(number * width, 4),
            "width": round(width, 4),
            "y": y(said.high),
            "height": max(round((said.high - said.low) / scale * 100, 1), LEAST),
        }
        for number, said in enumerate(ranges)
        if said
    ]
    middles = [(round((number + 0.5) * width, 2), y(said.middle)) for number, said in enumerate(ranges) if said]
    lines = [{"x1": x1, "y1": y1, "x2": x2, "y2": y2} for (x1, y1), (x2, y2) in pairwise(middles)]
    return {"kind": kind, "columns": columns, "lines": lines}


def table(answer: Answer) -> list[dict[str, Any]]:
    """A row per week."""
    then = answer.then.weeks if answer.then else (None,) * len(answer.now.weeks)
    return [
        {"number": number, "first": now.first, "now": _row(now), "then": _row(changed) if changed else None}
        for number, (now, changed) in enumerate(zip(answer.now.weeks, then, strict=True), start=1)
    ]


def _row(week: Week) -> dict[str, str]:
    return {"waiting": _three(week.waiting), "wait": _three(week.wait, 1) if week.wait else "–"}


def _three(said: Range, digits: int = 0) -> str:
    """`3 – 5 – 9`"""
    return " – ".join(_number(value, digits) for value in (said.low, said.middle, said.high))


def _number(value: float, digits: int) -> str:
    return f">{TAIL}" if digits and value >= TAIL else formats.number(value, digits)


def load(answer: Answer, zone: Zone, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """What everyone carries at the end, beside what they carry today and would without the changes; the fullest first."""
    without = {each.coordinator_id: each for each in answer.now.load}
    today = {worker.id: worker for worker in zone.workers}
    carried = {id: worker.fixed + zone.elsewhere.get(id, 0) for id, worker in today.items()}
    for held in zone.held:
        if held.coordinator_id in carried:
            carried[held.coordinator_id] += held.points

    def row(each: Carried) -> dict[str, Any]:
        share, before = _share(each), without.get(each.coordinator_id)
        is_known = each.coordinator_id in today
        now = formats.percent(carried[each.coordinator_id] / (today[each.coordinator_id].capacity(zone.today) or 1)) if is_known else "–"
        return {
            "name": names.get(each.coordinator_id) or gettext("Nieuwe collega"),
            "share": share,
            "of": each.capacity / 100,
            "filled": min(each.used.middle / 100, 100),
            "value": formats.percent(share),
            "note": gettext("nu {share}", share=now) if is_known else "",
            "now": now,
            "without": _shares(before) if before else "–",
            "with": _shares(each),
        }

    return sorted([row(each) for each in (answer.then or answer.now).load], key=lambda row: -row["share"])


def _share(each: Carried) -> float:
    return each.used.middle / each.capacity if each.capacity else 0.0


def _shares(each: Carried) -> str:
    """`82 % – 91 %`"""
    if not each.capacity:
        return "–"
    return " – ".join(formats.percent(value / each.capacity) for value in (each.used.low, each.used.high))
