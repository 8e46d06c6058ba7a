"""The history of a case as people read it, out of its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.coordination import words
from services.coordination.additions.domain import Addition
from shared.web import formats
from shared.web.languages import gettext, lazy

Row = Mapping[str, Any]
ADDED, ADDED_LATE = lazy("Aangevuld door de aanmelder, {reference}"), lazy("Aangevuld door de aanmelder, {reference}, na het afsluiten")
PLAN = 4  # the station of the plan, which has no moment
UNTIL, FAMILIAR_UNTIL = lazy("Tot {day} {clock}"), lazy("Tot {day} {clock}, begeleidde dit gezin al eerder")


def stages(row: Row) -> list[dict[str, Any]]:
    """The track at the top: done, now, to come."""
    assigned, contact, closed = row["assigned_at"], row["first_contact_at"], row["closed_at"]
    reached = [
        (gettext("Ontvangen"), row["received_at"]),
        (gettext("In aanmerking"), row["opened_at"]),
        (gettext("Toegewezen"), assigned),
        (gettext("Eerste contact"), contact),
        (gettext("Plan loopt"), None),
        (gettext("Afgesloten"), closed),
    ]
    if closed:
        return [
            {"state": "done" if at or (place == PLAN and contact) else "", "text": text, "at": at}
            for place, (text, at) in enumerate(reached)
        ]
    now = 4 if contact else 3 if assigned else 2
    stuck = row["status"] in ("waiting", "returned", "paused")
    return [
        {
            "state": "done" if place < now else ("stop" if stuck else "now") if place == now else "",
            "text": text,
            "at": at if place < now else None,
        }
        for place, (text, at) in enumerate(reached)
    ]


def entries(
    row: Row,
    referrals: Iterable[Row],
    offers: Iterable[Row],
    tasks: Iterable[Row],
    added: Iterable[tuple[Addition, str]],
    team: Iterable[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """What happened, the newest first. `added`: what senders added later, each with its text; `team`: who came into the care team and left."""
    found, references = [*team], {}
    for referral in referrals:
        references[referral["referral_id"]] = referral["reference"]
        found.append(
            _entry(
                referral["received_at"],
                gettext("Aangemeld, {reference}", reference=referral["reference"]),
                text=words.programmes([referral["programme"]]),
            )
        )
        if referral["withdrawn_at"]:
            found.append(_entry(referral["withdrawn_at"], gettext("Aanmelding {reference} ingetrokken", reference=referral["reference"])))
    found.append(_entry(row["opened_at"], gettext("Dossier geopend"), text=words.programmes(row["programmes"])))
    for addition, text in added:
        title = ADDED_LATE if addition.missed else ADDED
        found.append(_entry(addition.added_at, str(title).format(reference=references[addition.referral_id]), text=text))
    for offer in offers:
        found += _of_offer(offer)
    for task in tasks:
        found.append(_entry(task["asked_at"], gettext("Taak voor de zone"), text=words.TASKS[task["kind"]]))
        if task["done_at"]:
            found.append(_entry(task["done_at"], gettext("Taak gedaan"), by=task["doer"], text=words.TASKS[task["kind"]]))
    if row["first_contact_at"]:
        found.append(
            _entry(
                row["first_contact_at"],
                gettext("Eerste contact"),
                text=gettext("Intensiteit {intensity}", intensity=words.INTENSITIES[row["intensity"]]),
            )
        )
    if row["paused_at"]:
        found.append(_entry(row["paused_at"], gettext("Gepauzeerd"), text=words.RESTS.get(row["pause_reason"]), state="now"))
    if row["waiting_since"]:
        found.append(_entry(row["waiting_since"], gettext("Wacht"), text=words.WAITING.get(row["reason"], row["reason"]), state="now"))
    if row["closed_at"]:
        found.append(_entry(row["closed_at"], gettext("Afgesloten"), text=words.OUTCOMES.get(row["outcome"], row["outcome"])))
    return sorted(found, key=lambda entry: entry["at"])[::-1]  # of the same moment: what follows from it stands above


def _of_offer(offer: Row) -> list[dict[str, Any]]:
    name = offer["name"] or gettext("iemand die niet meer in de lijst staat")
    until = FAMILIAR_UNTIL if offer["familiar"] else UNTIL
    found = [
        _entry(
            offer["offered_at"],
            gettext("Aangeboden aan {who}", who=name),
            text=str(until).format(day=formats.full_date(offer["deadline"]), clock=formats.clock(offer["deadline"])),
            state="now" if offer["status"] == "offered" else "done",
        )
    ]
    if offer["status"] in ("accepted", "ended") and offer["answered_at"]:
        found.append(_entry(offer["answered_at"], gettext("Aanvaard"), by=name))
    elif offer["status"] in words.ENDS:
        at = offer["answered_at"] if offer["status"] == "declined" else offer["ended_at"]
        by = name if offer["status"] == "declined" else None
        found.append(
            _entry(at or offer["offered_at"], words.ENDS[offer["status"]], by=by, text=words.ended(offer["status"], offer["reason"]))
        )
    return found


def _entry(at: Any, title: str, *, by: str | None = None, text: str | None = None, state: str = "done") -> dict[str, Any]:
    return {"at": at, "title": title, "by": by, "text": text, "state": state}
