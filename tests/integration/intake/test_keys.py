"""Personal data on a real database: unreadable to who has the tables only, found by what is known, gone with the key, and there while keys rotate."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from click.testing import CliRunner, Result

from deploy.embedded import provision
from deploy.embedded.unprivileged import programs
from services.commands.keys import keys as command
from services.intake.keys import handlers, secrets
from services.intake.keys import store as keys_store
from services.intake.keys.domain import Damaged, UnknownMasterKey
from services.intake.persons import store as persons
from services.intake.persons.domain import Address
from services.intake.records import store as records
from shared.settings import settings
from tests.builders import a_referral
from tests.integration.intake.rig import House, alike, an_actor, numbered
from tests.servers import Servers
from tests.unit.intake.referrals import details

NUMBER = "85073003328"
SENDER, INTAKE, LEAD = an_actor("sender"), an_actor("zone_intake"), an_actor("zone_lead")
CANARIES = {
    "given_name": "Kanarieke",
    "family_name": "Vogelzang",
    "street": "Sijsjesdreef",
    "number": "7391bis",
    "phone": "0470 73 91 11",
    "email": "kanarieke@vogelzang.example",
    "reach": "Enkel als de vink slaat",
    "language_note": "Sijsjestaal",
    "worries": "Het nestje valt uit de boom",
    "reason": "De kat zit voor de kooi",
    "added": "Het eitje is gebarsten",
    "checked": "Eerst de kooi zoeken",
    "birth_date": "1985-07-30",
    "national_number": NUMBER,
    "draft": "Merelkonijn",
}


async def sent(house: House, body: dict[str, Any] | None = None, **person: Any) -> dict[str, Any]:
    answer = await house.post(SENDER, "/referrals", a_referral(**(body or {}), person=details(**person)))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def person_of(house: House, referral: dict[str, Any]) -> UUID:
    return UUID(str(await house.value("select person_id from referrals where id = $1", UUID(referral["id"]))))


def run(program: str, *words: str) -> str:
    done = subprocess.run([programs(None) / program, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def superuser(infrastructure: Servers) -> str:
    """The superuser's address of the database that the settings name."""
    return infrastructure.postgres.dsn(settings().dsn("intake").rpartition("/")[2])


async def invoke(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, command, words)


async def test_no_personal_field_is_readable_in_any_table(house: House, infrastructure: Servers):
    said = CANARIES
    person = {name: said[name] for name in ("given_name", "family_name", "phone", "email", "reach", "language_note", "national_number")}
    referral = await sent(
        house,
        {"worries": said["worries"], "urgency": {"level": "high", "reason": said["reason"]}, "programme": "unknown"},
        **person,
        birth_date=said["birth_date"],
        address={"street": said["street"], "number": said["number"], "postcode": "9060"},
    )
    path = f"/referrals/{referral['id']}"
    assert (await house.post(INTAKE, f"{path}/check-answer", {"answer": "information_needed", "text": said["checked"]})).status_code == 200
    assert (await house.post(SENDER, f"{path}/information", {"text": said["added"]})).status_code == 200
    assert (
        await house.send_form(SENDER, f"/intake/refer/1/{await house.begun(SENDER)}", {"person.given_name": said["draft"]})
    ).status_code == 303
    page = (await house.page(SENDER, f"/intake{path}")).text + (await house.page(SENDER, "/intake/referrals")).text
    assert {name for name in said if said[name] not in page} <= {"birth_date", "national_number", "reason"}, "what is sealed is shown"

    dump = run("pg_dump", superuser(infrastructure)).casefold()
    assert referral["reference"].casefold() in dump
    assert referral["reference"].encode().hex() in dump, "events are dumped in hexadecimal"
    texts = [text.casefold() for text in said.values()]
    assert [text for text in texts if text in dump or text.encode().hex() in dump] == []
    assert [text for text in said.values() if text.encode().hex() in dump] == []


