"""The care team as people read it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.coordination.directory import Colleague
from services.coordination.team import shown
from services.coordination.team.domain import Member
from tests.unit.coordination.builders import NOW

HOLDER, NURSE, SENDER, OTHER = (uuid4() for _ in range(4))
ROW: dict[str, Any] = {"coordinator_id": HOLDER, "assigned_at": NOW, "first_contact_at": None, "paused_at": None}


def a_member(id: UUID, *, left: bool = False) -> Member:
    return Member(uuid4(), uuid4(), id, None, "home_nursing", ("contact",), NOW, HOLDER, NOW if left else None, HOLDER if left else None)


def sent(sender: UUID, *, withdrawn: bool = False) -> dict[str, Any]:
    return {"sender_id": sender, "received_at": NOW, "withdrawn_at": NOW if withdrawn else None}


def known(*ids: UUID) -> dict[UUID, Colleague]:
    return {id: Colleague(id, f"Collega {place}", None, "De Brug", "09 0", "", "Eeklo") for place, id in enumerate(ids)}


def test_everybody_stands_once_with_the_role_and_who_left_stands_no_more() -> None:
    members = [a_member(NURSE), a_member(OTHER, left=True), a_member(SENDER)]
    referrals = [sent(SENDER), sent(HOLDER, withdrawn=True), sent(uuid4())]
    lines = shown.everybody(ROW, "Casemanager", members, known(HOLDER, NURSE, SENDER), referrals)
    assert [(line["name"], line["role"], line["member_id"]) for line in lines] == [
        ("Collega 0", "Casemanager", None),
        ("Collega 1", "Thuisverpleging", NURSE),
        ("Collega 2", "Thuisverpleging, ook aanmelder", SENDER),
        ("Naam nu niet te zien", "Aanmelder", None),
    ]


def test_what_a_member_reads_of_the_course_names_no_offer_and_no_sender() -> None:
    course = shown.course(ROW, [a_member(NURSE), a_member(OTHER, left=True)], known(HOLDER, NURSE, OTHER))
    assert {(entry["title"], entry["by"]) for entry in course} == {
        ("In het zorgteam: Collega 1", "Collega 0"),
        ("In het zorgteam: Collega 2", "Collega 0"),
        ("Uit het zorgteam: Collega 2", "Collega 0"),
        ("Coördinator aangesteld", None),
    }


def test_a_role_is_told_with_what_it_sees() -> None:
    hints = {choice["value"]: choice["hint"] for choice in shown.choices()}
    assert hints["pharmacist"] == "Niets meer"
    assert hints["midwife"] == "Adres en telefoon, de nood, wat zorgen baart"
    assert shown.seen_parts(("need",)) == "naam, leeftijd en taal, de nood"
