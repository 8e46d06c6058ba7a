"""Count-in = count-out: the same referrals counted by the three services, laid beside each other. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from shared.events import coordination, fact
from shared.events.intake import PersonErased, ReferralAccepted, ReferralWithdrawn

HANDED_OVER = "handed_over"  # a state of the count only: accepted, and coordination has not been heard of yet
RETURNED, WITHDRAWN, ERASED = "returned", "withdrawn", "erased"
# states of a referral before or beside a case: intake alone knows them
INTAKE_ONLY = frozenset({"received", "information_needed", "not_eligible", "withdrawn", "entered_in_error"})
# what coordination calls the end of its part, where intake knows more
ENDED = frozenset({WITHDRAWN, RETURNED})
ACCEPTED, TAKEN_BACK = fact(ReferralAccepted.type), fact(ReferralWithdrawn.type)
ERASING = frozenset({fact(PersonErased.type), fact(coordination.PersonErased.type)})
MOST_LISTED = 100

Where = Literal["outbox", "topic", "parked"]
Kind = Literal["state", "unacknowledged", "unknown"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many referrals a service has in a place, and the exclusive or of a hash over their ids."""

    count: int = 0
    hash: int = 0


@dataclass(frozen=True, slots=True)
class InFlight:
    """An event that its consumer has not handled: in the producer's outbox, on the topic, or parked with the consumer.

    `names`: the ids in it; none when it cannot be read, then `key` says whom it is about. `discarded`: a person decided that nothing
    comes of it, so it is on its way no more.
    """

    where: Where
    producer: str
    consumer: str
    type: str
    key: UUID
    names: frozenset[UUID]
    since: datetime
    reason: str | None = None
    discarded: bool = False

    def is_about(self, referral_id: UUID, person_id: UUID | None) -> bool:
        return referral_id in self.names if self.names else self.key == person_id

    @property
    def at(self) -> str:
        """The service where it is waited for."""
        return self.producer if self.where == "outbox" else self.consumer

    @property
    def brings(self) -> bool:
        """Whether it makes a referral known to those who do not know it."""
        return not self.names or fact(self.type) == ACCEPTED

    @property
    def takes(self) -> bool:
        """Whether it takes a referral back."""
        return not self.names or fact(self.type) == TAKEN_BACK

    @property
    def erases(self) -> bool:
        """Whether it says that the person was erased, here or there."""
        return not self.names or fact(self.type) in ERASING


@dataclass(frozen=True, slots=True)
class Difference:
    """A referral about which two services disagree. `state`: in intake and coordination it is in another place, None: not there at all.
    `unacknowledged`: it was accepted and no message to its sender is recorded. `unknown`: there is such a message, and intake has no such referral.

    `explained` is what is still on its way for this very referral; without it something was lost. `discarded`: somebody decided so.
    """

    referral_id: UUID
    person_id: UUID | None
    kind: Kind
    intake: str | None = None
    coordination: str | None = None
    explained: InFlight | None = None
    discarded: bool = False

    @property
    def bare(self) -> Difference:
        return replace(self, explained=None, discarded=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The counts side by side, and every referral that differs: first those that nothing explains."""

    states: Mapping[str, Mapping[str, int]]
    differences: Sequence[Difference]

    @property
    def explained(self) -> Sequence[Difference]:
        return [each for each in self.differences if each.explained]

    @property
    def disagreements(self) -> Sequence[Difference]:
        return [each for each in self.differences if not each.explained]

    @property
    def agree(self) -> bool:
        return not self.disagreements


Tallies = Mapping[str, Tally]
Places = Mapping[UUID, tuple[str, UUID]]  # by referral, where a service has it and its person


def differing(ours: Tallies, theirs: Tallies) -> list[str]:
    """The places that do not hold the same referrals, by count and hash alone. Each place by itself, so that no two errors cancel out."""
    return sorted(place for place in ours.keys() | theirs.keys() if ours.get(place, Tally()) != theirs.get(place, Tally()))


def misplaced(intake: Places, coordination: Places) -> list[Difference]:
    """The referrals that intake and coordination do not have in the same place."""
    found = []
    for id in sorted(intake.keys() | coordination.keys()):
        (here, person), (there, same_person) = intake.get(id, (None, None)), coordination.get(id, (None, None))
        if here != there:
            found.append(Difference(id, person or same_person, "state", here, there))
    return found


def explain(differences: Iterable[Difference], items: Iterable[InFlight]) -> list[Difference]:
    """Each difference with what is on its way for it, if anything."""
    found = []
    items = list(items)
    for each in differences:
        causes = [item for item in items if item.is_about(each.referral_id, each.person_id) and _may_end(item, each)]
        explained = next((item for item in causes if not item.discarded), None)
        found.append(replace(each, explained=explained, discarded=explained is None and bool(causes)))
    return found


def _may_end(item: InFlight, difference: Difference) -> bool:
    """Whether handling the item can bring the two together: it must go to the one that lags behind."""
    if difference.kind == "unacknowledged":
        return item.consumer == "notifications" and item.brings
    if difference.kind == "unknown" or difference.intake is None:
        return False  # intake had it before anybody was told of it
    to_coordination, erases = item.consumer == "coordination", difference.intake == ERASED and item.erases
    if difference.coordination is None:
        return erases or (to_coordination and item.brings and difference.intake in {HANDED_OVER, WITHDRAWN})
    if difference.intake in {WITHDRAWN, ERASED}:
        return to_coordination and (erases or (difference.intake == WITHDRAWN and item.takes))
    if to_coordination:
        return difference.intake == HANDED_OVER and difference.coordination == RETURNED and item.brings
    return item.consumer == "intake"


def settled(first: Iterable[Difference], again: Iterable[Difference]) -> list[Difference]:
    """What two readings, one after the other, agree on: the services are not read in one instant, so what moved meanwhile only seems lost."""
    lost_before = {each.bare for each in first if not each.explained}
    return [each for each in again if each.explained or each.bare in lost_before]


def one_each(differences: Iterable[Difference]) -> list[Difference]:
    """Every referral once, with what nothing explains if there is such, and those first."""
    found: dict[UUID, Difference] = {}
    for each in sorted(differences, key=lambda each: each.explained is not None):
        found.setdefault(each.referral_id, each)
    return list(found.values())


def table(intake: Tallies, coordination: Tallies) -> dict[str, dict[str, int]]:
    """Per state, how many each service has; states that only intake knows have no second number."""
    rows: dict[str, dict[str, int]] = {}
    for state in sorted(intake.keys() | coordination.keys() - ENDED):
        rows[state] = {"intake": intake.get(state, Tally()).count}
        if state not in INTAKE_ONLY:
            rows[state]["coordination"] = coordination.get(state, Tally()).count
    return rows


def tallies(told: Mapping[str, Mapping[str, Any]]) -> Tallies:
    """Tallies as a service answered them."""
    return {place: Tally(each["count"], each["hash"]) for place, each in told.items()}
