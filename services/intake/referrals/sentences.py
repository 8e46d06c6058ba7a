"""Who acts next on a referral, by when, and what happened: the sentences of its status. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.intake.referrals import views, words
from services.intake.referrals.acting import NEXT, OWNED
from services.intake.referrals.book import Step
from services.intake.referrals.domain import NO_ANSWER
from services.intake.referrals.progress import REOPENED
from services.intake.referrals.states import Status
from shared.web import formats
from shared.web.languages import gettext, lazy

LABELS = {
    Status.DRAFT: lazy("Concept"),
    Status.RECEIVED: lazy("Ontvangen"),
    Status.INFORMATION_NEEDED: lazy("Informatie nodig"),
    Status.NOT_ELIGIBLE: lazy("Niet in aanmerking"),
    Status.WAITING: lazy("Wacht"),
    Status.OFFERED: lazy("Aangeboden"),
    Status.ASSIGNED: lazy("Toegewezen"),
    Status.FIRST_CONTACT: lazy("Eerste contact"),
    Status.PAUSED: lazy("Gepauzeerd"),
    Status.CLOSED: lazy("Afgesloten"),
    Status.WITHDRAWN: lazy("Ingetrokken"),
    Status.ENTERED_IN_ERROR: lazy("Vergissing"),
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
STATIONS = (lazy("Ontvangen"), lazy("In aanmerking"), lazy("Aangeboden"), lazy("Toegewezen"), lazy("Eerste contact"))
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
    "nobody": lazy("De zone heeft nog geen coördinatoren."),
    "not_active": lazy("Geen coördinator is nu aan het werk."),
    "role": lazy("Geen coördinator heeft deze rol."),
    "programme": lazy("Geen coördinator is opgeleid voor dit programma."),
    "area": lazy("Geen coördinator werkt in deze gemeente."),
    "on_leave": lazy("Wie het kan doen, is met verlof."),
    "language": lazy("Geen coördinator spreekt de taal."),
    "neutrality": lazy("Wie vrij is, werkt voor een organisatie die al helpt."),
    "declined": lazy("Wie het kan doen, kon het aanbod niet aanvaarden."),
    "capacity": lazy("Alle coördinatoren zitten vol."),
}
ENDS = {
    "goals_reached": lazy("De doelen zijn bereikt."),
    "handed_over": lazy("De zorg is overgedragen."),
    "no_longer_wanted": lazy("De persoon wil dit niet meer."),
    "not_reached": lazy("De persoon is niet bereikt."),
    "moved": lazy("De persoon is verhuisd."),
    "deceased": lazy("De persoon is overleden."),
    "pregnancy_loss": lazy("De begeleiding rond de zwangerschap is gestopt."),
    "withdrawn": lazy("De aanmelding is ingetrokken."),
    "consent_withdrawn": lazy("De persoon trok de toestemming in."),
    "erased": lazy("De gegevens zijn gewist."),
}
UNANSWERED = lazy("De aanvulling kwam niet op tijd.")
TOLD_WITH: Mapping[str, Mapping[str, str]] = {"waiting": BLOCKED, "closed": ENDS, "check_requested": {NO_ANSWER: UNANSWERED}}
HAPPENED = {
    "check_requested": lazy("Iemand van de zone kijkt na"),
    "check_eligible": lazy("Nagekeken: komt in aanmerking"),
    "check_refused": lazy("Nagekeken: komt niet in aanmerking"),
    "information_needed": lazy("Informatie gevraagd"),
    "information_added": lazy("Aangevuld"),
    "information_missed": lazy("De aanvulling kwam na het afsluiten: niemand leest ze nog"),
    "not_eligible": lazy("Komt niet in aanmerking"),
    "received": lazy("Komt in aanmerking"),
    "offered": lazy("Aangeboden"),
    "waiting": lazy("Wacht op een coördinator"),
    "assigned": lazy("Toegewezen"),
    "returned": lazy("Terug naar de intake van de zone"),
    "first_contact": lazy("Eerste contact"),
    "paused": lazy("Gepauzeerd"),
    "resumed": lazy("Hervat"),
    "closed": lazy("Afgesloten"),
    "withdrawn": lazy("Ingetrokken"),
    "consent_withdrawn": lazy("Toestemming ingetrokken: er wordt niets meer gedeeld"),
    "entered_in_error": lazy("Bij vergissing ingevoerd"),
    "person_checked": lazy("Nagekeken door de intake van de zone"),
    "handed_over_again": lazy("Opnieuw doorgegeven door de intake van de zone"),
}


WHY_CHECKED = {
    "human_check": lazy("De regel vraagt het."),
    "not_eligible": lazy("De regel zegt: niet in aanmerking. De aanmelder vraagt het na te kijken."),
    "information_needed": lazy("Er ontbreekt informatie. De aanmelder vraagt het na te kijken."),
}

REFUSED = {
    "too_late": lazy("Dit kan niet meer: er was al een eerste contact, of de aanmelding is voorbij."),
    "facts_disagree": lazy("Deze gegevens kunnen niet samen kloppen met wat u eerder verstuurde. Kijk ze nog eens na."),
    "no_check_open": lazy("Iemand anders keek deze aanmelding al na."),
    "match_open": lazy("Zeg eerst of dit iemand is die al gekend is."),
    "not_found": lazy("Deze aanmelding is er niet."),
}

# why something can no longer be added, by the state that the referral came into
NOT_ADDED: Mapping[str, str] = {
    Status.CLOSED: lazy(
        "Uw aanvulling is niet verstuurd: het dossier werd net afgesloten. Is er weer zorg nodig? Maak dan een nieuwe aanmelding."
    ),
    Status.WITHDRAWN: lazy(
        "Uw aanvulling is niet verstuurd: de aanmelding werd net ingetrokken. Maak een nieuwe aanmelding als er toch zorg nodig is."
    ),
    Status.ENTERED_IN_ERROR: lazy("Uw aanvulling is niet verstuurd: deze aanmelding staat als vergissing genoteerd."),
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
    before = words.moment(due, now) if due and due > now else ""
    if row["check_due_at"] is not None:
        does = gettext("kijkt deze aanmelding na vóór {moment}", moment=before) if before else gettext("kijkt deze aanmelding na")
        return Sentence(gettext("De intake van {zone}", zone=zone), does, gettext("U hoeft niets te doen."))
    role = words.role_name(row["case_role"] or row["role"])
    held = contacts.get(row["coordinator_id"], SOMEBODY)
    owner = contacts.get(row["owner_id"], SOMEBODY)
    holder = gettext("{name}, {role},", name=held.name, role=role) if held.name else gettext("De {role}", role=role)
    told = {"zone": zone, "role": role, "moment": before, "missing": words.missing(row["missing"]), "owner": owner.name, "holder": holder}
    who, dated, undated, note = NEXT[status]
    if status == Status.WAITING and owner.name:
        who = OWNED
    notes = {Status.WAITING: BLOCKED.get(row["reason"], ""), Status.ASSIGNED: _late(due, now), Status.CLOSED: ENDS.get(row["reason"], "")}
    phone = {Status.WAITING: owner.phone, Status.ASSIGNED: held.phone, Status.FIRST_CONTACT: held.phone, Status.PAUSED: held.phone}
    does = str(dated if before else undated).format_map(told)
    return Sentence(str(who).format_map(told), does, str(notes.get(status, note)).format_map(told), phone.get(status))


def _late(due: datetime | None, now: datetime) -> str:
    return gettext("Dat moest er al zijn tegen {moment}.", moment=words.moment(due, now)) if due and due <= now else ""


def why_checked(row: Mapping[str, Any]) -> str:
    """Why a human has to look."""
    why = str(_why_checked(row))
    return gettext("Dringend. {why}", why=why) if row["urgency"] == "high" else why


def _why_checked(row: Mapping[str, Any]) -> str:
    if row["information_due_at"] is not None:
        return (
            UNANSWERED
            if not row["missing"]
            else gettext("De aanvulling kwam niet op tijd. Er werd gevraagd: {missing}.", missing=words.missing(row["missing"]))
        )
    if row["reason"] == REOPENED:
        return gettext("Een coördinator zegt: verkeerd programma.")
    if row["programme"] == "unknown":
        return gettext("De aanmelder weet niet welk programma past.")
    if row["outcome"] == "human_check" and row["missing"]:
        return gettext("De regel vraagt het. Nog niet bekend: {missing}.", missing=words.missing(row["missing"]))
    return WHY_CHECKED.get(row["outcome"]) or gettext("De aanmelder vraagt het.")


def why_a_human_looks(row: Mapping[str, Any]) -> str:
    """To the sender: why a human looks first."""
    if row["programme"] == "unknown":
        return gettext("U weet niet welk programma past.")
    if row["outcome"] == "human_check":
        return (
            gettext("Nog uit te zoeken: {missing}.", missing=words.missing(row["missing"]))
            if row["missing"]
            else gettext("De regel vraagt het.")
        )
    dangerous = row["urgency"] == "high" and row["outcome"] != "eligible"
    return gettext("De situatie kan gevaarlijk zijn.") if dangerous else gettext("U vroeg het.")


def why_asked(row: Mapping[str, Any]) -> str:
    """Why the zone's intake is asked whether the person of a referral is somebody known."""
    if row["person_id"] == row["known_id"]:
        return gettext("Zelfde rijksregisternummer, andere gegevens.")
    if row["unsure"] and row["urgency"] == "normal":
        return gettext("Mogelijk dezelfde persoon. De aanmelding wacht op uw antwoord.")
    return gettext("Mogelijk dezelfde persoon.")


