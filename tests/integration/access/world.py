"""Random rows of three services with random people around them, and what each row says of who may do what, known here and not read back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
import pytest

from services.coordination import app as coordination
from services.intake import app as intake
from services.intake.persons import store as persons
from services.intake.persons.domain import Person, PersonDetails
from services.intake.persons.register import newcomer
from services.intake.records import store as records
from services.intake.records.domain import Record
from services.intake.referrals.states import TAKEN_BACK, Status
from services.intake.zones.handlers import ensure_shipped_zones
from services.notifications import app as notifications
from shared import db
from shared.access.actors import Actor
from shared.access.rules import Facts
from shared.messaging.kernel import Kernel
from shared.settings import Settings, settings
from tests import secret_files
from tests.builders import a_referral
from tests.databases import Databases

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
DAY = timedelta(days=1)
QUESTION = {
    "role": "case_manager",
    "programmes": [],
    "languages": [],
    "nis": "43018",
    "points": 600,
    "caring": [],
    "excluded": [],
    "familiar": None,
}
CARD = orjson.dumps({"question": QUESTION, "ranked": [], "unfit": [], "out": [], "familiar": False}).decode()
DRAFTED = "nog niet verstuurd"
ZONES = ("meetjesland-oost", "meetjesland-west", "brussel-noord", "brussel-zuid")
ROLES = ("sender", "coordinator", "zone_lead", "zone_intake", "ops", "privacy_officer", "care_team")


@dataclass
class Referral:
    """A referral of intake with its person, its words and, for some, a question whether the person is known."""

    id: UUID
    person_id: UUID
    reference: str
    family_name: str
    words: str
    addition_id: UUID
    organisation_id: UUID
    zone: str
    status: Status
    check_due_at: datetime | None
    decided_by: UUID | None
    matched: bool
    offered_to: UUID | None
    holder_id: UUID | None
    case_id: UUID
    team: frozenset[UUID]  # of its case, also where that shows nothing any more


@dataclass
class Case:
    """A case of coordination with its active offer, if any, and a task."""

    id: UUID
    reference: str
    person_id: UUID
    zone: str
    holder_id: UUID | None
    offered_to: UUID | None
    offer_id: UUID
    task_id: UUID
    team: frozenset[UUID]
    shared: bool  # the case is open and there is consent


@dataclass
class Message:
    id: UUID
    reference: str
    recipient_id: UUID
    zone: str
    referral_id: UUID


@dataclass
class World:
    """Everybody and everything. `covers`: who looks after which case today; `glass`: who may look at which person now."""

    random: Random
    actors: list[Actor] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    drafts: dict[UUID, UUID] = field(default_factory=dict)  # draft → organisation
    cases: list[Case] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    covers: set[tuple[UUID, UUID]] = field(default_factory=set)  # case, cover
    glass: set[tuple[UUID, UUID]] = field(default_factory=set)  # actor, person
    no_consent: set[UUID] = field(default_factory=set)  # persons who took it back
    kernels: dict[str, Kernel] = field(default_factory=dict)
    _by_person: dict[UUID, list[Referral]] = field(default_factory=dict)

    def id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def of_referral(self, row: Referral) -> Facts:
        return Facts(
            organisation_id=row.organisation_id,
            zones=frozenset({row.zone}),
            to_check=row.check_due_at is not None or row.decided_by is not None or row.matched,
            holder_id=row.holder_id if self.goes_on(row) else None,
            offered_to=None if row.status in TAKEN_BACK else row.offered_to,
            covered_by=frozenset() if row.status in TAKEN_BACK else self.covering(row.case_id),
            glass=frozenset(actor for actor, person in self.glass if person == row.person_id),
            team=row.team if row.status not in TAKEN_BACK | {Status.CLOSED} else frozenset(),
            consent=row.person_id not in self.no_consent,
        )

    def goes_on(self, row: Referral) -> bool:
        """Whether the case goes on for who holds it."""
        return row.status not in TAKEN_BACK and (row.status is not Status.CLOSED or row.person_id not in self.no_consent)

    def of_codes(self, row: Referral) -> Facts:
        """The facts of its ids, codes and times, which stay whatever becomes of it and of consent; but for the care team."""
        told = self.of_referral(row)
        return replace(
            told,
            team=told.team if told.consent else frozenset(),
            consent=True,
            holder_id=row.holder_id,
            offered_to=row.offered_to,
            covered_by=self.covering(row.case_id),
        )

    def of_case(self, row: Case) -> Facts:
        return Facts(
            zones=frozenset({row.zone}),
            holder_id=row.holder_id,
            offered_to=row.offered_to,
            covered_by=self.covering(row.id),
            team=row.team if row.shared else frozenset(),
        )

    def of_message(self, row: Message) -> Facts:
        return Facts(subject_id=row.recipient_id, zones=frozenset({row.zone}))

    def covering(self, case: UUID) -> frozenset[UUID]:
        return frozenset(cover for covered, cover in self.covers if covered == case)

    def by_person(self) -> dict[UUID, list[Referral]]:
        if not self._by_person:
            for row in self.referrals:
                self._by_person.setdefault(row.person_id, []).append(row)
        return self._by_person

    def coordinators(self) -> list[Actor]:
        return [actor for actor in self.actors if "coordinator" in actor.roles]

    def maybe(self, someone: Iterable[Actor]) -> UUID | None:
        return self.random.choice([None, *(actor.id for actor in someone)])

    def some(self, someone: list[Actor]) -> frozenset[UUID]:
        """A care team: nobody, or up to five."""
        return frozenset(actor.id for actor in self.random.sample(someone, self.random.choice([0, 2, 5])))


def people(world: World, count: int) -> None:
    """Actors with random roles, organisations and zones."""
    organisations = [world.id() for _ in range(6)]
    for _ in range(count):
        roles = world.random.sample(ROLES, world.random.choice([1, 1, 1, 2, 3]))
        zones = world.random.sample(ZONES, world.random.choice([0, 1, 1, 2]))
        organisation = world.random.choice([*organisations, None])
        world.actors.append(Actor(world.id(), "Iemand", frozenset(roles), organisation, "", frozenset(zones), "nl"))


def rows(world: World, count: int) -> None:
    """Referrals, drafts, cases and messages, about persons who may have several."""
    chance, persons = world.random, [world.id() for _ in range(max(1, count * 2 // 3))]
    coordinators, everybody = world.coordinators(), world.actors
    for number in range(count):
        world.referrals.append(
            Referral(
                world.id(),
                chance.choice(persons),
                f"REF-{number:05d}-K",
                f"Canarius{number:05d}",
                f"zorgen nummer {number:05d}",
                world.id(),
                chance.choice(everybody).organisation_id or world.id(),
                chance.choice(ZONES),
                chance.choice(list(set(Status) - {Status.DRAFT})),
                chance.choice([None, NOW]),
                chance.choice([None, None, world.id()]),
                chance.random() < 0.2,
                world.maybe(coordinators),
                world.maybe(coordinators),
                world.id(),
                world.some(everybody),
            )
        )
        world.drafts[world.id()] = chance.choice(everybody).organisation_id or world.id()
        world.cases.append(
            Case(
                world.id(),
                f"2026-C{number:05d}",
                world.id(),
                chance.choice(ZONES),
                world.maybe(coordinators),
                world.maybe(coordinators),
                world.id(),
                world.id(),
                world.some(everybody),
                chance.random() < 0.6,
            )
        )
        world.messages.append(Message(world.id(), f"MSG-{number:05d}-K", chance.choice(everybody).id, chance.choice(ZONES), world.id()))
    for case in [*(row.id for row in world.cases), *(row.case_id for row in world.referrals)]:
        if chance.random() < 0.4:
            world.covers.add((case, chance.choice(coordinators).id))
    world.no_consent = set(chance.sample(persons, len(persons) // 5))
    for _ in range(len(everybody)):
        world.glass.add((chance.choice(everybody).id, chance.choice(persons)))


async def write_intake(world: World, kernel: Kernel) -> None:
    """Intake's part, and glasses and covers that are over and tie nobody any more."""
    async with kernel.transaction() as tx:
        await ensure_shipped_zones(tx)
        await persons.add(tx, [a_person(id, rows) for id, rows in world.by_person().items()])
        for row in world.referrals:
            body = a_referral("9060", worries=row.words)
            body["person"] |= {"family_name": row.family_name}
            await tx.execute(
                """insert into referrals (id, reference, person_id, sender_id, sender_organisation_id, programme, zone, nis, status, urgency,
                       needs, received_at, updated_at, outcome, missing, rule_version, judged_at, decided_by, check_due_at, offered_to,
                       coordinator_id, case_id)
                   values ($1, $2, $3, $1, $4, 'perinatal', $5, '43018', $6, 'normal', '{}', $7, $7, 'eligible', '{}', '2026-11', $7, $8, $9,
                       $10, $11, $12)""",
                row.id,
                row.reference,
                row.person_id,
                row.organisation_id,
                row.zone,
                row.status,
                NOW - DAY,
                row.decided_by,
                row.check_due_at,
                row.offered_to,
                row.holder_id,
                row.case_id,
            )
            for member in row.team:
                await tx.execute("insert into care_team values ($1, $2, $3, '{contact}')", row.case_id, member, row.person_id)
            for actor in world.actors[:5]:  # of a case that this referral left with another person
                await tx.execute(
                    "insert into care_team values ($1, $2, $3, '{contact}') on conflict do nothing", row.case_id, actor.id, world.id()
                )
            await tx.execute("insert into referral_steps (referral_id, at, what) values ($1, $2, 'offered')", row.id, NOW)
            request, addition = orjson.dumps(body).decode(), orjson.dumps({"text": row.words}).decode()
            said = (
                Record(row.id, row.person_id, row.id, "request", request, NOW),
                Record(row.addition_id, row.person_id, row.id, "information", addition, NOW),
            )
            await records.save(tx, said)
            if row.matched:
                await tx.execute(
                    "insert into matches values ($1, $2, $3, false, $4, $4)", row.id, world.referrals[0].person_id, row.zone, NOW
                )
            await write_consent(tx, row.person_id, [*world.random.choice([["given"], ["given", "withdrawn", "given"]])])
        for person in world.no_consent:
            await write_consent(tx, person, ["withdrawn"])
        for id, organisation in world.drafts.items():
            await tx.execute("insert into drafts values ($1, $1, $2, $3)", id, organisation, NOW)
            await records.save(tx, [Record(id, None, id, "draft", orjson.dumps({"worries": DRAFTED}).decode(), NOW)])
        for case, cover in world.covers:
            await tx.execute("insert into covers values ($1, $2, $3, $4, $5)", world.id(), cover, case, NOW, NOW + DAY)
        for looker, person in world.glass:
            await write_glass(tx, world.id(), looker, person, NOW, NOW + timedelta(hours=4))
        for actor in world.actors:
            over = world.random.choice(world.referrals).case_id
            await tx.execute("insert into covers values ($1, $2, $3, $4, $5)", world.id(), actor.id, over, NOW - DAY, NOW)
            await write_glass(tx, world.id(), actor.id, world.referrals[0].person_id, NOW - timedelta(hours=4), NOW)


