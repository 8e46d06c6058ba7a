"""What a sender sends: the body of a referral, as JSON or gathered from the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator, model_validator

from services.intake.persons.domain import Address, Day, Language, Nis, PersonDetails, Postcode, Sex
from services.intake.programmes.facts import Facts
from shared.text import Line, Paragraph, refusal
from shared.when import Moment
from shared.working_time import BRUSSELS

WORDING = "2026-11"  # the consent text on screen 2 and in the manual; a new text gets a new version

AMINA_FACTS: dict[str, JsonValue] = {
    "weeks_pregnant": 31,
    "needs": ["housing", "mental_health"],
    "coordination_now": "none",
    "providers": "several",
    "has_plan": False,
}
AMINA: dict[str, JsonValue] = {
    "person": {
        "given_name": "Amina",
        "family_name": "Lahsaini",
        "birth_date": "1999-03-14",
        "sex": "female",
        "address": {"street": "Kastanjelaan", "number": "14", "postcode": "9060"},
        "phone": "0400 00 18 77",
        "language": "fr",
        "reach": "Liefst na 10 uur. Niet via haar ouders.",
        "voicemail": False,
    },
    "programme": "perinatal",
    "facts": AMINA_FACTS,
    "consent": {"given": True, "by": "person", "how": "oral"},
    "worries": "Verhuist tussen twee vriendinnen, slaapt slecht en is bang om alleen te bevallen.",
}


ConsentBy = Literal["person", "parent", "representative"]


class Model(BaseModel):
    """A part of what is sent: unknown fields are refused, and an error never repeats what was typed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Consent(Model):
    """The person knows of the referral and agrees, or who may decide for them does: `by` says who. `at` is when they said so; left out, it is now.

    `representative`: a legal representative or administrator (wettelijk vertegenwoordiger, bewindvoerder).
    """

    given: bool
    by: Annotated[ConsentBy | None, Field(validate_default=True)] = None
    how: Literal["oral", "written"] = "oral"
    at: Moment | None = None
    wording: Annotated[str, Field(max_length=20, pattern=r"^[0-9A-Za-z.-]+$")] = WORDING
    language: Literal["nl", "fr", "de", "en"] = "nl"  # in which the wording was put to them

    @field_validator("by")
    @classmethod
    def _said_who(cls, value: ConsentBy | None, info: ValidationInfo) -> ConsentBy | None:
        if value is None and info.data.get("given"):
            raise refusal("consent_by_missing", "Expected who consents: person, parent or representative.", "Zeg wie toestemming gaf.")
        return value


class Urgency(Model):
    """High needs a reason."""

    level: Literal["normal", "high"] = "normal"
    reason: Line | None = None

    @model_validator(mode="after")
    def _said_why(self) -> Urgency:
        if self.level == "high" and self.reason is None:
            raise refusal("reason_missing", "Expected a reason when the level is high.", "Zeg waarom het dringend is.")
        return self


class Question(Model):
    """Enough to propose an outcome; nothing of it is kept. `zone` chooses when an address lies in several."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"postcode": "9060", "programme": "perinatal", "birth_date": "1999-03-14", "sex": "female", "facts": AMINA_FACTS}]
        }
    )
    postcode: Postcode
    municipality: Nis | None = None
    programme: Literal["perinatal", "frail", "obesity", "unknown"]
    birth_date: Day | None = None
    birth_year: int | None = None
    due_date: Day | None = None
    sex: Sex = "unknown"
    facts: Facts = Facts()
    zone: Line | None = None


CaringOrganisations = Annotated[tuple[UUID, ...], Field(max_length=20)]


class Request(Model):
    """One referral. `caring_organisations` already care for the person, so their workers are not independent; the sender's own is added."""

    model_config = ConfigDict(json_schema_extra={"examples": [AMINA]})
    person: PersonDetails
    programme: Literal["perinatal", "frail", "obesity", "unknown"]
    facts: Facts = Facts()
    zone: Line | None = None
    consent: Consent
    worries: Paragraph | None = None
    caring_organisations: CaringOrganisations = ()
    urgency: Urgency = Urgency()
    human_check: bool = False
    languages: Annotated[tuple[Language, ...], Field(max_length=10)] = ()


def kept(body: Mapping[str, Any], today: date | None = None) -> Request:
    """A request as it was kept, judged against a day; of somebody who was erased, one that says no more than that."""
    if "erased" in body:
        address = Address.model_construct(**body["person"]["address"])
        person = PersonDetails.model_construct(**{**body["person"], "address": address})
        return Request.model_construct(person=person, programme="unknown", consent=Consent(given=False))
    return Request.model_validate(body, context={"today": today})


class Addition(Model):
    """What a sender adds later. `facts` answer what was asked; `human_check` asks somebody of the zone to look."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Ze is verhuisd naar haar zus in Eeklo."}]})
    text: Paragraph | None = None
    facts: Facts | None = None
    human_check: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Addition:
        if self.text is None and self.facts is None and not self.human_check:
            raise refusal("nothing_added", "Expected text, facts or human_check.", "Vul in wat u wilt laten weten.")
        return self


class Withdrawal(Model):
    """Why a referral is taken back. `entered_in_error`: it should never have been sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "solved"}]})
    reason: Literal["solved", "no_longer_wanted", "moved", "pregnancy_loss", "died", "other"] = "other"
    entered_in_error: bool = False


class CheckAnswer(Model):
    """What somebody of the zone decided. Eligible needs programme, role and level; refused needs a reason; a question needs text."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer": "eligible", "programme": "perinatal", "role": "care_coordinator", "level": "complex"}]}
    )
    answer: Literal["eligible", "refused", "information_needed"]
    programme: Literal["perinatal", "frail", "obesity"] | None = None
    role: Literal["care_coordinator", "case_manager"] | None = None
    level: Literal["limited", "complex"] | None = None
    text: Paragraph | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> CheckAnswer:
        if self.answer == "eligible" and None in (self.programme, self.role, self.level):
            raise refusal("incomplete", "Expected programme, role and level with an eligible referral.", "Kies programma, rol en niveau.")
        if self.answer != "eligible" and self.text is None:
            raise refusal(
                "text_missing", "Expected text: the reason, or what the sender is asked.", "Schrijf de reden, of wat u de aanmelder vraagt."
            )
        return self


def consented_at(request: Request, now: datetime) -> datetime:
    """When consent was given: as the sender says, but never in the future."""
    return min(request.consent.at or now, now)


def known_facts(person: PersonDetails | Question, facts: Facts) -> Facts:
    """The facts with what is told of the person; on dates and sex that wins."""
    told: dict[str, object] = {}
    if person.birth_date is not None:
        told["birth_date"] = person.birth_date
    elif person.birth_year is not None:
        told["birth_year"] = person.birth_year
    if person.due_date is not None:
        told["due_date"] = person.due_date
    if person.sex in {"female", "male"}:
        told["sex"] = person.sex
    return facts.model_copy(update=told) if told else facts


def day(moment: datetime) -> date:
    """The day in Brussels: the one that rules count with."""
    return moment.astimezone(BRUSSELS).date()
