"""Who acts next on a referral, by when, and what happened: the sentences of its status. Pure, in Dutch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.referrals import views, words
from services.intake.referrals.book import Step
from services.intake.referrals.domain import NO_ANSWER
from services.intake.referrals.progress import REOPENED
from services.intake.referrals.states import Status
from shared.web import formats

LABELS = {
    Status.DRAFT: "Concept",
    Status.RECEIVED: "Ontvangen",
    Status.INFORMATION_NEEDED: "Informatie nodig",
    Status.NOT_ELIGIBLE: "Niet in aanmerking",
    Status.WAITING: "Wacht",
    Status.OFFERED: "Aangeboden",
    Status.ASSIGNED: "Toegewezen",
    Status.FIRST_CONTACT: "Eerste contact",
    Status.PAUSED: "Gepauzeerd",
    Status.CLOSED: "Afgesloten",
    Status.WITHDRAWN: "Ingetrokken",
    Status.ENTERED_IN_ERROR: "Vergissing",
}
KINDS = {
    Status.INFORMATION_NEEDED: "soon",
    Status.OFFERED: "busy",
    Status.ASSIGNED: "busy",
    Status.FIRST_CONTACT: "done",
    Status.NOT_ELIGIBLE: "ended",
    Status.CLOSED: "ended",
    Status.WITHDRAWN: "ended",
    Status.ENTERED_IN_ERROR: "ended",
}
ENDED = frozenset({Status.NOT_ELIGIBLE, Status.CLOSED, Status.WITHDRAWN, Status.ENTERED_IN_ERROR})
STATIONS = ("Ontvangen", "In aanmerking", "Aangeboden", "Toegewezen", "Eerste contact")
REACHED = {
    Status.RECEIVED: 1,
    Status.INFORMATION_NEEDED: 1,
    Status.WAITING: 2,
    Status.OFFERED: 2,
    Status.ASSIGNED: 4,
    Status.PAUSED: 4,
    Status.FIRST_CONTACT: 5,
}
BLOCKED = {
    "nobody": "De zone heeft nog geen coördinatoren.",
    "not_active": "Geen coördinator is nu aan het werk.",
    "role": "Geen coördinator heeft deze rol.",
    "programme": "Geen coördinator is opgeleid voor dit programma.",
    "area": "Geen coördinator werkt in deze gemeente.",
    "on_leave": "Wie het kan doen, is met verlof.",
    "language": "Geen coördinator spreekt de taal.",
    "neutrality": "Wie vrij is, werkt voor een organisatie die al helpt.",
    "declined": "Wie het kan doen, kon het aanbod niet aanvaarden.",
    "capacity": "Alle coördinatoren zitten vol.",
}
ENDS = {
    "goals_reached": "De doelen zijn bereikt.",
    "handed_over": "De zorg is overgedragen.",
    "no_longer_wanted": "De persoon wil dit niet meer.",
    "not_reached": "De persoon is niet bereikt.",
    "moved": "De persoon is verhuisd.",
    "deceased": "De persoon is overleden.",
    "pregnancy_loss": "De begeleiding rond de zwangerschap is gestopt.",
    "withdrawn": "De aanmelding is ingetrokken.",
}
UNANSWERED = "De aanvulling kwam niet op tijd."
TOLD_WITH: Mapping[str, Mapping[str, str]] = {"waiting": BLOCKED, "closed": ENDS, "check_requested": {NO_ANSWER: UNANSWERED}}
HAPPENED = {
    "check_requested": "Iemand van de zone kijkt na",
    "check_eligible": "Nagekeken: komt in aanmerking",
    "check_refused": "Nagekeken: komt niet in aanmerking",
    "information_needed": "Informatie gevraagd",
    "information_added": "Aangevuld",
    "information_missed": "De aanvulling kwam na het afsluiten: niemand leest ze nog",
    "not_eligible": "Komt niet in aanmerking",
    "received": "Komt in aanmerking",
    "offered": "Aangeboden",
    "waiting": "Wacht op een coördinator",
    "assigned": "Toegewezen",
    "returned": "Terug naar de intake van de zone",
    "first_contact": "Eerste contact",
    "paused": "Gepauzeerd",
    "resumed": "Hervat",
    "closed": "Afgesloten",
    "withdrawn": "Ingetrokken",
    "entered_in_error": "Bij vergissing ingevoerd",
    "person_checked": "Nagekeken door de intake van de zone",
    "handed_over_again": "Opnieuw doorgegeven door de intake van de zone",
}


WHY_CHECKED = {
    "human_check": "De regel vraagt het.",
    "not_eligible": "De regel zegt: niet in aanmerking. De aanmelder vraagt het na te kijken.",
    "information_needed": "Er ontbreekt informatie. De aanmelder vraagt het na te kijken.",
}

# why something can no longer be added, by the state that the referral came into
NOT_ADDED: Mapping[str, str] = {
    Status.CLOSED: "Uw aanvulling is niet verstuurd: het dossier werd net afgesloten. Is er weer zorg nodig? Maak dan een nieuwe aanmelding.",
    Status.WITHDRAWN: "Uw aanvulling is niet verstuurd: de aanmelding werd net ingetrokken. Maak een nieuwe aanmelding als er toch zorg nodig is.",
    Status.ENTERED_IN_ERROR: "Uw aanvulling is niet verstuurd: deze aanmelding staat als vergissing genoteerd.",
}
BY_NAME = frozenset({"assigned", "first_contact", "closed"})  # steps that name the coordinator


@dataclass(frozen=True, slots=True)
class Contact:
    """A worker or provider, as the directory knows them."""

    name: str
    phone: str | None


Contacts = Mapping[UUID, Contact]
SOMEBODY = Contact("", None)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`who` does `does`; `note` is the smaller line; `phone` of who acts."""

    who: str
    does: str
    note: str = ""
    phone: str | None = None


