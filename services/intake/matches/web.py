"""The JSON API of the question whether the person of a referral is somebody known."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.intake.matches import handlers, store
from services.intake.matches.domain import Match, MatchAnswer, asked_in, facts_of
from services.intake.matches.telling import Line, lines
from services.intake.persons import store as persons
from services.intake.persons.domain import Person
from services.intake.persons.register import newcomer
from services.intake.records import store as records
from services.intake.referrals import store as referrals
from services.intake.referrals.handlers import request_from
from services.intake.referrals.sight import seen
from services.intake.referrals.web import not_found
from shared.clock import new_id
from shared.items import Entry
from shared.web.call import Call
from shared.web.routing import Operation

REFUSALS = {
    "not_found": "There is no such question for you.",
    "already_answered": "Somebody answered this question already.",
    "person_erased": "This person was erased; nobody can become them.",
}


class LineView(BaseModel):
    """One field in both tellings. `differs` fields can be taken from the newer one."""

    field: str
    known: str
    told: str
    differs: bool


class MatchView(BaseModel):
    """Is the person of this referral the person known before? `joined`: it is taken to be so until somebody says otherwise."""

    referral_id: UUID
    reference: str
    zone: str
    joined: bool
    waits: bool  # the referral is not handed over before this is answered
    asked_at: datetime
    due_at: datetime
    answer: str | None
    lines: list[LineView]


class OpenMatch(BaseModel):
    """An open question."""

    referral_id: UUID
    reference: str
    zone: str
    joined: bool
    due_at: datetime


class OpenMatches(BaseModel):
    """The most pressing first."""

    matches: list[OpenMatch]


class MatchAnswered(BaseModel):
    """Where the referral is after the answer."""

    id: UUID
    reference: str
    status: str
    answer: str


class Question:
    """A question with both tellings, as its page and its API show it. There is nobody to compare with once it is answered."""

    def __init__(self, match: Match, row: Any, known: Person | None, told: Person) -> None:
        self.match = match
        self.row = row
        self.told = told
        self.joined = row["person_id"] == match.known_id
        self.waits = bool(row["unsure"]) and row["urgency"] == "normal"
        self.lines: list[Line] = lines(known, told) if known and match.answered_at is None else []


async def question(call: Call) -> Question:
    """The question about a referral, for the intake of its zone."""
    async with call.read() as connection:
        match = await store.read(connection, call.path["id"])
        row = await referrals.read(connection, call.path["id"])
        if match is None or row is None or not row["consent"] or not (ground := call.may(facts_of(match))):
            raise not_found()
        sent = await records.bodies(connection, [row["id"]])
        known = await persons.read(connection, [match.known_id])
        await call.looked(connection, [seen(row, ground), Entry(match.known_id, None, row["id"], match.zone, ground.relation)])
    request = request_from(sent[row["id"]], row["received_at"])
    return Question(match, row, known.get(match.known_id), newcomer(row["person_id"], request.person, row["nis"]))


async def listed(call: Call) -> OpenMatches:
    """The open questions of the actor's zones."""
    async with call.read() as connection:
        rows = await store.listed(connection, call.bounds)
        await call.looked(connection, [seen(row, call.may(asked_in(row["zone"]))) for row in rows])
    return OpenMatches(
        matches=[
            OpenMatch(
                referral_id=row["id"],
                reference=row["reference"],
                zone=row["zone"],
                joined=row["person_id"] == row["known_id"],
                due_at=row["due_at"],
            )
            for row in rows
        ]
    )


async def read(call: Call) -> MatchView:
    """Both tellings, field by field."""
    asked = await question(call)
    return MatchView(
        referral_id=asked.match.referral_id,
        reference=asked.row["reference"],
        zone=asked.match.zone,
        joined=asked.joined,
        waits=asked.waits,
        asked_at=asked.match.asked_at,
        due_at=asked.match.due_at,
        answer=asked.match.answer,
        lines=[LineView(field=line.field, known=line.known, told=line.told, differs=line.differs) for line in asked.lines],
    )


def command(call: Call, given: MatchAnswer) -> handlers.AnswerMatch:
    """What is handed over to be decided."""
    return handlers.AnswerMatch(call.path["id"], call.actor, given, new_id())


async def answer(call: Call) -> dict[str, Any]:
    """A worker of the zone says who it is."""
    decision = await call.submit(handlers.answer_match, command(call, call.body))
    told: dict[str, Any] = decision.answer
    return told


OPERATIONS = [
    Operation("GET", "/intake/api/matches", listed, "Open questions: is this the same person?", answer=OpenMatches),
    Operation("GET", "/intake/api/referrals/{id:uuid}/match", read, "Is this the same person? Both tellings", answer=MatchView),
    Operation(
        "POST",
        "/intake/api/referrals/{id:uuid}/match-answer",
        answer,
        "Say whether the person of a referral is somebody known",
        body=MatchAnswer,
        answer=MatchAnswered,
        refusals=REFUSALS,
    ),
]
