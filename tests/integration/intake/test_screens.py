"""The three screens without script: nothing typed is lost, and sending twice sends once."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from services.intake.drafts.forms import version
from services.intake.drafts.handlers import NOT_FOUND, SaveDraft, save_draft
from services.intake.referrals.handlers import ALREADY_SENT, submit
from services.intake.retention.handlers import RULES
from shared.access.claims import Person
from shared.access.roles import Actor, Membership
from shared.access.rules import organisation
from shared.items import Entry
from shared.retention.nights import at_once
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor
from tests.unit.intake.referrals import a_submission
from tests.unit.intake.test_referrals_requests import TYPED

SENDER = an_actor("sender")
PERSON = {name: value for name, value in TYPED.items() if name.startswith("person.")}
NEED = {name: value for name, value in TYPED.items() if not name.startswith("person.")} | {"_shown": "perinatal", "_action": "next"}


async def typed(house: House, id: str, number: int, form: dict[str, Any]) -> str:
    """Sends a screen; where it leads."""
    answer = await house.send_form(SENDER, f"/intake/refer/{number}/{id}", form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def reviewed(house: House, id: str) -> dict[str, str]:
    """Opens the last screen; its form as a browser would send it."""
    page = (await house.page(SENDER, f"/intake/refer/3/{id}")).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', page))


async def filled_in(house: House) -> str:
    id = await house.begun(SENDER)
    assert await typed(house, id, 1, PERSON) == f"/intake/refer/2/{id}"
    assert await typed(house, id, 2, NEED) == f"/intake/refer/3/{id}"
    return id


async def test_three_screens_make_one_referral_and_a_receipt(house: House):
    id = await filled_in(house)
    assert "Als u verstuurt" in (await house.page(SENDER, f"/intake/refer/3/{id}")).text
    assert await typed(house, id, 3, await reviewed(house, id)) == f"/intake/referrals/{id}/receipt"
    receipt = await house.page(SENDER, f"/intake/referrals/{id}/receipt")
    assert re.search(r"OM-26-\d{4}-[A-Z]", receipt.text)
    assert await house.value("select count(*) from drafts") == 0
    assert [row["kind"] for row in await house.rows("select kind from records")] == ["request"]


async def test_sending_the_last_screen_many_times_sends_once(house: House):
    id = await filled_in(house)
    form = await reviewed(house, id)
    led = await asyncio.gather(*[typed(house, id, 3, form) for _ in range(5)])
    assert set(led) == {f"/intake/referrals/{id}/receipt"}
    assert await typed(house, id, 3, form) == f"/intake/referrals/{id}/receipt"
    assert await house.value("select count(*) from referrals") == 1
    assert await house.value("select count(*) from outbox") == 1


async def test_what_another_tab_typed_is_not_sent_unseen(house: House):
    id = await filled_in(house)
    seen = await reviewed(house, id)
    await typed(house, id, 1, PERSON | {"person.phone": "0400 99 88 77"})  # the other tab
    for form in (seen, {}):
        led = await typed(house, id, 3, form)
        assert led == f"/intake/refer/3/{id}?gewijzigd=1"
    assert await house.value("select count(*) from referrals") == 0
    again = (await house.page(SENDER, led)).text
    assert "intussen gewijzigd" in again
    assert "0400 99 88 77" in again
    assert "intussen gewijzigd" not in (await house.page(SENDER, f"/intake/refer/3/{id}")).text
    assert await typed(house, id, 3, await reviewed(house, id)) == f"/intake/referrals/{id}/receipt"
    assert "0400 99 88 77" in str(await house.bodies())


async def test_a_page_saved_again_as_it_was_does_not_stop_sending(house: House):
    id = await filled_in(house)
    seen = await reviewed(house, id)
    await typed(house, id, 1, PERSON)
    await typed(house, id, 2, NEED)
    assert await typed(house, id, 3, seen) == f"/intake/referrals/{id}/receipt"


async def test_a_screen_left_open_after_sending_changes_nothing(house: House):
    id = await filled_in(house)
    await typed(house, id, 3, await reviewed(house, id))
    for number, form in ((1, PERSON | {"person.given_name": "Anders"}), (2, NEED)):
        assert await typed(house, id, number, form) == f"/intake/referrals/{id}/receipt"
    assert await house.told("given_name") == [("Amina",)]


async def test_mistakes_stand_beside_their_fields_with_what_was_typed(house: House):
    id = await house.begun(SENDER)
    wrong = PERSON | {"person.birth_date": "31/02/1999", "person.phone": "12", "person.family_name": "D'Hondt & <Zn>"}
    page = (await house.page(SENDER, await typed(house, id, 1, wrong))).text
    assert 'id="person.birth_date-fout"' in page
    assert 'value="31/02/1999"' in page
    assert "D&#39;Hondt &amp; &lt;Zn&gt;" in page


async def test_several_zones_are_asked_on_the_page(house: House):
    id = await house.begun(SENDER)
    brussels = PERSON | {"person.address.postcode": "1000"}
    page = (await house.page(SENDER, await typed(house, id, 1, brussels))).text
    assert 'name="zone" value="brussel-zuid"' in page
    assert await typed(house, id, 1, brussels | {"zone": "brussel-zuid"}) == f"/intake/refer/2/{id}"
    assert await typed(house, id, 1, PERSON | {"zone": "brussel-zuid"}) == f"/intake/refer/2/{id}"  # moved: chosen for another address


async def test_without_consent_it_is_kept_and_not_sent(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    assert "nakijken" in await typed(house, id, 2, NEED | {"consent.given": "nee"})
    seen = {"_version": version((await house.bodies())[0])}
    assert "nakijken" in await typed(house, id, 3, seen)
    assert await house.value("select count(*) from referrals") == 0
    assert "Amina Lahsaini" in (await house.page(SENDER, "/intake/referrals")).text


async def test_the_proposal_is_computed_again_by_a_button(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    led = await typed(house, id, 2, NEED | {"_action": "propose", "consent.given": ""})
    assert "Komt in aanmerking" in (await house.page(SENDER, led.partition("#")[0])).text


ROUTES = [
    ("GET", "1", {}),
    ("POST", "1", PERSON),
    ("POST", "1", PERSON | {"_action": "itself"}),
    ("GET", "2", {}),
    ("POST", "2", NEED),
    ("GET", "3", {}),
    ("POST", "3", {}),
    ("POST", "search", {"text": "lahsaini"}),
    ("POST", "known", {"referral": str(uuid4())}),
    ("GET", "discard", {}),
    ("POST", "discard", {}),
]


@pytest.mark.parametrize(("method", "screen", "form"), ROUTES)
async def test_who_brings_an_id_learns_nothing_by_it(house: House, method: str, screen: str, form: dict[str, Any]):
    """Of another organisation, sent or not or only begun, made up, or of a referral that came otherwise: one answer, one line, nothing done."""
    draft, sent, begun = await filled_in(house), await filled_in(house), await house.begun(SENDER)
    await typed(house, sent, 3, await reviewed(house, sent))
    otherwise = (await house.post(SENDER, "/referrals", a_referral())).json()["id"]
    before = await house.rows("select * from drafts")
    stranger = an_actor("sender")
    told = set()
    for id in (draft, sent, begun, otherwise, str(uuid4())):
        answer = await asked(house, stranger, method, f"/intake/refer/{screen}/{id}", form)
        written = await house.rows(
            "select action, outcome, relation from audit where actor_id = $1 and subject_id = $2", stranger.id, UUID(id)
        )
        lines = frozenset(tuple(row.values()) for row in written)
        told.add((answer.status_code, answer.headers.get("location"), answer.text.replace(id, ""), lines))
    ((status, location, _, lines),) = told
    assert (status, location, {line[1:] for line in lines}) == (404, None, {("not_found", None)})
    assert await house.rows("select * from drafts") == before
    assert "Amina" in (await house.page(SENDER, f"/intake/refer/1/{draft}")).text


async def asked(house: House, who: Actor, method: str, address: str, form: dict[str, Any]) -> httpx.Response:
    return await (house.page(who, address) if method == "GET" else house.send_form(who, address, form))


async def test_the_handler_itself_keeps_nothing_under_an_id_of_others(house: House):
    stranger, begun, other = an_actor("sender"), UUID(await house.begun(SENDER)), UUID(await house.begun(SENDER))
    for id in (begun, uuid4()):
        decision = await house.kernel.submit(save_draft, SaveDraft(id, stranger, {}))
        assert decision == NOT_FOUND.about(Entry(subject=id))
    assert (await house.kernel.submit(save_draft, SaveDraft(begun, SENDER, {}))).refusal is None
    again = await house.kernel.transact(save_draft, [SaveDraft(other, SENDER, {}), SaveDraft(other, stranger, {})])
    assert [decision.refusal for decision in again] == [None, NOT_FOUND.refusal], "also where both come in one batch"
    whose = {row["sender_organisation_id"] for row in await house.rows("select sender_organisation_id from drafts")}
    assert whose == {SENDER.organisation_id}


async def test_sending_takes_no_draft_of_another_organisation(house: House):
    """Also where both come in one batch, and whatever the pages let through."""
    id = UUID(await filled_in(house))
    theirs = a_submission(id=id, from_draft=True)
    assert (await house.kernel.submit(submit, theirs)).refusal == ALREADY_SENT.refusal
    assert "Amina" in (await house.page(SENDER, f"/intake/refer/1/{id}")).text
    ours = replace(theirs, sender_organisation_id=organisation(SENDER))
    decided = await house.kernel.transact(submit, [theirs, ours])
    assert [decision.refusal for decision in decided] == [ALREADY_SENT.refusal, None]
    assert await house.value("select sender_organisation_id from referrals") == SENDER.organisation_id


async def test_a_colleague_goes_on_with_a_draft_and_is_led_to_what_was_sent(house: House):
    colleague = replace(SENDER, id=uuid4())
    id = await filled_in(house)
    assert "Amina" in (await house.page(colleague, f"/intake/refer/1/{id}")).text
    await typed(house, id, 3, await reviewed(house, id))
    for own in (SENDER, colleague):
        answer = await house.send_form(own, f"/intake/refer/1/{id}", PERSON)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/intake/referrals/{id}/receipt")


async def test_who_went_on_for_another_organisation_is_told_to_choose_and_keeps_what_was_typed(house: House):
    practice, hospital = [Membership(uuid4(), name, frozenset({"sender"}), frozenset()) for name in ("Praktijk", "Ziekenhuis")]
    who = Person(uuid4(), "Iemand", "nl", (practice, hospital))
    here, there = who.actor(practice), who.actor(hospital)
    id = await house.begun(here)
    path = f"/intake/refer/1/{id}"
    page = await house.page(there, path)
    assert (page.status_code, "Dit hoort bij een andere van uw organisaties" in page.text) == (409, True)
    assert f'href="/organisation?next={quote(path, safe="")}"' in page.text
    page = await house.send_form(there, path, PERSON)
    assert page.status_code == 409
    assert 'value="Lahsaini"' in page.text, "to be sent again, once the other is chosen"
    assert await house.value("select count(*) from drafts") == 0
    assert (await house.send_form(here, path, PERSON)).status_code == 303
    assert await house.value("select sender_organisation_id from drafts") == practice.organisation_id


async def test_a_draft_that_nobody_touches_is_forgotten(house: House):
    await filled_in(house)
    house.clock.pass_by(days=14)
    await house.kernel.transact(at_once(RULES), [None])
    assert await house.value("select count(*) from drafts") == 1
    house.clock.pass_by(minutes=1)
    await house.kernel.transact(at_once(RULES), [None])
    assert [await house.value(f"select count(*) from {table}") for table in ("drafts", "records")] == [0, 0]


async def test_every_page_opens_in_every_state_a_referral_can_have(house: House):
    intake, lead = an_actor("zone_intake"), an_actor("zone_lead")
    states = [
        row["s"]
        for row in await house.rows(
            """select trim(both '''' from split_part(s, '::', 1)) as s from regexp_split_to_table((select regexp_replace(
           pg_get_constraintdef(oid), '.*ARRAY\\[(.*)\\].*', '\\1') from pg_constraint where conname = 'referrals_status_check'), ', ') s"""
        )
    ]
    assert len(states) == 11
    for state in states:
        id = (await house.post(SENDER, "/referrals", a_referral())).json()["id"]
        async with house.kernel.transaction() as tx:
            await tx.execute(
                "update referrals set status = $2, deadline = $3, decided_by = sender_id where id = $1::uuid",
                id,
                state,
                house.clock() - timedelta(hours=1),
            )
        for who, path in (
            (SENDER, f"/intake/referrals/{id}"),
            (SENDER, f"/intake/referrals/{id}/receipt"),
            (intake, f"/intake/referrals/{id}"),
            (lead, f"/intake/referrals/{id}"),
        ):
            assert (await house.page(who, path)).status_code == 200, (state, path)
    for who, path in ((SENDER, "/intake/referrals"), (intake, "/intake/checks")):
        assert (await house.page(who, path)).status_code == 200


async def test_a_human_answers_a_check_on_its_page(house: House):
    intake = an_actor("zone_intake")
    id = (await house.post(SENDER, "/referrals", a_referral(human_check=True))).json()["id"]
    assert f"/intake/referrals/{id}" in (await house.page(intake, "/intake/checks")).text
    half = await house.send_form(intake, f"/intake/referrals/{id}/check-answer", {"answer": "refused"})
    assert half.status_code == 422
    whole = await house.send_form(intake, f"/intake/referrals/{id}/check-answer", {"answer": "refused", "text": "Al in behandeling"})
    assert whole.status_code == 303
    assert "Al in behandeling" in (await house.page(SENDER, f"/intake/referrals/{id}")).text


async def test_the_sender_adds_and_withdraws_on_the_page(house: House):
    id = (await house.post(SENDER, "/referrals", a_referral())).json()["id"]
    assert (await house.send_form(SENDER, f"/intake/referrals/{id}/information", {"text": ""})).status_code == 422
    assert (await house.send_form(SENDER, f"/intake/referrals/{id}/information", {"text": "Ze verhuisde"})).status_code == 303
    assert "Ze verhuisde" in (await house.page(SENDER, f"/intake/referrals/{id}")).text
    assert (await house.send_form(SENDER, f"/intake/referrals/{id}/withdraw", {"reason": "solved"})).status_code == 303
    assert await house.value("select status from referrals") == "withdrawn"


async def test_everyone_starts_on_the_page_of_their_role(house: House):
    for role, page in (
        ("sender", "/intake/referrals"),
        ("coordinator", "/coordination/day"),
        ("zone_intake", "/intake/checks"),
        ("zone_lead", "/coordination/zones"),
        ("ops", "/operations"),
    ):
        assert (await house.page(an_actor(role), "/")).headers["location"] == page


async def screen(house: House, id: str, number: int) -> str:
    """A screen as it stands, its character references read."""
    return html.unescape((await house.page(SENDER, f"/intake/refer/{number}/{id}")).text)


async def second_screen(house: House, person: dict[str, Any], need: dict[str, Any]) -> str:
    """A draft with both screens sent; where it is."""
    id = await house.begun(SENDER)
    assert await typed(house, id, 1, person) == f"/intake/refer/2/{id}"
    await typed(house, id, 2, need)
    return id


async def sent(house: House, person: dict[str, Any], need: dict[str, Any]) -> str:
    """A referral by the three screens; its receipt."""
    id = await second_screen(house, person, need)
    assert await typed(house, id, 3, await reviewed(house, id)) == f"/intake/referrals/{id}/receipt"
    return html.unescape((await house.page(SENDER, f"/intake/referrals/{id}/receipt")).text)


ELDER = PERSON | {"person.birth_date": "09/05/1941"}
FRAIL = {name: value for name, value in NEED.items() if not name.startswith("facts.")} | {
    "programme": "frail",
    "_shown": "frail",
    "facts.dementia": "ja",
    "facts.coordination_now": "none",
}
CHILD = PERSON | {"person.birth_date": "09/05/2016", "person.sex": "male"}
NUMBERS = ("112", "1712", "0800 30 030")


async def test_who_refuses_is_not_sent_and_the_sender_reads_what_is_still_possible(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    led = await typed(house, id, 2, NEED | {"consent.given": "geweigerd", "facts.weeks_pregnant": "310"})
    page = html.unescape((await house.page(SENDER, led)).text)
    assert "Dit wordt niet verstuurd" in page
    assert "De persoon weigert: we versturen niets." in page
    assert "facts.weeks_pregnant-fout" not in page, "nothing else matters then"
    assert 'href="tel:112"' in page
    assert f'href="/intake/refer/discard/{id}"' in page
    assert 'name="_action" value="later"' in page
    await typed(house, id, 3, {"_version": version((await house.bodies())[0])})
    assert [await house.value(f"select count(*) from {table}") for table in ("persons", "referrals", "outbox")] == [0, 0, 0]
    assert 'value="310"' in page, "the draft keeps what was typed"


async def test_who_consented_is_kept_with_the_referral_and_on_the_receipt(house: House):
    receipt = await sent(house, ELDER, FRAIL | {"consent.by": "representative", "consent.how": "written"})
    assert await house.rows("select said_by, how from consents") == [{"said_by": "representative", "how": "written"}]
    assert "Een wettelijk vertegenwoordiger of bewindvoerder gaat akkoord, schriftelijk" in receipt


async def test_a_parent_is_proposed_for_a_child_and_a_choice_stays(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, CHILD)
    choose = {"_action": "propose", "programme": "frail", "_shown": ""}
    await typed(house, id, 2, choose)
    assert re.search(r'name="consent.by" value="person" checked', await screen(house, id, 2))
    await typed(house, id, 2, {**choose, "programme": "obesity", "_shown": "frail", "consent.by": "person"})
    assert re.search(r'name="consent.by" value="parent" checked', await screen(house, id, 2)), "proposed anew for another programme"
    await typed(house, id, 2, {**choose, "programme": "obesity", "_shown": "obesity", "consent.by": "person"})
    assert re.search(r'name="consent.by" value="person" checked', await screen(house, id, 2)), "a choice is no proposal"
    await typed(house, id, 2, {**choose, "programme": "frail", "_shown": "obesity", "consent.by": "representative"})
    assert re.search(r'name="consent.by" value="representative" checked', await screen(house, id, 2))


async def test_violence_in_any_programme_is_urgent_and_shows_whom_to_call(house: House):
    need = FRAIL | {"facts.needs": ["violence", "falls"]}
    id = await second_screen(house, ELDER | {"person.voicemail": "ja"}, need)
    second = await screen(house, id, 2)
    assert all(f">{number}</a>" in second for number in NUMBERS)
    third = await screen(house, id, 3)
    assert all(f">{number}</a>" in third for number in NUMBERS)
    assert "Spreek geen bericht in" in third
    assert "U vulde in dat inspreken mag" in third
    await typed(house, id, 3, await reviewed(house, id))
    receipt = (await house.page(SENDER, f"/intake/referrals/{id}/receipt")).text
    assert all(f">{number}</a>" in receipt for number in NUMBERS)
    assert "ook niet te bellen" not in receipt
    assert await house.rows("select needs, urgency from referrals") == [{"needs": ["violence", "falls"], "urgency": "high"}]
    told = await house.value("select convert_from(payload, 'utf8') from outbox")
    assert '"violence"' in told
    assert "1712" not in told


async def test_without_violence_nobody_is_told_whom_to_call(house: House):
    assert "1712" not in await sent(house, ELDER, FRAIL | {"facts.needs": ["falls"]})


async def test_each_programme_asks_for_its_own_needs_violence_first(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    for programme, own in (("perinatal", "no_network"), ("frail", "falls"), ("obesity", "bullying"), ("unknown", "informal_carer")):
        await typed(house, id, 2, {"programme": programme, "_action": "propose", "_shown": ""})
        asked = re.findall(r'name="facts.needs" value="(\w+)"', await screen(house, id, 2))
        assert (asked[0], own in asked, asked[-1]) == ("violence", True, "nothing"), programme


async def test_a_mother_of_a_born_child_is_judged_by_the_child(house: House):
    need = {name: value for name, value in NEED.items() if name != "facts.weeks_pregnant"} | {"facts.referred_as": "parent"}
    await sent(house, PERSON, need | {"facts.child_birth_date": "01/02/2025"})
    receipt = await sent(house, PERSON, need | {"facts.needs": "housing"})
    assert "binnen twee werkdagen" in receipt, "without the child's date a human looks"
    rows = await house.rows("select outcome, check_due_at is not null as checked from referrals order by received_at, id")
    assert [(row["outcome"], row["checked"]) for row in rows] == [("eligible", False), ("human_check", True)]


async def test_who_does_not_know_who_coordinates_reads_who_looks_and_by_when(house: House):
    receipt = await sent(house, ELDER, FRAIL | {"facts.coordination_now": "unknown"})
    assert "Iemand van de intake van Oost-Meetjesland" in receipt
    assert "binnen twee werkdagen" in receipt
    assert "Eerste contact" not in receipt, "nothing is promised before somebody looked"
    assert "wie de zorg nu afstemt" in receipt
    assert "Nog niet bekend: wie de zorg nu afstemt" in (await house.page(an_actor("zone_intake"), "/intake/checks")).text


async def test_brussels_reads_its_own_window(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON | {"person.address.postcode": "1030"})
    page = await screen(house, id, 2)
    assert "tweede verjaardag" in page
    assert "derde verjaardag" not in page


async def test_only_a_year_and_another_language_are_kept_and_shown(house: House):
    person = PERSON | {"person.birth_date": "1941", "person.language": "und", "person.language_note": "Tarifit", "person.interpreter": "ja"}
    receipt = await sent(house, person, FRAIL)
    assert "1941 (alleen het jaar is gekend)" in receipt
    assert "Een andere taal (Tarifit), met tolk" in receipt
    assert await house.told("birth_date") == [(None,)]
    told = orjson.loads(await house.value("select convert_from(payload, 'utf8') from outbox"))
    assert (told["languages"], told["interpreter"]) == (["und"], True)


async def test_at_most_twelve_fields_must_be_filled_in(house: House):
    id = await house.begun(SENDER)
    await typed(house, id, 1, PERSON)
    for programme in ("perinatal", "frail", "obesity", "unknown"):
        await typed(house, id, 2, {"programme": programme, "_action": "propose", "_shown": ""})
        pages = [await screen(house, id, number) for number in (1, 2)]
        required = {
            name
            for page in pages
            for tag in re.findall(r"<(?:input|select|textarea)[^>]* required[^>]*>", page)
            for name in re.findall(r'name="([\w.]+)"', tag)
        }
        assert len(required) <= 12, (programme, required)
