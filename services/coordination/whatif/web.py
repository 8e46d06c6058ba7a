"""What-if over HTTP: the same as its page, as JSON."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.coordination.rule import RULE
from services.coordination.sight import in_zone
from services.coordination.whatif import apart, pages, queries, scenario
from services.coordination.whatif.domain import FEWEST_WEEKS, MOST_CHANGES, MOST_WEEKS, SEEDS, USUAL_WEEKS, Answer, Course, Zone
from services.coordination.whatif.domain import Range as Told
from services.coordination.whatif.scenario import NoChange
from services.coordination.whatif.wire import Asked
from shared.web.call import Call
from shared.web.problems import FieldError, Problem, invalid
from shared.web.routing import Operation, Page

RETRY_SECONDS = 5


class WhatIfQuery(BaseModel):
    """`change`: `intake:130` (percent of what came), `fte:<worker>:50`, `away:<worker>:2026-12-01:2026-12-31` or
    `hire:50:care_coordinator:nl.fr:perinatal.frail:2027-01-04` (hours, roles, languages, programmes, first day). Repeat it for up to three."""

    model_config = ConfigDict(extra="forbid")
    change: list[str] = Field(default=[], max_length=MOST_CHANGES, examples=[["intake:130"]])
    weeks: int = Field(default=USUAL_WEEKS, ge=FEWEST_WEEKS, le=MOST_WEEKS)


class Percentiles(BaseModel):
    """The 10th, 50th and 90th percentile over the runs."""

    low: float
    middle: float
    high: float


class WeekAhead(BaseModel):
    """One week from `first` on. `waiting`: cases without a coordinator at its end. `wait`: weeks within which eight in ten of who came in it and the
    three weeks before are offered to one; 13 stands for that long or longer, null for nobody."""

    first: date
    waiting: Percentiles
    wait: Percentiles | None


class LoadAhead(BaseModel):
    """What a coordinator carries at the end, of how much; points in hundredths. `coordinator_id` is null for who is still to be hired."""

    coordinator_id: UUID | None
    used: Percentiles
    capacity: int


class CourseAhead(BaseModel):
    """Weeks to come, and what everyone carries at their end."""

    weeks: list[WeekAhead]
    load: list[LoadAhead]


class CountedFrom(BaseModel):
    """What it was counted from. `assumed`: programmes of which too few cases closed to know how long they last."""

    at: datetime
    first: date
    weeks: int
    cases: int
    closings: int
    coordinators: int
    held: int
    waiting: int
    assumed: list[str]
    runs: int
    rule_version: str


class WhatIf(BaseModel):
    """How it goes as it is now, and with the changes. Both are null where the past is too short (`enough`), `then` also without changes.
    `fewer` and `more`: in how many runs fewer or more wait at the end with the changes."""

    enough: bool
    counted_from: CountedFrom
    changes: list[str]
    now: CourseAhead | None = None
    then: CourseAhead | None = None
    fewer: int = 0
    more: int = 0


async def ask_what_if(call: Call) -> WhatIf:
    """What would become of a zone's waiting, were something else."""
    code: str = call.path["code"]
    if not call.may(in_zone(code)):
        raise Problem(404, "not_found", "There is nothing at this address.")
    async with call.read() as connection:
        zone = await queries.zone(connection, code, call.now)
    try:
        changes = scenario.read_for(zone, call.query.change)
    except NoChange as error:
        raise invalid([FieldError("change", "no_change", "Expected a change of the four kinds, about a worker of this zone.")]) from error
    told = WhatIf(enough=zone.past.is_enough, counted_from=_counted_from(zone), changes=[scenario.written(each) for each in changes])
    if not told.enough:
        return told
    try:
        answer = await apart.answered(Asked(zone, changes, call.query.weeks))
    except (apart.Busy, apart.TooLong) as error:
        code, why = (
            ("what_if_busy", "Another is being worked out.") if isinstance(error, apart.Busy) else ("what_if_too_long", "It took too long.")
        )
        raise Problem(503, code, "This what-if could not be worked out now.", why, retry_after=RETRY_SECONDS) from error
    return _with(told, zone, answer)


def _with(told: WhatIf, zone: Zone, answer: Answer) -> WhatIf:
    course = {"now": _course(answer.now, zone), "then": _course(answer.then, zone) if answer.then else None}
    return told.model_copy(update={**course, "fewer": answer.fewer, "more": answer.more})


def _course(course: Course, zone: Zone) -> CourseAhead:
    known = {worker.id for worker in zone.workers}
    return CourseAhead(
        weeks=[
            WeekAhead(first=week.first, waiting=_percentiles(week.waiting), wait=_percentiles(week.wait) if week.wait else None)
            for week in course.weeks
        ],
        load=[
            LoadAhead(
                coordinator_id=each.coordinator_id if each.coordinator_id in known else None,
                used=_percentiles(each.used),
                capacity=each.capacity,
            )
            for each in course.load
        ],
    )


def _percentiles(said: Told) -> Percentiles:
    return Percentiles(low=said.low, middle=said.middle, high=said.high)


def _counted_from(zone: Zone) -> CountedFrom:
    past = zone.past
    return CountedFrom(
        at=zone.now,
        first=past.monday,
        weeks=len(past.weeks),
        cases=past.came,
        closings=sum(past.closings(programme) for programme in past.lengths),
        coordinators=len(zone.workers),
        held=len(zone.held),
        waiting=len(zone.waiting),
        assumed=zone.assumed,
        runs=len(SEEDS),
        rule_version=RULE.version,
    )


OPERATIONS = [
    Operation(
        "GET",
        "/coordination/api/zones/{code}/what-if",
        ask_what_if,
        "What would become of a zone's waiting, were something else",
        query=WhatIfQuery,
        answer=WhatIf,
    )
]
PAGES: list[Page] = pages.PAGES
