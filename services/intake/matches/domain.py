"""The question whether the person of a referral is a person known before. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.access.rules import Facts
from shared.text import refusal

Answer = Literal["same", "not_same"]
Taken = Literal["given_name", "family_name", "birth_date", "sex", "address", "phone", "email", "language"]


class Match(NamedTuple):
    """One question to the intake of `zone`, at most one per referral: is its person `known_id`? Where it is so until somebody says otherwise,
    the referral's person is `known_id` already. `reach_added`: that person has this telling's words on how to be reached.
    """

    referral_id: UUID
    known_id: UUID
    zone: str
    reach_added: bool
    asked_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    answer: Answer | None = None


class MatchAnswer(BaseModel):
    """`same`: what was known first stays, but for the fields to `take` from the newer referral. `not_same`: the referral gets a person of its
    own, without a national number that is somebody else's."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"answer": "same"}, {"answer": "same", "take": ["address"]}, {"answer": "not_same"}]},
    )
    answer: Answer
    take: tuple[Taken, ...] = Field(default=(), max_length=8)

    @model_validator(mode="after")
    def _takes_from_the_same(self) -> MatchAnswer:
        if self.answer == "not_same" and self.take:
            raise refusal(
                "takes_from_another",
                "Expected nothing to take when it is not the same person.",
                "Van iemand anders neemt u niets over. Kies ‘dezelfde persoon’, of vink niets aan.",
            )
        return self


def facts_of(match: Match) -> Facts:
    """What a question says of who may answer it: it is there to be looked at by the intake of its zone."""
    return asked_in(match.zone)


def asked_in(zone: str) -> Facts:
    """The facts of any question to the intake of this zone."""
    return Facts(zones=frozenset({zone}), to_check=True)