def a_person(id: UUID, rows: list[Referral]) -> Person:
    """A person who is called by the family names of all their referrals."""
    told = a_referral("9060")["person"] | {"family_name": " ".join(row.family_name for row in rows)}
    told.pop("national_number", None)
    return newcomer(id, PersonDetails.model_validate(told), "43018")


async def write_consent(tx: Any, person: UUID, words: list[str]) -> None:
    for state in words:
        await tx.execute(
            """insert into consents (person_id, state, said_by, how, said_at, language, recorded_by, recorded_at)
               values ($1, $2, 'person', 'oral', $3, 'nl', $1, $3)""",
            person,
            state,
            NOW,
        )


async def write_glass(tx: Any, id: UUID, actor: UUID, person: UUID, start: datetime, end: datetime) -> None:
    await tx.execute("insert into glass values ($1, $2, $3, $1, 'danger', $4, $5)", id, actor, person, start, end)


async def join(tx: Any, id: UUID, case: UUID, member: UUID, *, left: bool) -> None:
    await tx.execute(
        """insert into care_team (id, case_id, member_id, care_role, sees, joined_at, joined_by, left_at, left_by)
           values ($1, $2, $3, 'home_nursing', '{contact}', $4, $1, $5, $6)""",
        id,
        case,
        member,
        NOW,
        NOW if left else None,
        id if left else None,
    )


