"""Messages over HTTP: what was told about a referral or to somebody, the count, and sending again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifications.delivery import handlers as delivery
from services.notifications.messages import domain, store
from shared.items import Entry
from shared.web.call import Call
from shared.web.routing import Operation
from shared.when import Moment


class MessageQuery(BaseModel):
    """Which messages. `referral` is a referral's id or reference; `recipient` the id of a provider or worker."""

    model_config = ConfigDict(extra="forbid")
    referral: str | None = Field(default=None, max_length=60, pattern=r"^[^\x00-\x1f]*$")
    recipient: UUID | None = None
    limit: int = Field(default=100, ge=1, le=500)

    @model_validator(mode="after")
    def _names_something(self) -> MessageQuery:
        if self.referral is None and self.recipient is None:
            raise PydanticCustomError("referral_or_recipient", "Expected `referral` or `recipient`.")
        return self


class Attempt(BaseModel):
    at: datetime
    result: str
    reason: str | None


class MessageView(BaseModel):
    """One message to one recipient. `recipient` is the name in the directory, None when it holds nobody by that id."""

    id: UUID
    event_id: UUID
    kind: str
    role: str
    recipient_id: UUID
    recipient: str | None
    channel: str
    language: str
    reference: str
    referral_id: UUID | None
    case_id: UUID | None
    link: str
    state: str
    reason: str | None
    tries: int
    next_try_at: datetime | None
    recorded_at: datetime
    ended_at: datetime | None
    attempts: list[Attempt]


class MessageList(BaseModel):
    messages: list[MessageView]


class SentAgain(BaseModel):
    id: UUID
    state: str


class CountQuery(BaseModel):
    """Facts recorded until then; without it all up to now. `days` also asks for the referrals acknowledged on those."""

    model_config = ConfigDict(extra="forbid")
    until: Moment | None = Field(default=None, examples=["2026-11-24T09:30:00+01:00"])
    days: list[date] = Field(default=[], max_length=5_000)


class Told(BaseModel):
    """Of how many referrals or cases somebody was told, and the exclusive or of `hashtextextended(id::text, 0)` over their ids."""

    count: int
    hash: int


class Counts(BaseModel):
    """Messages by state, and by kind the referrals (kinds of intake's facts) or cases (the others) they are about. `acknowledged`: referrals
    whose sender was told that they were accepted, by day of acceptance in UTC."""

    until: datetime
    states: dict[str, int]
    told: dict[str, Told]
    acknowledged: dict[str, Told]
    ids: list[UUID] = []


async def messages(call: Call) -> MessageList:
    """Messages about a referral and its case, or to a recipient: one's own, those of one's zones, or for operations all."""
    query: MessageQuery = call.query
    referral_id = _id(query.referral)
    async with call.read() as connection:
        rows = await store.listed(
            connection,
            call.bounds,
            referral_id=referral_id,
            reference=query.referral if referral_id is None else None,
            recipient_id=query.recipient,
            limit=query.limit,
        )
        about = {Entry(None, row["case_id"], row["referral_id"], row["zone"], call.may(domain.facts_of(row)).relation) for row in rows}
        await call.looked(connection, about)
    return MessageList(messages=[_view(row, call.kernel.settings.public_url) for row in rows])


async def counts(call: Call) -> Counts:
    """Count-out: what was told, to be laid beside what intake and coordination counted."""
    until = call.query.until or call.kernel.now()
    async with call.read() as connection:
        states = await store.states(connection, until)
        told = {row["kind"]: Told(count=row["count"], hash=row["hash"]) for row in await store.subjects(connection, until)}
        acknowledged = {str(row["day"]): Told(count=row["count"], hash=row["hash"]) for row in await store.acknowledged(connection, until)}
        ids = await store.acknowledged_on(connection, until, call.query.days) if call.query.days else []
    shown = {state: states.get(state, 0) for state in domain.State}
    return Counts(until=until, states=shown, told=told, acknowledged=acknowledged, ids=ids)


async def send_again(call: Call) -> dict[str, Any]:
    """Try a message now that failed, was skipped or waits."""
    decision = await call.submit(delivery.send_again, delivery.SendAgain(call.path["id"]))
    answer: dict[str, Any] = decision.answer
    return answer


def _id(text: str | None) -> UUID | None:
    """The id that a text is, or None when it is a reference."""
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None


def _view(row: asyncpg.Record, public_url: str) -> MessageView:
    path = domain.page(row["role"], row["kind"], row["referral_id"], row["case_id"]) if row["reference"] else "/"
    fields = {name: row[name] for name in MessageView.model_fields if name in row}
    return MessageView(
        **fields
        | {
            "link": public_url.rstrip("/") + path,
            "attempts": orjson.loads(row["attempts"]),
            "next_try_at": row["due_at"] if row["state"] == domain.State.WAITING else None,
        }
    )


OPERATIONS = [
    Operation(
        "GET",
        "/notifications/api/messages",
        messages,
        "Messages about a referral or to a recipient",
        query=MessageQuery,
        answer=MessageList,
    ),
    Operation(
        "POST",
        "/notifications/api/messages/{id:uuid}/retry",
        send_again,
        "Try a message again now",
        answer=SentAgain,
        refusals={
            "no_such_message": "There is no message with this id.",
            "message_delivered": "It was delivered already.",
            "message_stopped": "Nothing is told about this person any more: consent was withdrawn, or the person was erased.",
            "message_sending": "It is being sent right now; look again in half a minute.",
        },
    ),
    Operation("GET", "/notifications/api/counts", counts, "What was told, counted", query=CountQuery, answer=Counts),
]
