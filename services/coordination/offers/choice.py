"""Who is offered a case: the assignment rule. Pure: no I/O, no clock, no randomness of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from services.coordination.rule import RULE
from services.coordination.workforce.domain import Filter, Role, Team

ROUNDING = 1e-9  # 0.18 + 0.02 is a little less than 0.2 in binary


class Question(NamedTuple):
    """What the rule looks at of a case: codes and numbers, no person. No `languages`: language limits nobody."""

    role: str
    programmes: tuple[str, ...]
    languages: tuple[str, ...]
    nis: str
    points: int
    caring: tuple[UUID, ...] = ()
    excluded: tuple[UUID, ...] = ()
    familiar: UUID | None = None


class Carried(Protocol):
    """What one coordinator carries: points in hundredths, and how many cases came in the last 30 days."""

    @property
    def used(self) -> int: ...

    @property
    def recent(self) -> int: ...


# One who fits: load with the case ÷ capacity, place in the team, load before, recent. Plain tuples: ten are made per decision.
Ranked: TypeAlias = tuple[float, int, int, int]
# One who passed the fixed filters and fails for this case: place in the team, filter, load.
Unfit: TypeAlias = tuple[int, Filter, int]


@dataclass(slots=True)
class Choice:
    """Whom the rule picks (a place in the team), and what it saw: all who fit in rank order, all who do not with the first failing filter."""

    chosen: int | None
    familiar: bool
    ranked: list[Ranked]
    unfit: list[Unfit]
    out: tuple[tuple[int, Filter], ...]


@dataclass(slots=True)
class Card:
    """The decision card: enough to explain a choice to anyone, and to make it again."""

    case_id: UUID
    decided_at: datetime
    team: Team
    question: Question
    draw: float
    choice: Choice
    chosen_id: UUID | None
    reason: Filter | None


def choose(question: Question, team: Team, loads: Sequence[Carried], draw: float) -> Choice:
    """Pick from a team: who is familiar first; else lowest load after the case; nearly equal, fewest recent; then the draw (0 ≤ draw < 1).

    `loads` are in the order of the team's members.
    """
    sieve = team.sieve(question[:4])
    points, excluded = question.points, question.excluded
    caring = question.caring if question.role == Role.CASE_MANAGER else ()
    ranked: list[Ranked] = []
    unfit: list[Unfit] = []
    for place, worker, capacity in sieve.passing:
        load = loads[place]
        used = load.used
        if caring and worker.organisation_id in caring:
            unfit.append((place, Filter.NEUTRALITY, used))
        elif excluded and worker.id in excluded:
            unfit.append((place, Filter.DECLINED, used))
        elif used + points > capacity:
            unfit.append((place, Filter.CAPACITY, used))
        else:
            ranked.append(((used + points) / capacity, place, used, load.recent))
    ranked.sort()
    chosen, familiar = _pick(ranked, team, question.familiar, draw)
    return Choice(chosen, familiar, ranked, unfit, sieve.failed)


def _pick(ranked: list[Ranked], team: Team, familiar: UUID | None, draw: float) -> tuple[int | None, bool]:
    if not ranked:
        return None, False
    if familiar is not None:
        for _, place, _, _ in ranked:
            if team.members[place].id == familiar:
                return place, True
    limit = ranked[0][0] + RULE.nearly_equal + ROUNDING
    near = [(recent, place) for after, place, _, recent in ranked if after <= limit]
    fewest = min(near)[0]
    tied = [place for recent, place in near if recent == fewest]
    return tied[int(draw * len(tied))], False


def blocking_reason(choice: Choice) -> Filter:
    """Why nobody fits: the last filter in the order that anyone reached, since that is what would unblock the case soonest."""
    reached = [failing for _, failing, _ in choice.unfit] or [failing for _, failing in choice.out]
    return max(reached, key=ORDER.__getitem__, default=Filter.NOBODY)


ORDER = {filter: place for place, filter in enumerate(Filter)}


def inputs_of(card: Card) -> dict[str, Any]:
    """What a card keeps beside its columns, as JSON: the question, who fitted in rank order, who did not."""
    choice = card.choice
    return {
        "question": card.question._asdict(),
        "familiar": choice.familiar,
        "ranked": choice.ranked,
        "unfit": choice.unfit,
        "out": choice.out,
    }


class Then(NamedTuple):
    """A load as a card remembers it."""

    used: int
    recent: int


def chosen_again(inputs: dict[str, Any], team: Team, draw: float) -> Choice:
    """Run the rule on what a card kept. `team` is that of the card's team version on the day of the decision."""
    loads = [Then(0, 0)] * len(team.members)
    for _, place, used, recent in inputs["ranked"]:
        loads[place] = Then(used, recent)
    for place, _, used in inputs["unfit"]:
        loads[place] = Then(used, 0)
    return choose(question_from(inputs["question"]), team, loads, draw)


def question_from(kept: dict[str, Any]) -> Question:
    """A question out of a card's JSON."""
    return Question(
        kept["role"],
        tuple(kept["programmes"]),
        tuple(kept["languages"]),
        kept["nis"],
        kept["points"],
        tuple(UUID(id) for id in kept["caring"]),
        tuple(UUID(id) for id in kept["excluded"]),
        UUID(kept["familiar"]) if kept["familiar"] else None,
    )
