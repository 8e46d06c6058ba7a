"""A referral that turns out to be about somebody else leaves the one case and comes to the other, in whatever order that is heard."""

from __future__ import annotations

from uuid import uuid4

import pytest

from services.coordination.cases import handlers as cases
from shared import clock
from shared.events.intake import ReferralAccepted, ReferralMoved
from shared.items import Received
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import ZONE, a_lead, a_referral, a_worker


async def hear(office: Office, event: ReferralAccepted | ReferralMoved) -> None:
    handler = cases.on_referral_accepted if isinstance(event, ReferralAccepted) else cases.on_referral_moved
    await office.kernel.transact(handler, [Received(clock.new_id(), office.clock(), clock.new_id(), event)])


def moved_from(referral: ReferralAccepted) -> ReferralMoved:
    return ReferralMoved(
        person_id=referral.person_id,
        referral_id=referral.referral_id,
        reference=referral.reference,
        zone=ZONE,
        sender_id=referral.sender_id,
    )


async def linked(office: Office) -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for row in await office.rows(
            """select person_id, cases.status, referral_id from cases left join case_referrals on case_id = cases.id
               order by opened_at, cases.id, referral_id"""
        )
    ]


@pytest.mark.parametrize("left_first", [True, False])
async def test_the_right_person_has_the_referral_and_the_wrong_one_keeps_the_rest(office: Office, left_first: bool) -> None:
    await office.hire(a_worker(), a_lead())
    own, wrong = a_referral(), a_referral(programme="perinatal")
    wrong = wrong.model_copy(update={"person_id": own.person_id})
    right = wrong.model_copy(update={"person_id": uuid4()})
    await hear(office, own)
    await hear(office, wrong)
    office.clock.pass_by(minutes=1)
    for event in (moved_from(wrong), right) if left_first else (right, moved_from(wrong)):
        await hear(office, event)
    assert await linked(office) == [(own.person_id, "offered", own.referral_id), (right.person_id, "offered", wrong.referral_id)]
    assert await office.value("select programmes from cases where person_id = $1", own.person_id) == ["frail"]
    assert await office.miscounted() == []


async def test_a_case_without_referrals_closes_and_frees_its_place(office: Office) -> None:
    await office.hire(a_worker(), a_lead())
    wrong = a_referral()
    await hear(office, wrong)
    await hear(office, moved_from(wrong))
    await hear(office, moved_from(wrong))
    assert await linked(office) == [(wrong.person_id, "closed", None)]
    assert await office.value("select count(*) from offers where status = 'offered'") == 0
    assert await office.miscounted() == []