def next_step(row: Mapping[str, Any], zone: str, contacts: Contacts, now: datetime) -> Sentence:
    """Who does what before when."""
    status, due = Status(row["status"]), views.due(row)
    before = f" vóór {words.moment(due, now)}" if due and due > now else ""
    if row["check_due_at"] is not None:
        return Sentence(f"De intake van {zone}", f"kijkt deze aanmelding na{before}", "U hoeft niets te doen.")
    role = words.ROLES.get(row["case_role"] or row["role"] or "", "coördinator")
    held = contacts.get(row["coordinator_id"], SOMEBODY)
    owner = contacts.get(row["owner_id"], SOMEBODY)
    holder = f"{held.name}, {role}," if held.name else f"De {role}"
    return {
        Status.INFORMATION_NEEDED: Sentence(
            "U",
            f"vult de aanmelding aan{before}",
            f"Nog nodig: {words.missing(row['missing'])}. Komt er geen antwoord, dan kijkt de intake van {zone} ze na.",
        ),
        Status.RECEIVED: Sentence(f"De zone {zone}", f"zoekt een {role}", "Dat gebeurt meestal binnen enkele minuten."),
        Status.OFFERED: Sentence(
            f"Een {role}", f"beslist{before} over het aanbod", "Geen antwoord? Dan gaat het vanzelf naar de volgende."
        ),
        Status.WAITING: Sentence(
            f"{owner.name}, zone {zone}," if owner.name else f"De verantwoordelijke van {zone}",
            f"zoekt een oplossing{before}",
            BLOCKED.get(row["reason"], ""),
            owner.phone,
        ),
        Status.ASSIGNED: Sentence(holder, f"neemt contact op met de persoon{before}", _late(due, now), held.phone),
        Status.FIRST_CONTACT: Sentence(
            holder, "maakt het plan met de persoon en het zorgteam", "U krijgt een bericht als het dossier afsluit.", held.phone
        ),
        Status.PAUSED: Sentence(holder, "gaat verder zodra het weer kan", "", held.phone),
        Status.NOT_ELIGIBLE: Sentence(
            "Komt niet in aanmerking.", "", "Bekijk de reden en waar u wel terechtkunt, of vraag dat iemand meekijkt."
        ),
        Status.CLOSED: Sentence("Afgesloten.", "", ENDS.get(row["reason"], "")),
        Status.WITHDRAWN: Sentence("Ingetrokken.", "", "Niemand neemt nog contact op."),
        Status.ENTERED_IN_ERROR: Sentence("Bij vergissing ingevoerd.", "", "Er gebeurt niets meer."),
    }[status]


