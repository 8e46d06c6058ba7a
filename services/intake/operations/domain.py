"""Count-in = count-out: the same referrals counted by the three services, laid beside each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

# what coordination calls a case's state → what its referrals' senders see
SEEN_AS = {"returned": "received"}
# states of a referral before or beside a case: intake alone knows them
INTAKE_ONLY = frozenset({"received", "information_needed", "not_eligible", "withdrawn", "entered_in_error"})
MOST_LISTED = 100

Places = Mapping[UUID, str]  # by referral, the state a service has it in


@dataclass(frozen=True, slots=True)
class Difference:
    """A referral that two services do not have in the same state; None: not at all."""

    referral_id: UUID
    intake: str | None
    coordination: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many referrals a service has in a state, and the exclusive or of a hash over their ids."""

    count: int = 0
    hash: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether all counts agree. What Kafka, an outbox or a parking place holds is on its way and explains as many differences."""

    states: Mapping[str, Mapping[str, int]]
    differences: Sequence[Difference]
    untold: int
    in_flight: int

    @property
    def unexplained(self) -> int:
        return max(0, len(self.differences) + self.untold - self.in_flight)

    @property
    def agree(self) -> bool:
        return self.unexplained == 0


def same(intake: Mapping[str, Tally], coordination: Mapping[str, Tally]) -> bool:
    """Whether both have the same referrals in every state that both know, by count and hash alone."""
    seen = _as_seen(coordination)
    states = (intake.keys() | seen.keys()) - INTAKE_ONLY
    return all(intake.get(state, Tally()) == seen.get(state, Tally()) for state in states)


def differences(intake: Places, coordination: Places) -> list[Difference]:
    """The referrals that are not in the same state in both."""
    found = []
    for id in intake.keys() | coordination.keys():
        here, there = intake.get(id), coordination.get(id)
        expected = None if there is None else SEEN_AS.get(there, there)
        if here != expected and not (there is None and here in INTAKE_ONLY) and not (here in INTAKE_ONLY and there in ENDED):
            found.append(Difference(id, here, there))
    return sorted(found, key=lambda difference: difference.referral_id)


ENDED = frozenset({"withdrawn", "returned"})


def table(intake: Mapping[str, Tally], coordination: Mapping[str, Tally]) -> dict[str, dict[str, int]]:
    """Per state, how many each service has; states that only intake knows have no second number."""
    seen = _as_seen(coordination)
    rows: dict[str, dict[str, int]] = {}
    for state in sorted(intake.keys() | seen.keys()):
        rows[state] = {"intake": intake.get(state, Tally()).count}
        if state not in INTAKE_ONLY:
            rows[state]["coordination"] = seen.get(state, Tally()).count
    return rows


def _as_seen(coordination: Mapping[str, Tally]) -> dict[str, Tally]:
    seen: dict[str, Tally] = {}
    for state, tally in coordination.items():
        name = SEEN_AS.get(state, state)
        before = seen.get(name, Tally())
        seen[name] = Tally(before.count + tally.count, before.hash ^ tally.hash)
    return seen


def tallies(states: Mapping[str, Mapping[str, int]]) -> dict[str, Tally]:
    """Tallies as a service answered them."""
    return {state: Tally(told["count"], told["hash"]) for state, told in states.items()}


def on_its_way(flows: Sequence[Mapping[str, Any]]) -> int:
    """Events that no consumer has handled yet: in an outbox, on a topic, parked or queued behind what is parked."""
    return sum(
        flow["outbox_rows"] + sum(flow["lag"].values()) + sum(1 + item["behind"] for item in flow["parked"]) + len(flow["stopped_timers"])
        for flow in flows
    )