async def test_what_is_moved_to_another_row_or_column_is_not_read(house: House):
    one, other = [await person_of(house, await sent(house, given_name=name)) for name in ("Amina", "Bea")]
    for change in (
        "update persons set given_name = family_name where id = $1",
        "update persons set given_name = (select given_name from persons as there where there.id = $2) where id = $1",
        "update keys.data_keys set wrapped = (select wrapped from keys.data_keys as there where there.id = $2) where id = $1",
        "update records set body = (select given_name from persons where id = $1) where person_id = $1",
    ):
        with pytest.raises(Damaged):
            await change_and_read(house, change, one, *([other] if "$2" in change else []))
    assert len(await house.told("given_name")) == 2


async def change_and_read(house: House, change: str, person: UUID, *others: UUID) -> None:
    async with house.kernel.transaction() as tx:
        await tx.execute(change, person, *others)
        await persons.read(tx, [person])
        await records.bodies(tx, [row["id"] for row in await tx.fetch("select id from records where person_id = $1", person)])


async def test_nobody_has_the_number_of_somebody_else(house: House):
    known = await person_of(house, await sent(house, national_number=NUMBER))
    async with house.kernel.transaction() as connection:
        one = (await persons.read(connection, [known]))[known]
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        async with house.kernel.transaction() as tx:
            await persons.add(tx, [one._replace(id=uuid4())])
    assert NUMBER not in str(refused.value.as_dict())


async def test_persons_are_found_by_number_and_by_names_with_a_birth_date(house: House):
    amina = await person_of(house, await sent(house, national_number=NUMBER))
    await sent(house, given_name="Bea")
    await sent(house, given_name="Amina", birth_date="2001-01-01")
    async with house.kernel.transaction() as connection:
        assert await numbered(connection, NUMBER) == amina
        assert await numbered(connection, "17073003384") is None
        assert await alike(connection, given_name="LAHSAINI", family_name="amína", national_number=None) == [amina]
        assert await alike(connection, given_name="Cato", national_number=None) == []


async def test_what_is_learned_later_finds_the_person(house: House):
    referral = await sent(house, {"programme": "obesity", "facts": {"height_cm": 150}}, birth_date=None, birth_year=2015)
    facts = {"facts": {"birth_date": "2015-03-14"}}
    answer = await house.post(SENDER, f"/referrals/{referral['id']}/information", facts)
    assert answer.status_code == 200, answer.text
    async with house.kernel.transaction() as connection:
        assert await alike(connection, birth_date="2015-03-14") == [await person_of(house, referral)]


async def test_a_household_is_the_same_for_who_has_the_key_only(house: House, monkeypatch: pytest.MonkeyPatch):
    address = Address(street="Kerkstraat", number="1", postcode="9060")
    one = persons.household_id(address)
    assert one == persons.household_id(Address(street="kerk-straat", number="1", postcode="9060"))
    assert persons.household_id(Address(postcode="9060")) is None
    await sent(house, address={"street": "Kerkstraat", "number": "1", "postcode": "9060"})
    assert str(one) in str(await house.value("select convert_from(payload, 'utf8') from outbox"))
    monkeypatch.setenv("ZORGSPOOR_INDEX_KEY", bytes(range(32)).hex())
    settings.cache_clear()
    assert persons.household_id(address) != one


async def test_a_draft_has_a_key_that_goes_with_it(house: House):
    kept, thrown = UUID(await house.begun(SENDER)), UUID(await house.begun(SENDER))
    for id in (kept, thrown):
        for name in ("Amina", "Bea"):
            await house.send_form(SENDER, f"/intake/refer/1/{id}", {"person.given_name": name})
    assert {row["id"] for row in await house.rows("select id from keys.data_keys")} == {kept, thrown}
    assert [body["person.given_name"] for body in await house.bodies()] == ["Bea", "Bea"]
    await house.send_form(SENDER, f"/intake/refer/discard/{thrown}", {})
    assert {row["id"] for row in await house.rows("select id from keys.data_keys")} == {kept}


