"""Who needs care: what a sender tells about a person, and when two referrals are about the same one. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple, Protocol
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from stdnum.be import ssn
from stdnum.exceptions import ValidationError as InvalidNumber

from shared.text import Line, PersonName, Text, refusal

OLDEST_YEARS = 130
PREGNANCY_DAYS = 280  # 40 weeks from the last period
OVERDUE_DAYS = 21  # a due date may have passed by this much


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and len(value) == len("2026-11-23"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise refusal("day", "Expected a date that exists, written YYYY-MM-DD.", "Vul een datum in die bestaat: dd/mm/jjjj.")


def _national_number(value: str) -> str:
    """The 11 digits of a Belgian national (INSZ/NISS) or BIS number; the birth date in it is a hint, never a fact."""
    try:
        return str(ssn.validate(value))
    except InvalidNumber:
        raise refusal(
            "national_number",
            "Expected a national or BIS number: 11 digits, the last two the check number. It may be left out.",
            "Dit rijksregisternummer klopt niet: 11 cijfers, met controlegetal. Weglaten mag.",
        ) from None


def _phone(value: str) -> str:
    if not (PHONE.match(value) and 8 <= sum(map(str.isdigit, value)) <= 15):
        raise refusal(
            "phone",
            "Expected a telephone number of 8 to 15 digits, such as 0470 12 34 56 or +32 470 12 34 56.",
            "Vul een telefoonnummer in van 8 tot 15 cijfers, zoals 0470 12 34 56.",
        )
    return value


def _email(value: str) -> str:
    if not EMAIL.match(value):
        raise refusal("email", "Expected an e-mail address, such as name@example.be.", "Vul een e-mailadres in, zoals naam@voorbeeld.be.")
    return value


def _language(value: str) -> str:
    if not LANGUAGE.match(value):
        raise refusal(
            "language",
            "Expected a language code: two letters (ISO 639-1), such as nl, or three (ISO 639-3), such as vgt.",
            "Kies een taal.",
        )
    return value


def _postcode(value: str) -> str:
    if not POSTCODE.match(value):
        raise refusal("postcode", "Expected a Belgian postcode of four digits.", "Vul een postcode van vier cijfers in.")
    return value


def _nis(value: str) -> str:
    if not NIS.match(value):
        raise refusal("nis", "Expected the NIS code of a municipality: five digits.", "Kies een gemeente.")
    return value


PHONE = re.compile(r"\+?[0-9 ./()\-]+\Z", re.ASCII)
EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
LANGUAGE = re.compile(r"[a-z]{2,3}\Z")  # `und`: another language, said in words beside it
NOT_LETTERS = re.compile(r"[\W_]+")
NIS = re.compile(r"[0-9]{5}\Z", re.ASCII)
POSTCODE = re.compile(r"[1-9][0-9]{3}\Z", re.ASCII)

Day = Annotated[date, BeforeValidator(_day)]
NationalNumber = Annotated[str, Text(20), AfterValidator(_national_number)]
Phone = Annotated[str, Text(30), AfterValidator(_phone)]
Email = Annotated[str, Text(254), AfterValidator(_email)]
Language = Annotated[str, AfterValidator(_language)]
Postcode = Annotated[str, Text(10), AfterValidator(_postcode)]
Nis = Annotated[str, AfterValidator(_nis)]
Sex = Literal["female", "male", "other", "unknown"]


class Address(BaseModel):
    """Where the person lives or stays. Only the postcode is needed: it gives the zone. `municipality`
    is needed where a postcode has several."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    street: Line | None = None
    number: Annotated[str, Text(20)] | None = None
    postcode: Postcode
    municipality: Nis | None = None


