"""A care team as people read it, out of its rows and what the directory knows of who is in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.coordination import words
from services.coordination.team import roles
from services.coordination.team.domain import Member
from shared.web.languages import capital, current, gettext, lazy

Row = Mapping[str, Any]
Known = Mapping[UUID, Any]  # what the directory knows, by id
PARTS = {"contact": lazy("adres en telefoon"), "need": lazy("de nood"), "worries": lazy("wat zorgen baart")}


def ids(row: Row, members: Iterable[Member], referrals: Iterable[Row] = ()) -> set[UUID]:
    """Whom a page names: who coordinates, who is or was in the team, who added them, and who sent the referrals."""
    named = {row["coordinator_id"], *(referral["sender_id"] for referral in referrals)}
    return {id for id in named.union(*((each.member_id, each.joined_by, each.left_by) for each in members)) if id}


def everybody(row: Row, role: str, members: Iterable[Member], known: Known, referrals: Sequence[Row] = ()) -> list[dict[str, Any]]:
    """The lines of the team: who coordinates, who is in it, who sent the referrals; once each, the longest member first."""
    lines = []
    if row["coordinator_id"]:
        lines.append(_line(row["coordinator_id"], known, role, row["assigned_at"]))
    lines += [
        _line(each.member_id, known, roles.named(each.care_role, current()), each.joined_at)
        | {"member_id": each.member_id, "sees": seen_parts(each.sees)}
        for each in members
        if each.left_at is None
    ]
    senders = {referral["sender_id"]: referral["received_at"] for referral in reversed(referrals) if referral["withdrawn_at"] is None}
    for line in lines:
        if senders.pop(line["id"], None):
            line["role"] = gettext("{role}, ook aanmelder", role=line["role"])
    return lines + [_line(sender, known, gettext("Aanmelder"), at) for sender, at in senders.items()]


def _line(id: UUID, known: Known, role: str, since: Any) -> dict[str, Any]:
    found = known.get(id)
    return {
        "id": id,
        "name": name(id, known),
        "note": found.note if found else "",
        "phone": found.phone if found else "",
        "role": role,
        "since": since,
        "member_id": None,
        "sees": "",
    }


def name(id: UUID, known: Known) -> str:
    """What somebody is called, or that it cannot be shown now."""
    found = known.get(id)
    return found.name if found else gettext("Naam nu niet te zien")


def seen_parts(sees: Iterable[str]) -> str:
    """What a role sees of the person, in words."""
    return ", ".join([gettext("naam, leeftijd en taal"), *_needed(sees)])


def _needed(sees: Iterable[str]) -> list[str]:
    return [str(PARTS[part]) for part in sees if part in PARTS]


def entries(members: Iterable[Member], known: Known) -> list[dict[str, Any]]:
    """Lines of the timeline: who came in and who left, with who said so."""
    found = []
    for each in members:
        title, role = gettext("In het zorgteam: {who}", who=name(each.member_id, known)), roles.named(each.care_role, current())
        found.append(_entry(each.joined_at, title, by=_by(each.joined_by, known), text=role))
        if each.left_at:
            title = gettext("Uit het zorgteam: {who}", who=name(each.member_id, known))
            found.append(_entry(each.left_at, title, by=_by(each.left_by, known)))
    return found


def _by(id: UUID | None, known: Known) -> str | None:
    return known[id].name if id is not None and id in known else None


def course(row: Row, members: Iterable[Member], known: Known) -> list[dict[str, Any]]:
    """What a member reads of what happened, the newest first."""
    found = entries(members, known)
    for moment, title in (
        (row["assigned_at"], gettext("Coördinator aangesteld")),
        (row["first_contact_at"], gettext("Eerste contact")),
        (row["paused_at"], gettext("Gepauzeerd")),
    ):
        if moment:
            found.append(_entry(moment, title))
    return sorted(found, key=lambda entry: entry["at"], reverse=True)


def _entry(at: Any, title: str, *, by: str | None = None, text: str | None = None) -> dict[str, Any]:
    return {"at": at, "title": title, "by": by, "text": text, "state": "done"}


def choices() -> list[dict[str, str]]:
    """The roles to choose from, each with what it sees beside who the person is."""
    return [
        {"value": role.code, "text": role.name(current()), "hint": capital(", ".join(_needed(role.sees)) or gettext("niets meer"))}
        for role in roles.ROLES.values()
    ]


def stand(row: Row) -> dict[str, str]:
    """Where the case stands, as a member reads it."""
    kind, text = words.STATUSES[row["status"]]
    return {"kind": kind, "text": text}
