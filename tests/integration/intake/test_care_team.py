"""What intake shows of a person to a member of the care team: what the role needs, as long as that lasts."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from services.intake.teams import handlers
from shared.access.actors import Actor
from shared.events.coordination import CareTeamJoined, CareTeamLeft
from shared.items import Received
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

SENDER, MEMBER, OFFICER = an_actor("sender"), an_actor("care_team", zones=()), an_actor("privacy_officer")
BLANK = {"address": "", "phone": None, "email": None, "reach": None, "voicemail": None, "need": "", "due_date": None, "worries": None}


async def a_case(house: House) -> dict[str, Any]:
    """A referral of an assigned case."""
    id = (await house.post(SENDER, "/referrals", a_referral())).json()["id"]
    async with house.kernel.transaction() as tx:
        row = await tx.fetchrow(
            "update referrals set coordinator_id = $2, case_id = $3, status = 'assigned' where id = $1 returning *",
            UUID(id),
            uuid4(),
            uuid4(),
        )
    assert row
    return dict(row)


async def hear(house: House, handler: Any, event: Any) -> None:
    await house.kernel.transact(handler, [Received(uuid4(), house.clock(), uuid4(), event)])


async def join(house: House, row: dict[str, Any], *sees: str, member: Actor = MEMBER, **changes: Any) -> None:
    known = {"person_id": row["person_id"], "case_id": row["case_id"], "case_reference": "2026-0001", "zone": row["zone"], "referrals": ()}
    await hear(house, handlers.on_care_team_joined, CareTeamJoined(**known | changes, member_id=member.id, care_role="midwife", sees=sees))


async def leave(house: House, row: dict[str, Any]) -> None:
    known = {"person_id": row["person_id"], "case_id": row["case_id"], "case_reference": "2026-0001", "zone": row["zone"], "referrals": ()}
    await hear(house, handlers.on_care_team_left, CareTeamLeft(**known, member_id=MEMBER.id))


async def fragment(house: House, row: dict[str, Any], who: Actor = MEMBER) -> dict[str, Any] | None:
    found = (await house.post(who, "/fragments", {"person_ids": [str(row["person_id"])]})).json()["fragments"]
    return dict(found[0]) if found else None


async def test_a_member_sees_who_the_person_is_and_the_parts_that_the_role_needs(house: House) -> None:
    row = await a_case(house)
    assert await fragment(house, row) is None
    await join(house, row)
    told = await fragment(house, row)
    assert told is not None
    assert {name: told[name] for name in BLANK} == BLANK
    assert (told["name"] != "", told["municipality"] != "", told["language"] != "") == (True, True, True)
    await join(house, row, "contact", "need", "worries")
    told = await fragment(house, row)
    assert told is not None
    assert all(told[name] for name in ("address", "phone", "need", "worries"))
    await join(house, row, "need")
    told = await fragment(house, row)
    assert told is not None
    assert (told["address"], told["phone"], told["worries"], told["need"] != "") == ("", None, None, True)
    seen = await house.rows("select outcome, relation from audit where action = 'persons.fragments' order by id")
    assert [tuple(entry.values()) for entry in seen] == [("not_found", None), *[("seen", "team")] * 3]


async def test_who_left_another_person_or_a_stranger_gets_nothing(house: House) -> None:
    row, other = await a_case(house), await a_case(house)
    await join(house, row, "contact")
    assert await fragment(house, other) is None
    assert await fragment(house, row, an_actor("care_team")) is None
    assert (await house.get(MEMBER, f"/referrals/{row['id']}")).status_code == 403
    await leave(house, row)
    assert await fragment(house, row) is None


async def test_a_role_that_is_not_that_of_the_care_team_is_no_tie(house: House) -> None:
    row = await a_case(house)
    await join(house, row, "contact")
    assert await fragment(house, row, an_actor("coordinator", id=MEMBER.id)) is None


async def test_withdrawn_consent_and_the_end_of_the_case_end_it(house: House) -> None:
    row = await a_case(house)
    await join(house, row, "contact")
    assert await fragment(house, row) is not None
    answer = await house.post(OFFICER, f"/persons/{row['person_id']}/consent/withdraw", {"by": "person", "how": "oral", "language": "nl"})
    assert answer.is_success, answer.text
    assert await fragment(house, row) is None
    closed = await a_case(house)
    await join(house, closed, "contact")
    await house.rows("update referrals set status = 'closed' where id = $1 returning id", closed["id"])
    assert await fragment(house, closed) is None


async def test_a_referral_that_moved_to_somebody_else_is_not_shown_by_its_former_case(house: House) -> None:
    row, somebody = await a_case(house), await a_case(house)
    await join(house, row, "contact")
    await house.rows("update referrals set person_id = $2 where id = $1 returning id", row["id"], somebody["person_id"])
    assert await fragment(house, somebody) is None


async def test_what_senders_added_is_not_for_the_care_team(house: House) -> None:
    row = await a_case(house)
    await join(house, row, "contact", "need", "worries")
    answer = await house.post(SENDER, f"/referrals/{row['id']}/information", {"text": "Slaapt bij een vriendin."})
    assert answer.is_success, answer.text
    record = await house.value("select id from records where kind = 'information'")
    holder = an_actor("coordinator", id=row["coordinator_id"])
    for who, count in ((holder, 1), (MEMBER, 0)):
        told = await house.post(who, "/additions", {"record_ids": [str(record)]})
        assert len(told.json()["additions"]) == count


async def test_an_erased_persons_team_is_forgotten_and_not_learnt_again(house: House) -> None:
    row = await a_case(house)
    await join(house, row, "contact")
    answer = await house.post(OFFICER, "/erasures", {"person": row["reference"]})
    assert answer.status_code == 202, answer.text
    assert await house.rows("select * from care_team") == []
    await join(house, row, "contact")
    assert await house.rows("select * from care_team") == []