async def test_who_is_erased_is_gone_at_once_and_every_page_says_so(house: House):
    first = await sent(house, national_number=NUMBER)
    other = await sent(house, national_number=NUMBER, phone="0499 66 66 66")
    checked = await sent(house, {"human_check": True}, given_name="Bea")
    person = await person_of(house, first)
    text = {"text": "Ze is verhuisd."}
    assert (await house.post(SENDER, f"/referrals/{first['id']}/information", text)).status_code == 200
    for erased in (person, await person_of(house, checked)):
        async with house.kernel.transaction() as tx:
            await handlers.destroy(tx, [erased])
    seen = {}
    for who, path in [
        (SENDER, "/intake/referrals"),
        (INTAKE, "/intake/checks"),
        *((SENDER, f"/intake/referrals/{each['id']}{page}") for each in (first, other, checked) for page in ("", "/receipt")),
        (INTAKE, f"/intake/referrals/{checked['id']}"),
        (INTAKE, f"/intake/referrals/{other['id']}/match"),
    ]:
        page = await house.page(who, path)
        seen[path] = (page.status_code, "Gewiste persoon" in page.text, "Lahsaini" in page.text)
    assert set(seen.values()) == {(200, True, False)}, seen
    fragments = (await house.post(LEAD, "/fragments", {"person_ids": [str(person)]})).json()["fragments"]
    assert [(each["name"], each["phone"], each["worries"]) for each in fragments] == [("Gewiste persoon", None, None)]
    note = await house.value("select id from records where kind = 'information'")
    assert (await house.post(LEAD, "/additions", {"record_ids": [str(note)]})).json()["additions"][0]["lines"] == ["Gewist"]
    async with house.kernel.transaction() as connection:
        assert (await persons.read(connection, [person]))[person].erased
        assert await numbered(connection, NUMBER) is None

    count = await house.value("select count(*) from records")
    assert (await house.post(SENDER, f"/referrals/{first['id']}/information", text)).status_code == 200
    assert await house.value("select count(*) from records") == count, "nothing more is kept of who was erased"
    again = await sent(house, national_number=NUMBER)
    assert await person_of(house, again) != person


async def test_an_older_dump_without_the_keys_reads_nobody_though_the_master_key_is_there(
    house: House, infrastructure: Servers, tmp_path: Path
):
    person = await person_of(house, await sent(house, national_number=NUMBER))
    dump, dumped_keys, name = tmp_path / "intake.sql", tmp_path / "keys", f"restored_{uuid4().hex[:12]}"
    run("pg_dump", "--exclude-table-data=keys.*", f"--file={dump}", superuser(infrastructure))
    assert (await invoke("dump", str(dumped_keys))).output == f"1 data keys are in {dumped_keys}.\n"
    assert (await invoke("dump", str(dumped_keys))).exit_code == 1
    assert (dumped_keys.stat().st_mode & 0o777, (await invoke("restore", str(dumped_keys))).exit_code) == (0o600, 1)

    await provision.database(infrastructure.postgres.dsn, "intake", name=name)
    run("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}", infrastructure.postgres.dsn(name))
    dsn = infrastructure.postgres.dsn(name, "intake_app")
    restored = await asyncpg.connect(dsn, server_settings={"role": "intake_batch"})  # every row, as a batch sees them
    try:
        assert await restored.fetchval("select octet_length(given_name) from persons") > 0
        assert (await persons.read(restored, [person]))[person].erased
        assert [body["erased"] for body in (await records.bodies(restored, [await restored.fetchval("select id from records")])).values()]
        assert await numbered(restored, NUMBER) is None

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ZORGSPOOR_INTAKE_DSN", dsn)
            settings.cache_clear()
            assert (await invoke("restore", str(dumped_keys))).output == "1 data keys are restored.\n"
        assert (await persons.read(restored, [person]))[person].details.given_name == "Amina"
    finally:
        await restored.close()
        settings.cache_clear()


