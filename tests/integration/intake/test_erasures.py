"""Erasing a person: intake's own part, the ledger, holds, and what is not that person's."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import orjson

from services.intake.erasures import handlers
from shared.events import coordination, notifications
from shared.ids import pseudonym
from shared.items import Received
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

SENDER, OFFICER, INTAKE = an_actor("sender"), an_actor("privacy_officer"), an_actor("zone_intake")
TABLES = (
    "persons",
    "records",
    "referrals",
    "referral_steps",
    "matches",
    "drafts",
    "consents",
    "outbox",
    "event_log",
    "timers",
    "idempotency",
    "parked",
)


async def sent(house: House, key: str | None = None, **person: Any) -> dict[str, Any]:
    body = a_referral()
    body["person"] |= person
    answer = await house.post(SENDER, "/referrals", body, key)
    assert answer.status_code == 201, answer.text
    id = answer.json()["id"]
    return dict(answer.json()) | {"person_id": await house.value("select person_id from referrals where id = $1", UUID(id)), "body": body}


async def erased(house: House, named: object, status: int = 202) -> dict[str, Any]:
    answer = await house.post(OFFICER, "/erasures", {"person": str(named)})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def published(house: House) -> None:
    """As the relay does: everything is on the topic."""
    async with house.kernel.transaction() as tx:
        await tx.execute(
            """with gone as (delete from outbox returning *)
               insert into event_log (id, event_id, type, key, correlation_id, causation_id, recorded_at, payload)
               select id, event_id, type, key, correlation_id, causation_id, recorded_at, payload from gone"""
        )


async def confirm(house: House, person_id: UUID, *referrals: UUID) -> None:
    here = coordination.PersonErased(person_id=person_id, referral_ids=referrals)
    there = notifications.PersonErased(person_id=person_id)
    await house.kernel.transact(handlers.on_coordination_erased, [Received(uuid4(), house.clock(), uuid4(), here)])
    await house.kernel.transact(handlers.on_notifications_erased, [Received(uuid4(), house.clock(), uuid4(), there)])


async def everywhere(house: House) -> str:
    """All rows of every table, as text."""
    rows = [row for table in TABLES for row in await house.rows(f"select * from {table}")]
    return "\n".join(map(str, rows))


async def test_nothing_of_the_person_is_left_when_the_others_confirmed(house: House) -> None:
    number = "93051822361"
    one = await sent(house, "key-1", given_name="Kanarie", national_number=number, birth_date="1993-05-18", sex="male")
    two = await sent(house, given_name="Kanarie", national_number=number, birth_date="1993-05-18", sex="male")
    assert one["person_id"] == two["person_id"]
    await house.post(SENDER, f"/referrals/{one['id']}/information", {"text": "Kanarie woont elders."})
    draft = str((await house.page(SENDER, "/intake/refer")).headers["location"]).rsplit("/", 1)[1]
    await house.send_form(SENDER, f"/intake/refer/1/{draft}", {"person.given_name": "Kanarie", "person.national_number": "93.05.18-223.61"})
    await published(house)
    assert "Kanarie" in await everywhere(house)

    told = await erased(house, one["reference"])
    assert (told["erasure_id"], told["done"]) == (str(pseudonym(one["person_id"])), False)
    await published(house)
    await confirm(house, one["person_id"], UUID(one["id"]))

    left = await everywhere(house)
    for trace in ("Kanarie", number, one["reference"], two["reference"], one["id"], two["id"], draft):
        assert trace not in left
    assert {row["payload"] for row in await house.rows("select payload from event_log where key = $1", one["person_id"])} == {b""}
    (ledger,) = await house.rows("select * from erasures")
    assert (ledger["pseudonym"], ledger["person_id"], ledger["asked_by"]) == (pseudonym(one["person_id"]), None, OFFICER.id)
    rows = await house.rows("select id, in_coordination from erased_referrals")
    assert {str(row["id"]): row["in_coordination"] for row in rows} == {one["id"]: True, two["id"]: False}


async def test_asked_again_it_says_how_far_it_is_and_announces_again_where_somebody_is_silent(house: House) -> None:
    person = (await sent(house))["person_id"]

    async def announced() -> int:
        return int(await house.value("select count(*) from outbox where type = 'intake.person_erased.v1'"))

    first = await erased(house, person)
    assert await erased(house, person) == first
    assert await announced() == 1
    house.clock.pass_by(seconds=20)
    await erased(house, person)
    assert await announced() == 2
    await confirm(house, person)
    house.clock.pass_by(seconds=20)
    assert (await erased(house, person))["done"]
    assert await announced() == 2
    read = await house.get(OFFICER, f"/erasures/{first['erasure_id']}")
    assert (read.json()["done"], set(read.json()["confirmed"])) == (True, {"intake", "coordination", "notifications"})
    await erased(house, uuid4(), 404)


async def test_a_reference_finds_the_erasure_again(house: House) -> None:
    one = await sent(house)
    assert await erased(house, one["reference"]) == await erased(house, one["reference"])


async def test_mother_and_child_are_two_people(house: House) -> None:
    address = {"street": "Kastanjelaan", "number": "14", "postcode": "9060"}
    mother = await sent(house, given_name="Amina", address=address)
    child = await sent(house, given_name="Noor", birth_date="2026-01-03", address=address)
    assert len({row["household_id"] for row in await house.rows("select household_id from persons")}) == 1

    async def of_child() -> list[Any]:
        places = (("persons", "id"), ("records", "person_id"), ("consents", "person_id"), ("referrals", "person_id"))
        rows = [await house.rows(f"select * from {table} where {column} = $1", child["person_id"]) for table, column in places]
        assert all(rows)
        return rows

    before = await of_child()
    await erased(house, mother["person_id"])
    assert await of_child() == before
    again = await sent(house, given_name="Amina", address=address)
    await erased(house, child["person_id"])
    assert await house.value("select given_name from persons") == "Amina"
    assert again["person_id"] != mother["person_id"]


async def test_a_held_person_is_not_erased_until_the_hold_is_lifted(house: House) -> None:
    one = await sent(house)
    assert (await house.post(OFFICER, "/holds", {"person": one["reference"]})).json()["held"]
    refused = await erased(house, one["person_id"], 409)
    assert refused["code"] == "person_held"
    assert "legal hold" in refused["title"] + refused.get("detail", "")
    assert not (await house.post(OFFICER, "/holds/lift", {"person": one["reference"]})).json()["held"]
    await erased(house, one["person_id"])
    assert [row["type"] for row in await house.rows("select type from outbox where key = $1 order by id", one["person_id"])][-3:] == [
        "intake.hold_set.v1",
        "intake.hold_lifted.v1",
        "intake.person_erased.v1",
    ]


async def test_who_waited_for_the_answer_whether_they_are_that_person_goes_on(house: House) -> None:
    known = await sent(house, given_name="Amina", birth_date="1999-03-14")
    other = await sent(house, given_name="Amina", birth_date="1999-03-14")
    assert await house.value("select count(*) from matches where answered_at is null") == 1
    await published(house)
    await erased(house, known["person_id"])
    types = [row["type"] for row in await house.rows("select type from outbox where key = $1", other["person_id"])]
    assert types == ["intake.referral_accepted.v1"]
    assert await house.value("select answer from matches") == "not_same"


async def test_a_repeated_command_of_an_erased_person_is_not_answered_from_what_was_kept(house: House) -> None:
    one = await sent(house, "the-key")
    await erased(house, one["person_id"])
    again = await house.post(SENDER, "/referrals", one["body"], "the-key")
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")


async def test_only_the_privacy_officer_erases_and_holds(house: House) -> None:
    one = await sent(house)
    for actor in (SENDER, INTAKE, an_actor("ops")):
        for path in ("/erasures", "/holds", "/holds/lift"):
            assert (await house.post(actor, path, {"person": one["reference"]})).status_code == 403


async def test_erased_referrals_stay_in_the_count_as_erased(house: House) -> None:
    one = await sent(house)
    counted = (await house.get(an_actor("ops"), "/counts")).json()
    assert (counted["states"]["handed_over"]["count"], counted["states"]["erased"]["count"]) == (1, 0)
    await erased(house, one["person_id"])
    counted = (await house.get(an_actor("ops"), "/counts?places=erased")).json()
    assert (counted["states"]["handed_over"]["count"], counted["states"]["erased"]["count"], counted["accepted"]) == (0, 1, {})
    assert orjson.dumps(counted["ids"]) == orjson.dumps({"erased": [{"referral_id": one["id"], "person_id": str(one["person_id"])}]})
    await confirm(house, one["person_id"])
    assert (await house.get(an_actor("ops"), "/counts?places=erased")).json()["ids"] == {}
