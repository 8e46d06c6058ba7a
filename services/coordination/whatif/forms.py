"""The four forms that add one change to a what-if: what is typed in them, as a change. Pure."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.coordination.whatif.scenario import CODE, FULL_TIME, LEAST_INTAKE, MOST_INTAKE, Away, Change, Fte, Hire, Intake
from shared.when import Day

Code = Annotated[str, Field(pattern=rf"^{CODE.pattern}$")]


class AddIntake(BaseModel):
    """More or fewer cases come: percent of what came so far."""

    percent: int = Field(ge=LEAST_INTAKE, le=MOST_INTAKE)

    def change(self) -> Change:
        return Intake(self.percent)


class AddFte(BaseModel):
    """A worker works more or less."""

    worker: UUID
    fte: int = Field(ge=0, le=FULL_TIME)

    def change(self) -> Change:
        return Fte(self.worker, self.fte)


class AddAway(BaseModel):
    """A worker is away."""

    absent: UUID
    first: Day
    last: Day

    def change(self) -> Change:
        return Away(self.absent, self.first, self.last)


class AddHire(BaseModel):
    """Somebody new begins."""

    hours: int = Field(ge=1, le=FULL_TIME)
    starts_on: Day
    roles: list[Literal["care_coordinator", "case_manager"]] = Field(min_length=1)
    programmes: list[Code] = Field(min_length=1, max_length=10)
    languages: list[Code] = Field(min_length=1, max_length=20)

    def change(self) -> Change:
        languages, programmes, roles = (tuple(sorted(set(codes))) for codes in (self.languages, self.programmes, self.roles))
        return Hire(self.hours, roles, languages, programmes, self.starts_on)


Adding = AddIntake | AddFte | AddAway | AddHire
FORMS: dict[str, type[AddIntake] | type[AddFte] | type[AddAway] | type[AddHire]] = {
    "intake": AddIntake,
    "fte": AddFte,
    "away": AddAway,
    "hire": AddHire,
}