def _late(due: datetime | None, now: datetime) -> str:
    return f"Dat moest er al zijn tegen {words.moment(due, now)}." if due and due <= now else ""


def why_checked(row: Mapping[str, Any]) -> str:
    """Why a human has to look."""
    return f"Dringend. {_why_checked(row)}" if row["urgency"] == "high" else _why_checked(row)


def _why_checked(row: Mapping[str, Any]) -> str:
    if row["information_due_at"] is not None:
        return f"{UNANSWERED} Er werd gevraagd: {words.missing(row['missing'])}." if row["missing"] else UNANSWERED
    if row["reason"] == REOPENED:
        return "Een coördinator zegt: verkeerd programma."
    if row["programme"] == "unknown":
        return "De aanmelder weet niet welk programma past."
    if row["outcome"] == "human_check" and row["missing"]:
        return f"De regel vraagt het. Nog niet bekend: {words.missing(row['missing'])}."
    return WHY_CHECKED.get(row["outcome"], "De aanmelder vraagt het.")


def why_a_human_looks(row: Mapping[str, Any]) -> str:
    """To the sender: why a human looks first."""
    if row["programme"] == "unknown":
        return "U weet niet welk programma past."
    if row["outcome"] == "human_check":
        return f"Nog uit te zoeken: {words.missing(row['missing'])}." if row["missing"] else "De regel vraagt het."
    return "De situatie kan gevaarlijk zijn." if row["urgency"] == "high" and row["outcome"] != "eligible" else "U vroeg het."


def why_asked(row: Mapping[str, Any]) -> str:
    """Why the zone's intake is asked whether the person of a referral is somebody known."""
    if row["person_id"] == row["known_id"]:
        return "Zelfde rijksregisternummer, andere gegevens."
    if row["unsure"] and row["urgency"] == "normal":
        return "Mogelijk dezelfde persoon. De aanmelding wacht op uw antwoord."
    return "Mogelijk dezelfde persoon."


def is_late(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether what comes next should have happened."""
    due = views.due(row)
    return due is not None and due <= now and Status(row["status"]) not in ENDED


def label(row: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """The short status: kind and word."""
    status = Status(row["status"])
    if is_late(row, now):
        return "late", "Te laat"
    return ("", "Nakijken") if row["check_due_at"] is not None else (KINDS.get(status, ""), LABELS[status])


def track(row: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """The five stations: done, now, to come; a square where it is stuck."""
    status = Status(row["status"])
    reached = REACHED.get(status, 0)
    here = "stop" if status is Status.WAITING else "now"
    return [
        {"text": text, "state": "done" if index < reached else here if index == reached else "", "late": is_late(row, now)}
        for index, text in enumerate(STATIONS)
    ]


def history(row: Mapping[str, Any], steps: Iterable[Step], contacts: Contacts) -> list[dict[str, Any]]:
    """What happened, newest first."""
    received, *later = views.history(row, steps)
    lines = [{"at": received.at, "state": "done", "title": LABELS[Status.RECEIVED], "text": ""}]
    for step in later:
        by = contacts.get(step.by, SOMEBODY).name if step.by and step.what in BY_NAME else ""
        text = TOLD_WITH.get(step.what, {}).get(step.reason or "", "")
        title = HAPPENED.get(step.what, step.what)
        if by and step.what == "assigned":
            title, by = f"{title} aan {by}", ""
        lines.append({"at": step.at, "state": "done", "title": title, "by": by, "text": text})
    return lines[::-1]


def read_by(row: Mapping[str, Any]) -> str:
    """Who reads what is added now."""
    if row["check_due_at"] is not None:
        return "Wie de aanmelding nakijkt, leest dit."
    reader = {Status.INFORMATION_NEEDED: "", Status.NOT_ELIGIBLE: "", Status.WAITING: "De verantwoordelijke van de zone"}
    who = reader.get(Status(row["status"]), "Wie coördineert,")
    return f"{who} krijgt een bericht en leest dit." if who else ""


def printed(at: datetime) -> str:
    """A moment on paper."""
    return f"{formats.full_date(at)} om {formats.clock(at)}"