class PersonDetails(BaseModel):
    """What a sender tells about a person. Unborn: the mother is the person and `due_date` is given (her own birth date if known).

    `birth_year` is for whom only the year is known: no day is made up. `language_note` says in words what a code cannot.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
    given_name: PersonName
    family_name: PersonName
    birth_date: Day | None = None
    birth_year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    due_date: Day | None = None
    sex: Sex = "unknown"
    national_number: NationalNumber | None = None
    address: Address
    phone: Phone | None = None
    email: Email | None = None
    language: Language = "nl"
    language_note: Line | None = None
    interpreter: bool = False  # an interpreter is agreed with the person
    reach: Line | None = None  # when, or through whom
    voicemail: bool = False  # may a message be left

    @model_validator(mode="after")
    def _born_or_expected(self) -> PersonDetails:
        if self.birth_date is None and self.birth_year is None and self.due_date is None:
            raise refusal(
                "birth_or_due_date",
                "Expected birth_date (or birth_year where only the year is known), or due_date for a pregnancy.",
                "Vul de geboortedatum in, of de uitgerekende datum. Alleen het jaar mag ook.",
            )
        return self

    @model_validator(mode="after")
    def _reachable(self) -> PersonDetails:
        if self.phone is None and self.email is None and self.reach is None:
            raise refusal(
                "unreachable",
                "Expected phone, email or reach (through whom).",
                "Vul een telefoonnummer, een e-mailadres of een contactpersoon in.",
            )
        return self

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Person(NamedTuple):
    """A person as intake keeps them. `details` are what was told first and what the zone's intake took from later tellings; `nis` is the
    municipality; `likeness` is the same for whoever may be the same person. `erased`: nothing personal is left of them.
    """

    id: UUID
    details: PersonDetails
    nis: str
    household_id: UUID | None
    likeness: str | None = None
    erased: bool = False


class Dated(Protocol):
    """Whatever tells of a person's birth."""

    @property
    def birth_date(self) -> date | None: ...
    @property
    def birth_year(self) -> int | None: ...
    @property
    def due_date(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Implausible:
    """A date that is well written and cannot be true, with what is expected: in English, and the Dutch text that pages translate (`{years}`: OLDEST_YEARS)."""

    field: str
    expected: str
    expected_nl: str


def household(address: Address) -> str | None:
    """The same for everyone at the same address, however it is typed; None when street or number is unknown."""
    if not address.street or not address.number:
        return None
    return f"{address.postcode}|{letters(address.street)}|{letters(address.number)}"


def letters(text: str) -> str:
    """Letters and digits only, lower case, without accents."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text)
    return NOT_LETTERS.sub("", plain).casefold()


def age(born: date, today: date) -> int:
    """Completed years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def years(told: Dated, today: date) -> int | None:
    """Completed years, as few as they can be where only the year of birth is known; None for who is not born or unknown."""
    if told.birth_date is not None:
        return age(told.birth_date, today) if told.birth_date <= today else None
    return None if told.birth_year is None else age(date(told.birth_year, 12, 31), today)


def as_unborn(details: PersonDetails, today: date) -> PersonDetails:
    """A birth date that is still to come is a due date."""
    if details.birth_date is None or details.birth_date <= today or details.due_date is not None:
        return details
    return details.model_copy(update={"birth_date": None, "due_date": details.birth_date})


def implausible(details: Dated, today: date) -> list[Implausible]:
    """Which dates cannot be true on this day, and what is expected instead."""
    wrong = []
    born, due = details.birth_date, details.due_date
    if born is not None and (born > today + timedelta(days=PREGNANCY_DAYS) or (born > today and due is not None)):
        wrong.append(
            Implausible(
                "birth_date",
                "Expected a birth date until today, or a due date at most nine months ahead.",
                "Vul een geboortedatum tot en met vandaag in, of een uitgerekende datum binnen de negen maanden.",
            )
        )
    elif born is not None and born <= today and age(born, today) >= OLDEST_YEARS:
        wrong.append(
            Implausible(
                "birth_date",
                f"Expected a birth date less than {OLDEST_YEARS} years ago.",
                "Vul een geboortedatum in van minder dan {years} jaar geleden.",
            )
        )
    year = details.birth_year
    if year is not None and (not today.year - OLDEST_YEARS < year <= today.year or (born is not None and born.year != year)):
        wrong.append(
            Implausible(
                "birth_year",
                f"Expected the year of birth_date, or without birth_date a year of less than {OLDEST_YEARS} years ago.",
                "Vul een geboortejaar in van minder dan {years} jaar geleden, of de volledige geboortedatum.",
            )
        )
    if due is not None and not today - timedelta(days=OVERDUE_DAYS) <= due <= today + timedelta(days=PREGNANCY_DAYS):
        wrong.append(
            Implausible(
                "due_date",
                "Expected a due date from three weeks ago to nine months ahead.",
                "Vul een uitgerekende datum in van drie weken geleden tot negen maanden vooruit.",
            )
        )
    return wrong
