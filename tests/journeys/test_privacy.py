"""Erasing, keeping and consenting on the real stack: through the command line, the API and the pages."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from shared.ids import pseudonym
from shared.settings import SERVICES
from tests.builders import a_referral
from tests.databases import ROOT
from tests.eventually import eventually, stays
from tests.house import own_house
from tests.journeys.browser import Browser
from tests.journeys.sink import Sink
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.stack import Stack

CANARY = "Kanariedotter"
PERSONS = 50


house = own_house


async def command(house: Stack, *words: str) -> tuple[int, str, str]:
    """What `./zorgspoor` ends with and prints."""
    environment = os.environ | {f"ZORGSPOOR_{name.upper()}": value for name, value in house.values().items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        *words,
        env=environment,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def person_of(house: Stack, referral_id: str) -> str:
    ((person,),) = await house.query("intake", "select person_id from referrals where id = $1", referral_id)
    return str(person)


async def accepted(house: Stack, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """A referral whose case has a coordinator: what was answered, and the coordinator."""
    sent = await send(house, body)
    await status(house, sent["id"], "offered", "waiting")
    offer, coordinator = await offer_of(house, sent["id"])
    async with worker(house, coordinator) as client:
        assert (await client.post(f"/coordination/api/offers/{offer}/accept")).status_code == 200
    await status(house, sent["id"], "assigned")
    return sent, coordinator


async def traces(house: Stack, *wanted: str) -> set[tuple[str, str, str]]:
    """In which service and table a text still stands, in whatever column, bytes included."""
    found = set()
    for service in SERVICES:
        tables = await house.query(
            service,
            """select schemaname || '.' || tablename from pg_tables
               where schemaname in ('public', 'keys') and has_table_privilege(schemaname || '.' || tablename, 'select')""",
        )
        for (table,) in tables:
            for text in wanted:
                rows = await house.query(
                    service,
                    f"select count(*) from {table} as row where strpos(row::text, $1) > 0 or strpos(row::text, $2) > 0",
                    text,
                    text.encode().hex(),
                )
                if rows != [(0,)]:
                    found.add((service, table, text))
    return found


async def test_one_command_erases_a_person_everywhere_and_the_coordinator_hears_it(house: Stack, sink: Sink) -> None:
    body = a_referral()
    body["person"] |= {"family_name": CANARY}
    body["worries"] = f"{CANARY} slaapt slecht."
    sent, _ = await accepted(house, body)
    person = await person_of(house, sent["id"])
    async with house.client("sender") as client:
        assert (await client.post(f"/intake/api/referrals/{sent['id']}/information", json={"text": f"{CANARY} belde."})).status_code == 200
    ((case, reference),) = await house.query("coordination", "select id, reference from cases where person_id = $1", person)
    assert {service for service, _, _ in await traces(house, sent["reference"], CANARY)} == set(SERVICES)

    code, out, err = await command(house, "erase", "--yes", sent["reference"])
    assert code == 0, err
    assert {line.partition(":")[0] for line in out.splitlines()[:-1]} == set(SERVICES)
    assert out.splitlines()[-1] == f"erased everywhere; the ledger keeps {pseudonym(person)}"

    async def left() -> set[tuple[str, str, str]]:
        return await traces(house, CANARY, sent["reference"])

    await eventually(left, lambda seen: seen == set())
    ((status_, outcome, whom),) = await house.query("coordination", "select status, outcome, person_id from cases where id = $1", case)
    assert (status_, outcome, whom) == ("closed", "erased", pseudonym(person))
    async with house.client("sender") as client:
        assert (await client.get(f"/intake/api/referrals/{sent['id']}")).status_code == 404

    async def mails() -> list[Any]:
        return [mail for mail in sink.mails if mail["subject"] == f"Er wordt niets meer gedeeld: dossier {reference}"]

    await eventually(mails)
    (mail,) = await stays(mails, lambda seen: len(seen) == 1)
    assert CANARY not in str(mail)
    again = await command(house, "erase", "--yes", sent["reference"], "--json")
    assert (again[0], json.loads(again[1])["done"]) == (0, True)
    assert (await command(house, "erase", "--yes", "ZZ-26-9999-X"))[0] == 1


async def test_erasing_fifty_persons_takes_less_than_a_minute_each(house: Stack) -> None:
    sent = [await send(house, a_referral()) for _ in range(PERSONS)]
    for each in sent:
        await status(house, each["id"], "offered", "waiting", "assigned")
    people = [await person_of(house, each["id"]) for each in sent]
    seconds: list[float] = []
    async with house.client("privacy-officer") as client:
        for person in people:
            began = time.monotonic()
            told = (await client.post("/intake/api/erasures", json={"person": person})).json()

            async def look(id: str = told["erasure_id"]) -> bool:
                return bool((await client.get(f"/intake/api/erasures/{id}")).json()["done"])

            await eventually(look, seconds=60)
            seconds.append(time.monotonic() - began)
    ordered = sorted(seconds)
    print(
        f"erased {PERSONS} persons: median {ordered[PERSONS // 2]:.2f} s, p95 {ordered[int(PERSONS * 0.95)]:.2f} s, worst {ordered[-1]:.2f} s"
    )
    assert ordered[int(PERSONS * 0.95)] <= 60
    assert await house.query("intake", "select count(*) from persons where id = any($1::uuid[])", people) == [(0,)]
    (here,) = await house.query(
        "intake", "select count(*), bit_xor(hashtextextended(id::text, 0)) from erased_referrals where in_coordination"
    )
    (there,) = await house.query(
        "coordination",
        "select count(*), bit_xor(hashtextextended(referral_id::text, 0)) from case_referrals join cases on cases.id = case_id where erased_at is not null",
    )
    assert here == there


async def test_after_consent_is_withdrawn_nobody_is_told_anything_more(house: Stack, sink: Sink) -> None:
    cases = [await accepted(house, a_referral()) for _ in range(10)]
    people = [await person_of(house, sent["id"]) for sent, _ in cases]

    async def settled() -> list[Any]:
        return await house.query("notifications", "select 1 from messages where state in ('waiting', 'sending')")

    await eventually(settled, lambda seen: not seen)
    seconds: list[float] = []
    async with house.client("sender") as client:
        for (sent, _), person in zip(cases, people, strict=True):
            began = time.monotonic()
            answer = await client.post(f"/intake/api/referrals/{sent['id']}/consent/withdraw", json={"by": "person", "how": "oral"})
            assert answer.status_code == 200, answer.text

            async def effective(person: str = person) -> bool:
                stopped = await house.query("notifications", "select 1 from stops where person = $1", pseudonym(person))
                flagged = await house.query(
                    "coordination", "select 1 from cases where person_id = $1 and consent_withdrawn_at is not null", person
                )
                return bool(stopped and flagged)

            await eventually(effective)
            seconds.append(time.monotonic() - began)
    ordered = sorted(seconds)
    print(f"consent withdrawn of {len(cases)}: median {ordered[len(ordered) // 2]:.2f} s, p95 {ordered[-1]:.2f} s")
    assert ordered[-1] <= 5

    references = [
        str(row[0]) for row in await house.query("coordination", "select reference from cases where person_id = any($1::uuid[])", people)
    ]

    def about() -> list[str]:
        known = [*references, *(sent["reference"] for sent, _ in cases)]
        return sorted(
            str(mail["subject"]) for mail in sink.mails[before:] if any(name in str(mail["subject"]) + mail.get_content() for name in known)
        )

    before = 0

    async def stop_mails() -> list[str]:
        return [subject for subject in about() if subject.startswith("Er wordt niets meer gedeeld")]

    await eventually(stop_mails, lambda seen: len(seen) == len(cases))
    before = len(sink.mails)
    for (sent, coordinator), person in zip(cases, people, strict=True):
        ((case,),) = await house.query("coordination", "select id from cases where person_id = $1", person)
        async with worker(house, coordinator) as client:
            assert (await client.post(f"/coordination/api/cases/{case}/close", json={"outcome": "no_longer_wanted"})).status_code == 200
        await status(house, sent["id"], "closed")

    async def skipped() -> list[Any]:
        return await house.query(
            "notifications",
            "select 1 from messages where kind = 'closed' and state = 'skipped' and reason = 'consent_withdrawn' and person = any($1::uuid[])",
            [pseudonym(person) for person in people],
        )

    await eventually(skipped, lambda seen: len(seen) == 2 * len(cases))

    async def later() -> list[str]:
        return about()

    await stays(later, lambda seen: seen == [])


async def test_the_sender_takes_consent_back_on_the_page_and_reads_what_stays(house: Stack) -> None:
    sent = await send(house, a_referral())
    async with Browser(house) as browser:
        await browser.sign_in("sender")
        page = await browser.get(f"/intake/referrals/{sent['id']}")
        assert "Toestemming gegeven door de persoon zelf" in page.text
        page = await browser.send(page, page.form("/no-consent"), by="person", how="written")
        assert "Toestemming ingetrokken door de persoon zelf, schriftelijk" in page.text
        assert "blijft bewaard tot de bewaartermijn voorbij is" in page.text
    await status(house, sent["id"], "closed", "withdrawn")


async def test_a_held_person_is_kept_and_the_table_of_periods_is_shown(house: Stack) -> None:
    sent = await send(house, a_referral())
    assert (await command(house, "hold", "set", sent["reference"]))[0] == 0
    code, _, err = await command(house, "erase", "--yes", sent["reference"])
    assert (code, "A legal hold keeps everything about this person." in err) == (1, True)
    person = await person_of(house, sent["id"])

    async def known() -> list[Any]:
        return await house.query("notifications", "select 1 from holds where person_id = $1", person)

    await eventually(known)
    code, out, err = await command(house, "retention", "--dry-run")
    assert code == 0, err
    shown = {line.split()[0]: line for line in out.splitlines()}
    assert set(shown) >= {
        "drafts",
        "refused_referrals",
        "withdrawn_referrals",
        "closed_cases",
        "messages",
        "event_log",
        "inbox",
        "idempotency",
        "sessions",
    }
    assert "intake 0, coordination 0, notifications 0" in shown["event_log"]
    assert (await command(house, "hold", "lift", sent["reference"]))[0] == 0
    assert (await command(house, "erase", "--yes", sent["reference"]))[0] == 0
