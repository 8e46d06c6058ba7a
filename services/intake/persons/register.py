"""Who a referral is about: somebody known by national number, somebody new, or somebody new who may be known. Pure.

What was told first stays. A newer telling only adds: what was not known yet, and every wish on how to be reached. What it says differently
is taken over by a human or not at all, so that nobody's phone takes the place of a safe one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.intake.keys.domain import Ring
from services.intake.persons.domain import Person, PersonDetails
from services.intake.persons.likeness import differences, is_asked, is_far, likeness

BESIDE = " / "  # between what one sender and the next said of how to reach the person


class Doubt(NamedTuple):
    """A human has to say whether this is the person known under `known_id`. `reach_added`: the person already has this telling's words on
    how to be reached."""

    known_id: UUID
    reach_added: bool = False


class Entered(NamedTuple):
    """The person a referral is about, until a human says otherwise."""

    person: Person
    doubt: Doubt | None = None


@dataclass(slots=True)
class Register:
    """The persons that a batch of referrals touches: by national number, by likeness the oldest first, those that are new and those that changed.
    `ring` has the data keys of all of them that are kept already."""

    known: dict[str, Person] = field(default_factory=dict)
    alike: dict[str, list[Person]] = field(default_factory=dict)
    added: dict[UUID, Person] = field(default_factory=dict)
    changed: dict[UUID, Person] = field(default_factory=dict)
    ring: Ring = field(default_factory=dict)

    @classmethod
    def of(cls, persons: Iterable[Person]) -> Register:
        register = cls()
        for person in persons:
            register._find_by(person)
        return register

    def _find_by(self, person: Person) -> None:
        if number := person.details.national_number:
            self.known[number] = person
        if person.likeness:
            self.alike.setdefault(person.likeness, []).append(person)

    def add(self, person: Person) -> None:
        self.added[person.id] = person
        self._find_by(person)

    def change(self, person: Person) -> None:
        (self.added if person.id in self.added else self.changed)[person.id] = person
        self.known[str(person.details.national_number)] = person


def newcomer(id: UUID, details: PersonDetails, nis: str, household_id: UUID | None = None) -> Person:
    """The person as one sender tells of them."""
    return Person(id, details, nis, household_id, likeness(details))


def enter(register: Register, told: Person) -> Entered:
    """The person with this national number, known or earlier in the batch; else a new one. With a doubt where a human has to say who it is."""
    number = told.details.national_number
    known = register.known.get(number) if number else None
    if known is None:
        other = _alike(register, told)
        register.add(told)
        return Entered(told, Doubt(other.id) if other else None)
    if is_far(known.details, told.details):
        apart = without_number(told)
        register.add(apart)
        return Entered(apart, Doubt(known.id))
    asked = is_asked(differences(known, told))
    person = with_wishes(known, told) if asked else filled(with_wishes(known, told), told)
    if person != known:
        register.change(person)
    return Entered(person, Doubt(known.id, person.details.reach != known.details.reach) if asked else None)


def _alike(register: Register, told: Person) -> Person | None:
    """The oldest person with the same likeness; two national numbers are two persons."""
    among = register.alike.get(told.likeness, ()) if told.likeness else ()
    return next((person for person in among if not (told.details.national_number and person.details.national_number)), None)


def without_number(told: Person) -> Person:
    """The person as told, but for a national number that is somebody else's."""
    return told._replace(details=told.details.model_copy(update={"national_number": None}))


def with_wishes(known: Person, told: Person) -> Person:
    """Wishes on how to be reached hold at once, whoever tells them: "no message" always wins, words stand beside each other."""
    before, after = known.details, told.details
    reach = before.reach if after.reach in (None, before.reach) else BESIDE.join(filter(None, (before.reach, after.reach)))
    return _with(known, reach=reach, voicemail=before.voicemail and after.voicemail)


def without_words(known: Person, reach: str | None) -> Person:
    """The person without words on how to be reached that a telling about somebody else brought."""
    own = known.details.reach
    if own is None or reach is None:
        return known
    first, found, last = f"{BESIDE}{own}{BESIDE}".rpartition(f"{BESIDE}{reach}{BESIDE}")
    if not found:
        return known
    left = filter(None, (first.removeprefix(BESIDE), last.removesuffix(BESIDE)))
    return _with(known, reach=BESIDE.join(left) or None)


def filled(known: Person, told: Person) -> Person:
    """What was not known yet; the newest due date; an interpreter once agreed stays agreed. Never a way to reach the person."""
    before, after = known.details, told.details
    return _with(
        known,
        birth_date=before.birth_date or after.birth_date,
        due_date=after.due_date or before.due_date,
        sex=after.sex if before.sex == "unknown" else before.sex,
        national_number=before.national_number or after.national_number,
        interpreter=before.interpreter or after.interpreter,
    )


def learned(known: Person, told: PersonDetails) -> Person:
    """The dates and the sex that were not known yet."""
    before = known.details
    return _with(
        known,
        birth_date=before.birth_date or told.birth_date,
        due_date=before.due_date or told.due_date,
        sex=told.sex if before.sex == "unknown" else before.sex,
    )


def taking(known: Person, told: Person, fields: Collection[str]) -> Person:
    """The person with these fields as the newer telling has them, as far as it says something else there."""
    taken = [name for name in differences(known, told) if name in fields]
    person = _with(known, **{name: getattr(told.details, name) for name in taken})
    return person._replace(nis=told.nis, household_id=told.household_id) if "address" in taken else person


def _with(known: Person, **told: object) -> Person:
    before = known.details
    if all(getattr(before, name) == value for name, value in told.items()):
        return known
    details = before.model_copy(update=told)
    return known._replace(details=details, likeness=likeness(details))
