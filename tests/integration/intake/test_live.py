"""Whom the changes of intake concern."""

from __future__ import annotations

from uuid import UUID, uuid4

from shared.events import coordination
from tests.integration.intake.rig import House, an_actor
from tests.integration.intake.test_after_sending import COORDINATOR, SENDER, about, sent

ORGANISATION = f"organisation {SENDER.organisation_id}"
ZONE = "zone meetjesland-oost"
FORM = {"person.given_name": "Leyla", "person.address.postcode": "9060"}


class Told:
    """Whom changes concern since the last time that was asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._looked_at = 0

    async def since(self) -> set[str]:
        rows = await self._house.rows("select tx, audience from changes where tx > $1", self._looked_at)
        self._looked_at = max((row["tx"] for row in rows), default=self._looked_at)
        return {each for row in rows for each in row["audience"]}


async def test_a_referral_concerns_its_senders_organisation_and_its_zone_whoever_changes_it(house: House):
    told = Told(house)
    id = await sent(house)
    assert await told.since() == {ORGANISATION, ZONE}
    offer = {"offer_id": uuid4(), "coordinator_id": COORDINATOR, "role": "case_manager"}
    await house.hear(await about(house, id, coordination.CaseOffered, **offer, deadline=house.clock()))
    assert await told.since() == {ORGANISATION, ZONE}
    await house.post(SENDER, f"/referrals/{id}/withdraw", {"reason": "solved"}, "once")
    assert await told.since() == {ORGANISATION, ZONE}


async def test_a_draft_concerns_the_organisation_when_it_comes_and_goes_not_while_somebody_types(house: House):
    told, id = Told(house), await house.begun(SENDER)
    answer = await house.send_form(SENDER, f"/intake/refer/1/{id}", FORM | {"_action": "itself"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert await told.since() == {ORGANISATION}
    assert (await house.send_form(SENDER, f"/intake/refer/1/{id}", FORM | {"person.phone": "0400", "_action": "itself"})).status_code == 204
    assert await told.since() == set()
    assert "0400" in (await house.page(SENDER, f"/intake/refer/1/{id}")).text
    await house.send_form(SENDER, f"/intake/refer/discard/{id}", {})
    assert await told.since() == {ORGANISATION}


async def test_a_draft_of_another_organisation_does_not_save_itself(house: House):
    id = await house.begun(SENDER)
    await house.send_form(SENDER, f"/intake/refer/1/{id}", FORM | {"_action": "itself"})
    answer = await house.send_form(an_actor("sender"), f"/intake/refer/1/{id}", {"person.given_name": "Iemand", "_action": "itself"})
    assert answer.status_code == 404
    assert "Leyla" in (await house.page(SENDER, f"/intake/refer/1/{id}")).text


async def test_a_page_tells_its_script_from_where_on_to_ask_and_one_that_was_not_as_expected_does_not(house: House):
    await house.kernel.changes.watch(house.kernel.pool)
    page = await house.page(SENDER, "/intake/referrals")
    assert f'data-live="/intake/live?since={house.kernel.changes.position}"' in page.text
    assert house.kernel.changes.position > 0
    id = await sent(house)
    assert "data-live" in (await house.page(SENDER, f"/intake/referrals/{id}")).text
    wrong = await house.send_form(SENDER, f"/intake/referrals/{UUID(id)}/information", {"text": ""})
    assert wrong.status_code == 422
    assert "data-live" not in wrong.text


async def test_a_page_that_asks_for_itself_is_not_sent_to_sign_in(house: House):
    answer = await house.client.get("/intake/referrals", headers={"X-Refresh": "1"})
    assert answer.status_code == 401
    assert (await house.client.get("/intake/referrals")).status_code == 303