async def write_coordination(world: World, kernel: Kernel) -> None:
    """Coordination's part."""
    async with kernel.transaction() as tx:
        for actor in world.coordinators():
            await tx.execute(
                """insert into coordinators (id, name, zones, roles, fte, languages, programmes, capacity, used, ceiling)
                   values ($1, 'Iemand', $2, '{case_manager}', 100, '{nl}', '{perinatal}', 10000, 1500, 10000)""",
                actor.id,
                sorted(actor.zones),
            )
        for row in world.cases:
            await tx.execute(
                """insert into cases (id, reference, person_id, zone, nis, programmes, role, level, languages, interpreter, urgency, needs,
                       caring_organisations, received_at, opened_at, points, status, coordinator_id, consent_withdrawn_at)
                   values ($1, $2, $3, $4, '43018', '{perinatal}', 'case_manager', 'complex', '{nl}', false, 'normal', '{}', '{}', $5, $5, 600,
                       $7, $6, $8)""",
                row.id,
                row.reference,
                row.person_id,
                row.zone,
                NOW,
                row.holder_id,
                world.random.choice(["offered", "closed"]) if not row.shared else "offered",
                None if row.shared else NOW,
            )
            for member in row.team:
                await join(tx, world.id(), row.id, member, left=False)
            for actor in world.actors[:5]:  # were members, and are no more
                await join(tx, world.id(), row.id, actor.id, left=True)
            await tx.execute(
                """insert into offers (id, case_id, role, coordinator_id, points, offered_at, deadline, status)
                   values ($1, $2, 'case_manager', $3, 600, $4, $5, $6)""",
                row.offer_id,
                row.id,
                row.offered_to or world.id(),
                NOW,
                NOW + DAY,
                "offered" if row.offered_to else "expired",
            )
            referral_id = world.id()
            await tx.execute("insert into case_referrals values ($1, $2, $3, $1, 'perinatal', $4)", referral_id, row.id, row.reference, NOW)
            await tx.execute(
                "insert into case_tasks (id, case_id, zone, kind, asked_at) values ($1, $2, $3, 'reassign', $4)",
                row.task_id,
                row.id,
                row.zone,
                NOW,
            )
            await tx.execute("insert into case_additions values ($1, $2, $3, $4, false)", world.id(), row.id, referral_id, NOW)
            await tx.execute(
                """insert into decision_cards (case_id, decided_at, rule_version, team_version, draw, inputs)
                   values ($1, $2, '0', $1, 0.5, $3)""",
                row.id,
                NOW,
                CARD,
            )
        holders = world.coordinators()
        for case, cover in world.covers:
            await write_cover(tx, world.id(), world.random.choice(holders).id, NOW, case, cover)
        for row in world.cases:  # covers that are over tie nobody any more
            await write_cover(tx, world.id(), world.random.choice(holders).id, NOW - DAY, row.id, world.random.choice(holders).id)


