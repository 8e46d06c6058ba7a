"""Erasing a person: intake's own part, the ledger, holds, and what is not that person's."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from services.intake.audit import gathering
from services.intake.erasures import handlers
from services.intake.keys import handlers as keys
from services.intake.matches import store as questions
from services.intake.matches.domain import Match
from services.intake.persons import fields
from services.intake.persons import joined as former_ids
from shared.db import Transaction
from shared.events import coordination, notifications
from shared.ids import pseudonym
from shared.items import Received
from tests.builders import a_referral
from tests.eventually import eventually
from tests.integration.intake.rig import House, alike, an_actor, numbered

SENDER, OFFICER, INTAKE = an_actor("sender"), an_actor("privacy_officer"), an_actor("zone_intake")


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


STAYS = ("audit", "erased_referrals", "erasures")  # ids of what was, and the pseudonym


async def tables(house: House) -> list[str]:
    """Every table of intake that its login reads, partitions with the whole they are part of."""
    rows = await house.rows(
        """select schemaname || '.' || tablename as name from pg_tables
           where schemaname in ('public', 'keys') and has_table_privilege(schemaname || '.' || tablename, 'select')"""
    )
    return [row["name"] for row in rows]


async def everywhere(house: House, but: Collection[str] = ()) -> tuple[str, set[bytes]]:
    """All rows of every table, as text and as the bytes that stand in them."""
    texts, found = [], set()
    for table in await tables(house):
        if not any(table.startswith(f"public.{name}") for name in but):
            for row in await house.rows(f"select * from {table}"):
                texts.append(str(row))
                for value in row.values():
                    found |= {value} if isinstance(value, bytes) else set(value) if isinstance(value, list) else set()
    return "\n".join(texts), found


async def sealed(house: House, person_id: UUID) -> dict[str, set[bytes]]:
    """What stands in every column of bytes of this person, as the database knows its columns."""
    rows = await house.rows(
        """select table_name, column_name, udt_name = '_bytea' as many from information_schema.columns
           where (table_schema, table_name) in (('public', 'persons'), ('public', 'records'), ('keys', 'data_keys'))
             and udt_name in ('bytea', '_bytea')"""
    )
    found = {}
    for row in rows:
        table, column, of = row["table_name"], row["column_name"], "person_id" if row["table_name"] == "records" else "id"
        schema = "keys" if table == "data_keys" else "public"
        values = [each["value"] for each in await house.rows(f"select {column} as value from {schema}.{table} where {of} = $1", person_id)]
        found[f"{table}.{column}"] = {one for value in values if value is not None for one in (value if row["many"] else [value])}
    return found


async def test_nothing_of_the_person_is_left_when_the_others_confirmed(house: House) -> None:
    number = "93051822361"
    known: dict[str, Any] = {"given_name": "Kanarie", "national_number": number, "birth_date": "1993-05-18", "sex": "male"}
    address = {"street": "Kastanjelaan", "number": "14", "postcode": "9060"}
    also: dict[str, Any] = {
        "due_date": "2027-03-01",
        "phone": "0470 12 34 56",
        "email": "kanarie@voorbeeld.be",
        "reach": "Na zes uur",
        "address": address,
    }
    one = await sent(house, "key-1", **known, **also)
    two = await sent(house, **known, **also)
    person = one["person_id"]
    assert person == two["person_id"]
    told = await house.post(SENDER, f"/referrals/{one['id']}/information", {"text": "Kanarie woont elders."})
    assert told.status_code == 200, told.text
    draft = await house.begun(SENDER)
    await house.send_form(SENDER, f"/intake/refer/1/{draft}", {"person.given_name": "Kanarie", "person.national_number": "93.05.18-223.61"})
    await published(house)
    kept = await sealed(house, person)
    assert [column for column, values in kept.items() if not values] == [], "a new column has to be filled here, and erased"
    assert set(fields.SEALED) <= {column.partition(".")[2] for column in kept}
    drafted = {row["body"] for row in await house.rows("select body from records where kind = 'draft'")}
    household = str(await house.value("select household_id from persons"))
    text, _ = await everywhere(house)
    assert household in text

    answer = await erased(house, one["reference"])
    assert (answer["erasure_id"], answer["done"]) == (str(pseudonym(person)), False)
    await published(house)
    await confirm(house, person, UUID(one["id"]))

    text, values = await everywhere(house)
    for trace in ("Kanarie", number, household, one["reference"], two["reference"]):
        assert trace not in text
    for column, before in kept.items():
        assert not before & values, column
    assert not drafted & values
    text, _ = await everywhere(house, but=STAYS)
    for id in (one["id"], two["id"], draft):
        assert id not in text
    async with house.kernel.read() as connection:
        assert await numbered(connection, number) is None
        assert await alike(connection, given_name="Kanarie", birth_date="1993-05-18") == []
    assert await house.rows("select id from keys.data_keys") == []
    assert {row["payload"] for row in await house.rows("select payload from event_log where key = $1", person)} == {b""}
    (ledger,) = await house.rows("select * from erasures")
    assert (ledger["pseudonym"], ledger["person_id"], ledger["asked_by"]) == (pseudonym(person), None, OFFICER.id)
    rows = await house.rows("select id, in_coordination from erased_referrals")
    assert {str(row["id"]): row["in_coordination"] for row in rows} == {one["id"]: True, two["id"]: False}


async def test_the_audit_knows_who_was_erased_by_pseudonym_and_still_finds_it(house: House) -> None:
    one = await sent(house)
    person = one["person_id"]
    for path in ("/holds", "/holds/lift"):
        assert (await house.post(OFFICER, path, {"person": one["reference"]})).status_code == 200
        if path == "/holds":
            await erased(house, person, 409)
    await erased(house, person)
    await erased(house, person)
    rows = await house.rows("select person_id, action, outcome, actor_id from audit where actor_id = $1 order by id", OFFICER.id)
    assert [(row["action"], row["outcome"], row["person_id"]) for row in rows] == [
        ("holds.set_hold", "done", person),
        ("erasures.erase", "person_held", person),
        ("holds.lift_hold", "done", person),
        ("erasures.erase", "done", pseudonym(person)),
        ("erasures.erase", "done", pseudonym(person)),
    ]
    for asked in (person, pseudonym(person)):
        found = (await house.post(OFFICER, "/audit/entries", {"person_ids": [str(asked)]})).json()["entries"]
        assert "erasures.erase" in {each["action"] for each in found if each["person_id"] == str(pseudonym(person))}


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


async def test_whom_a_reference_means_is_told_before_anybody_is_erased(house: House) -> None:
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0499 66 66 66")
    other = await sent(house, given_name="Bea")
    assert (await house.post(INTAKE, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    async with house.kernel.transaction() as tx:  # as coordination told
        await tx.execute("update referrals set case_id = $2, case_reference = '2026-0042' where id = $1", UUID(two["id"]), uuid4())

    async def meant(named: object) -> dict[str, Any]:
        answer = await house.post(OFFICER, "/erasures/meant", {"person": str(named)})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    whole = {"persons": 1, "referrals": 2, "cases": 1}
    for named in (one["person_id"], two["person_id"], one["reference"], two["id"], "2026-0042"):
        assert await meant(named) == whole, named
    assert await meant(other["reference"]) == {"persons": 1, "referrals": 1, "cases": 0}
    assert await meant("2026-0043") == {"persons": 0, "referrals": 0, "cases": 0}
    entries = await house.rows("select person_id from audit where action = 'erasures.meant' and actor_id = $1", OFFICER.id)
    assert {row["person_id"] for row in entries} == {one["person_id"], other["person_id"], None}
    assert await house.value("select count(*) from persons") == 2
    assert await erased(house, "2026-0042") == await erased(house, "2026-0042")
    assert await meant("2026-0042") == {"persons": 0, "referrals": 0, "cases": 0}
    assert await house.told("given_name") == [("Bea",)]


async def test_a_reference_that_means_two_persons_erases_nobody(house: House) -> None:
    referrals = [await sent(house, given_name=name) for name in ("Amina", "Bea")]
    async with house.kernel.transaction() as tx:
        await tx.execute("update referrals set case_reference = '2026-0042'")
    assert (await house.post(OFFICER, "/erasures/meant", {"person": "2026-0042"})).json()["persons"] == 2
    assert (await erased(house, "2026-0042", 409))["code"] == "several_persons"
    assert (await house.post(OFFICER, "/holds", {"person": "2026-0042"})).status_code == 409
    assert len(await house.persons()) == len(referrals)


async def joined(house: House) -> tuple[dict[str, Any], dict[str, Any], UUID, UUID]:
    """Two referrals whose persons became one: each referral, the id that is gone and the one that stays."""
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0499 66 66 66")
    assert (await house.post(INTAKE, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    return one, two, two["person_id"], one["person_id"]


async def test_who_was_two_persons_is_erased_under_both_ids(house: House) -> None:
    one, two, gone, stays = await joined(house)
    assert await house.value("select array_agg(distinct person_id) from referrals") == [stays]
    for referral in (one, two):
        assert (await house.post(SENDER, f"/referrals/{referral['id']}/withdraw", {})).status_code == 200
    stranger = await sent(house, given_name="Chantal", birth_date="1971-02-03", family_name="Vandewalle", phone="0470 99 99 99")
    async with house.kernel.transaction() as tx:  # answered and broken before the two were one
        asked = Match(UUID(stranger["id"]), gone, "meetjesland-oost", False, house.clock(), house.clock())
        await questions.add(tx, [asked._replace(answered_at=house.clock(), answered_by=INTAKE.id, answer="not_same")])
        await tx.execute(
            "insert into glass values ($1, $2, $3, $4, 'danger', $5, 'infinity')", uuid4(), INTAKE.id, gone, UUID(two["id"]), house.clock()
        )
    await published(house)
    assert await house.value("select count(*) from event_log where key = $1 and payload <> ''", gone) > 0
    await erased(house, gone)
    assert await house.value("select count(*) from event_log where key = $1 and payload <> ''", gone) == 0
    (told,) = await house.rows("select payload from outbox where type = 'intake.person_erased.v1'")
    assert orjson.loads(told["payload"])["former_ids"] == [str(gone)]
    house.clock.pass_by(seconds=20)
    await erased(house, gone)
    again = await house.rows("select payload from outbox where type = 'intake.person_erased.v1'")
    assert [orjson.loads(each["payload"])["former_ids"] for each in again] == [[str(gone)]] * 2
    await published(house)
    await confirm(house, stays)
    for id in (gone, stays):
        assert {row["payload"] for row in await house.rows("select payload from event_log where key = $1", id)} == {b""}
    text, _ = await everywhere(house, but=(*STAYS, "event_log", "joined", "ledger"))
    for trace in (gone, stays, one["id"], two["id"]):
        assert str(trace) not in text
    assert await house.rows("select * from joined") == [{"gone": gone, "stays": pseudonym(stays)}]


async def test_what_is_published_late_under_a_former_id_is_emptied_when_the_others_confirm(house: House) -> None:
    _, _, gone, stays = await joined(house)
    assert await house.value("select count(*) from outbox where key = $1", gone) > 0
    await erased(house, stays)
    await published(house)
    await confirm(house, stays)
    assert {row["payload"] for row in await house.rows("select payload from event_log where key = $1", gone)} == {b""}


async def test_who_is_joined_twice_is_erased_under_every_id(house: House) -> None:
    _, _, gone, stays = await joined(house)
    last = uuid4()
    async with house.kernel.transaction() as tx:
        await former_ids.add(tx, [stays], last)
        assert await former_ids.former(tx, [last]) == sorted([gone, stays])
        assert await former_ids.former(tx, [stays]) == []


async def past(house: House) -> int:
    """How many persons retention would erase tonight because their referrals were withdrawn long ago."""
    told = (await house.get(OFFICER, "/retention")).json()
    return int(next(row["past"] for row in told["classes"] if row["name"] == "withdrawn_referrals"))


async def test_a_hold_on_who_became_somebody_else_still_holds(house: House) -> None:
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0499 66 66 66")
    assert (await house.post(OFFICER, "/holds", {"person": two["reference"]})).status_code == 200
    assert (await house.post(INTAKE, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    await erased(house, one["reference"], 409)
    for referral in (one, two):
        assert (await house.post(SENDER, f"/referrals/{referral['id']}/withdraw", {})).status_code == 200
    house.clock.pass_by(days=4_000)
    assert await past(house) == 0
    assert (await house.post(OFFICER, "/holds/lift", {"person": one["reference"]})).status_code == 200
    lifted = await house.rows("select key from outbox where type = 'intake.hold_lifted.v1' order by key")
    assert [row["key"] for row in lifted] == sorted([one["person_id"], two["person_id"]])
    assert await past(house) == 1
    await erased(house, one["reference"])


async def test_who_looked_is_found_from_before_two_persons_became_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def ask(call: Any, service: str, method: str, path: str, body: Any = None, **_: Any) -> Any:
        asked.append(body and body["person_ids"])
        return {"entries": [], "contacts": []}

    monkeypatch.setattr(gathering, "ask", ask)
    one = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0470 11 11 11")
    two = await sent(house, given_name="Amina", birth_date="1999-03-14", phone="0499 66 66 66")
    looker = an_actor("zone_lead")
    assert (await house.get(looker, f"/referrals/{two['id']}")).status_code == 200
    assert await house.value("select person_id from audit where actor_id = $1", looker.id) == two["person_id"]
    assert (await house.post(INTAKE, f"/referrals/{two['id']}/match-answer", {"answer": "same"})).status_code == 200
    page = await house.page(OFFICER, f"/intake/audit?person={one['person_id']}")
    assert str(looker.id)[:8] in page.text
    assert asked[:2] == [[one["person_id"], two["person_id"]]] * 2
    await erased(house, one["person_id"])
    for id in (one["person_id"], pseudonym(one["person_id"])):
        assert str(looker.id)[:8] in (await house.page(OFFICER, f"/intake/audit?person={id}")).text, "the audit outlives the file"


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
    assert await house.told("given_name") == [("Amina",)]
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
    late = await house.post(INTAKE, f"/referrals/{other['id']}/match-answer", {"answer": "same"})
    assert (late.status_code, late.json()["code"]) == (409, "already_answered")
    assert [row["id"] for row in await house.rows("select id from persons")] == [other["person_id"]]
    rows = await house.rows("select person_id, subject_id from audit where action = 'matches.answer_match' and outcome = 'done'")
    assert rows == [{"person_id": other["person_id"], "subject_id": UUID(other["id"])}]


async def test_who_is_referred_at_the_same_moment_is_not_taken_for_who_is_being_erased(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await sent(house, given_name="Amina", birth_date="1999-03-14")
    asking, go, add = asyncio.Event(), asyncio.Event(), questions.add

    async def slowly(tx: Transaction, asked: Sequence[Match]) -> None:
        await add(tx, asked)
        asking.set()
        await go.wait()

    monkeypatch.setattr(questions, "add", slowly)
    referring = asyncio.create_task(sent(house, given_name="Amina", birth_date="1999-03-14"))
    await asking.wait()
    erasing = asyncio.create_task(house.kernel.transact(handlers.erase, [handlers.ErasePerson(known["reference"], OFFICER.id)]))
    await eventually(lambda: house.rows("select pid from pg_locks where not granted"))
    go.set()
    other, _ = await asyncio.gather(referring, erasing)
    assert [row["id"] for row in await house.rows("select id from persons")] == [other["person_id"]]
    (match,) = await house.rows("select known_id, answer from matches")
    assert match == {"known_id": pseudonym(known["person_id"]), "answer": "not_same"}


async def test_what_moved_to_another_person_is_sealed_anew_and_outlives_who_is_erased(house: House) -> None:
    number = {"national_number": "93051822361", "birth_date": "1993-05-18", "sex": "male", "given_name": "Amina"}
    known = await sent(house, **number)
    other = await sent(house, **number | {"phone": "0499 66 66 66"})
    assert (await house.post(SENDER, f"/referrals/{other['id']}/information", {"text": "Belt liever niet."})).status_code == 200
    assert known["person_id"] == other["person_id"]
    assert (await house.post(INTAKE, f"/referrals/{other['id']}/match-answer", {"answer": "not_same"})).status_code == 200
    await erased(house, known["person_id"])
    (left,) = await house.persons("given_name", "phone", "national_number")
    assert (left["given_name"], left["phone"], left["national_number"]) == ("Amina", "0499 66 66 66", None)
    assert {row["person_id"] for row in await house.rows("select person_id from records")} == {left["id"]}
    assert {body.get("text") or body["person"]["phone"] for body in await house.bodies()} == {"0499 66 66 66", "Belt liever niet."}
    assert {row["person_id"] for row in await house.rows("select person_id from consents")} == {left["id"]}
    again = await sent(house, **number)
    assert again["person_id"] not in (known["person_id"], left["id"])


async def test_nobody_becomes_a_person_whose_key_is_gone_and_such_a_person_is_erased_again(house: House) -> None:
    """As after a restore of older tables, before the erasures since then are done again."""
    known = await sent(house, given_name="Amina", birth_date="1999-03-14")
    other = await sent(house, given_name="Amina", birth_date="1999-03-14")
    async with house.kernel.transaction() as tx:
        await keys.destroy(tx, [known["person_id"]])
    for path in ("/referrals/{}/match-answer", "/referrals/{}/consent/withdraw"):
        id, body = (other["id"], {"answer": "same"}) if "match" in path else (known["id"], {})
        refused = await house.post(INTAKE, path.format(id), body)
        assert refused.json()["code"] == ("person_erased" if "match" in path else "not_found"), refused.text
    page = await house.send_form(INTAKE, f"/intake/referrals/{other['id']}/match-answer", {"answer": "same"})
    assert (page.status_code, "Deze persoon is gewist." in page.text) == (409, True)
    assert len(await house.rows("select id from persons")) == 2
    await erased(house, known["reference"])
    assert [person["given_name"] for person in await house.persons("given_name")] == ["Amina"]
    assert await house.value("select answer from matches") == "not_same"


async def test_a_repeated_command_of_an_erased_person_is_not_answered_from_what_was_kept(house: House) -> None:
    one = await sent(house, "the-key")
    await erased(house, one["person_id"])
    again = await house.post(SENDER, "/referrals", one["body"], "the-key")
    assert (again.status_code, again.json()["code"]) == (422, "idempotency_key_reused")


async def test_what_is_kept_of_repeatable_commands_leads_to_nobody(house: House) -> None:
    """Taking consent back and breaking the glass: what is kept names neither person nor referral, and is emptied with the person."""
    one = await sent(house, "sent")
    body: dict[str, Any] = {"reference": one["reference"], "reason": "danger", "text": "Ligt alleen thuis."}
    answers = []
    for _ in range(2):
        answers.append((await house.post(INTAKE, "/glass", body, "broken")).json())
        answers.append((await house.post(SENDER, f"/referrals/{one['id']}/consent/withdraw", {}, "withdrawn")).json())
        answers.append((await house.post(OFFICER, "/holds/lift", {"person": one["reference"]}, "lifted")).json())
    assert answers[:3] == answers[3:], "the same key, the same answer"
    assert (answers[0]["referral_id"], answers[1]) == (one["id"], {"state": "withdrawn"})
    kept = {row["key"]: str(row["answer"]) for row in await house.rows("select key, answer from idempotency")}
    assert not [key for key in ("broken", "withdrawn") for id in (one["id"], one["person_id"], one["reference"]) if str(id) in kept[key]]
    await erased(house, one["person_id"])
    left = {row["key"]: row["answer"] for row in await house.rows("select key, answer from idempotency where key <> 'erase'")}
    assert left == {"sent": None, "broken": None, "lifted": None, "withdrawn": '{"state": "withdrawn"}'}
    assert (await house.post(INTAKE, "/glass", body, "broken")).status_code == 422


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