def is_late(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether what comes next should have happened."""
    due = views.due(row)
    return due is not None and due <= now and Status(row["status"]) not in ENDED


def label(row: Mapping[str, Any], now: datetime) -> tuple[str, str]:
    """The short status: kind and word."""
    status = Status(row["status"])
    if is_late(row, now):
        return "late", gettext("Te laat")
    return ("", gettext("Nakijken")) if row["check_due_at"] is not None else (KINDS.get(status, ""), LABELS[status])


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
            title, by = gettext("Toegewezen aan {who}", who=by), ""
        lines.append({"at": step.at, "state": "done", "title": title, "by": by, "text": text})
    return lines[::-1]


def read_by(row: Mapping[str, Any]) -> str:
    """Who reads what is added now."""
    if row["check_due_at"] is not None:
        return gettext("Wie de aanmelding nakijkt, leest dit.")
    status = Status(row["status"])
    if status in (Status.INFORMATION_NEEDED, Status.NOT_ELIGIBLE):
        return ""
    if status is Status.WAITING:
        return gettext("De verantwoordelijke van de zone krijgt een bericht en leest dit.")
    return gettext("Wie coördineert, krijgt een bericht en leest dit.")


def printed(at: datetime) -> str:
    """A moment on paper."""
    return gettext("{day} om {clock}", day=formats.full_date(at), clock=formats.clock(at))