async def test_who_was_erased_is_not_read_in_an_older_dump_with_the_master_key_and_the_data_keys_of_today(
    house: House, infrastructure: Servers, tmp_path: Path
):
    gone = await person_of(house, await sent(house, {"worries": CANARIES["worries"]}, national_number=NUMBER, given_name="Bea"))
    stays = await person_of(house, await sent(house))
    dump, dumped_keys, name = tmp_path / "intake.sql", tmp_path / "keys", f"restored_{uuid4().hex[:12]}"
    run("pg_dump", "--exclude-table-data=keys.*", f"--file={dump}", superuser(infrastructure))
    answer = await house.post(an_actor("privacy_officer"), "/erasures", {"person": str(gone)})
    assert answer.status_code == 202, answer.text
    assert (await invoke("dump", str(dumped_keys))).output == f"1 data keys are in {dumped_keys}.\n"

    await provision.database(infrastructure.postgres.dsn, "intake", name=name)
    run("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}", infrastructure.postgres.dsn(name))
    dsn = infrastructure.postgres.dsn(name, "intake_app")
    restored = await asyncpg.connect(dsn)
    await restored.execute("set role intake_batch")
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ZORGSPOOR_INTAKE_DSN", dsn)
            settings.cache_clear()
            assert (await invoke("restore", str(dumped_keys))).output == "1 data keys are restored.\n"
        assert await restored.fetchval("select count(*) from persons where octet_length(given_name) > 0") == 2, "it is sealed, and there"
        read = await persons.read(restored, [gone, stays])
        assert [(read[id].erased, read[id].details.given_name) for id in (gone, stays)] == [(True, "Gewiste"), (False, "Amina")]
        whose = {row["id"]: row["person_id"] for row in await restored.fetch("select id, person_id from records")}
        told = {whose[id]: body for id, body in (await records.bodies(restored, list(whose))).items()}
        assert (told[gone].get("erased"), "worries" in told[gone], told[stays]["person"]["given_name"]) == (True, False, "Amina")
        assert await numbered(restored, NUMBER) is None
        assert (await alike(restored), await alike(restored, given_name="Bea")) == ([stays], [])
        key = (await keys_store.ring_of(restored, [stays]))[stays]
        for row in await restored.fetch("select given_name from persons where id = $1", gone):
            with pytest.raises(Damaged):
                key.open(b"persons.given_name", gone, row["given_name"])
    finally:
        await restored.close()
        settings.cache_clear()


async def test_the_master_key_rotates_while_people_refer_and_read(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(secrets, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(handlers, "AT_ONCE", 3)
    file = settings().master_key_file
    for number in range(10):
        await sent(house, given_name=f"Amina{number}")
    old = await house.value("select distinct master from keys.data_keys")
    rotating = asyncio.create_task(invoke("rotate"))
    while not rotating.done():
        await sent(house)
        assert len(await house.told("given_name")) == await house.value("select count(*) from persons")
    assert rotating.result().exit_code == 0, rotating.result().output
    assert await house.value("select count(*) from keys.data_keys where master = $1", old) == 0
    first, second = file.read_text().split()

    file.write_text(second)
    secrets._key_file.cache_clear()
    with pytest.raises(UnknownMasterKey):
        await house.told("given_name")
    file.write_text(first)
    assert {name for (name,) in await house.told("given_name")} >= {f"Amina{number}" for number in range(10)}


async def test_a_rotation_that_was_interrupted_goes_on_with_the_same_key(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(secrets, "LOOK_SECONDS", 0)
    await sent(house)
    file = settings().master_key_file
    secrets.add_master_key(file)
    before = file.read_text()
    assert "1 data keys wrapped anew" in (await invoke("rotate")).output
    assert file.read_text() == before
    assert "1 data keys wrapped anew" in (await invoke("rotate")).output
    assert len(file.read_text().split()) == 3