async def write_cover(tx: Any, id: UUID, away: UUID, day: datetime, case: UUID, cover: UUID) -> None:
    """A leave of one day during which somebody covers a case."""
    found = await tx.fetchval(
        """insert into absences values ($1, $2, $3, $3) on conflict (coordinator_id, starts_on, ends_on) do update set id = absences.id
           returning id""",
        id,
        away,
        day.date(),
    )
    await tx.execute("insert into case_covers values ($1, $2, $3)", found, case, cover)


async def write_notifications(world: World, kernel: Kernel) -> None:
    """Notifications' part."""
    async with kernel.transaction() as tx:
        for row in world.messages:
            await tx.execute(
                """insert into messages (id, event_id, recipient_id, channel, role, kind, language, reference, referral_id, zone, state, due_at,
                       trying_since, fact_at, recorded_at)
                   values ($1, $1, $2, 'email', 'sender', 'received', 'nl', $3, $4, $5, 'waiting', $6, $6, $6, $6)""",
                row.id,
                row.recipient_id,
                row.reference,
                row.referral_id,
                row.zone,
                NOW,
            )


@asynccontextmanager
async def a_world(databases: Databases, seed: int, *, actors: int = 40, count: int = 60) -> AsyncIterator[World]:
    """A world of so many people and so many rows of each kind, in three fresh databases."""
    world = World(Random(seed))
    people(world, actors)
    rows(world, count)
    writers = {"intake": write_intake, "coordination": write_coordination, "notifications": write_notifications}
    async with AsyncExitStack() as stack:
        folder, patch = stack.enter_context(TemporaryDirectory()), stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in {"token_key": "k" * 32, **secret_files.of_intake(Path(folder))}.items():
            patch.setenv(f"ZORGSPOOR_{name.upper()}", value)
        settings.cache_clear()
        stack.callback(settings.cache_clear)
        for app in (intake, coordination, notifications):
            kernel = world.kernels[app.NAME] = Kernel(app.service(), Settings(), lambda: NOW)
            kernel.pool = await db.open_pool(await databases.fresh(app.NAME), size=4, application=app.NAME)
            stack.push_async_callback(kernel.pool.close)
            await writers[app.NAME](world, kernel)
        yield world
