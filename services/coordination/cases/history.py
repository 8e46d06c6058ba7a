"""The history of a case as people read it, out of its rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from services.coordination import words
from services.coordination.additions.domain import Addition
from shared.web import formats

Row = Mapping[str, Any]


def stages(row: Row) -> list[dict[str, Any]]:
    """The track at the top: done, now, to come."""
    assigned, contact, closed = row["assigned_at"], row["first_contact_at"], row["closed_at"]
    reached = [
        ("Ontvangen", row["received_at"]),
        ("In aanmerking", row["opened_at"]),
        ("Toegewezen", assigned),
        ("Eerste contact", contact),
        ("Plan loopt", None),
        ("Afgesloten", closed),
    ]
    if closed:
        return [{"state": "done" if at or (text == "Plan loopt" and contact) else "", "text": text, "at": at} for text, at in reached]
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
    row: Row, referrals: Iterable[Row], offers: Iterable[Row], tasks: Iterable[Row], added: Iterable[tuple[Addition, str]]
) -> list[dict[str, Any]]:
    """What happened, the newest first. `added`: what senders added later, each with its text."""
    found, references = [], {}
    for referral in referrals:
        references[referral["referral_id"]] = referral["reference"]
        found.append(_entry(referral["received_at"], f"Aangemeld, {referral['reference']}", text=words.programmes([referral["programme"]])))
        if referral["withdrawn_at"]:
            found.append(_entry(referral["withdrawn_at"], f"Aanmelding {referral['reference']} ingetrokken"))
    found.append(_entry(row["opened_at"], "Dossier geopend", text=words.programmes(row["programmes"])))
    for addition, text in added:
        late = ", na het afsluiten" if addition.missed else ""
        found.append(_entry(addition.added_at, f"Aangevuld door de aanmelder, {references[addition.referral_id]}{late}", text=text))
    for offer in offers:
        found += _of_offer(offer)
    for task in tasks:
        found.append(_entry(task["asked_at"], "Taak voor de zone", text=words.TASKS[task["kind"]]))
        if task["done_at"]:
            found.append(_entry(task["done_at"], "Taak gedaan", by=task["doer"], text=words.TASKS[task["kind"]]))
    if row["first_contact_at"]:
        found.append(_entry(row["first_contact_at"], "Eerste contact", text=f"Intensiteit {words.INTENSITIES[row['intensity']]}"))
    if row["paused_at"]:
        found.append(_entry(row["paused_at"], "Gepauzeerd", state="now"))
    if row["waiting_since"]:
        found.append(_entry(row["waiting_since"], "Wacht", text=words.WAITING.get(row["reason"], row["reason"]), state="now"))
    if row["closed_at"]:
        found.append(_entry(row["closed_at"], "Afgesloten", text=words.OUTCOMES.get(row["outcome"], row["outcome"])))
    return sorted(found, key=lambda entry: entry["at"])[::-1]  # of the same moment: what follows from it stands above


def _of_offer(offer: Row) -> list[dict[str, Any]]:
    name = offer["name"] or "iemand die niet meer in de lijst staat"
    known = ", begeleidde dit gezin al eerder" if offer["familiar"] else ""
    found = [
        _entry(
            offer["offered_at"],
            f"Aangeboden aan {name}",
            text=f"Tot {formats.full_date(offer['deadline'])} {formats.clock(offer['deadline'])}{known}",
            state="now" if offer["status"] == "offered" else "done",
        )
    ]
    if offer["status"] in ("accepted", "ended") and offer["answered_at"]:
        found.append(_entry(offer["answered_at"], "Aanvaard", by=name))
    elif offer["status"] in words.ENDS:
        at = offer["answered_at"] if offer["status"] == "declined" else offer["ended_at"]
        by = name if offer["status"] == "declined" else None
        found.append(
            _entry(at or offer["offered_at"], words.ENDS[offer["status"]], by=by, text=words.ended(offer["status"], offer["reason"]))
        )
    return found


def _entry(at: Any, title: str, *, by: str | None = None, text: str | None = None, state: str = "done") -> dict[str, Any]:
    return {"at": at, "title": title, "by": by, "text": text, "state": state}
