"""Strings that stand nowhere else, in every personal field: after the whole way they are in no topic, log, mail, address or table in the clear."""

from __future__ import annotations

import re
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.events import topic
from shared.settings import SERVICES
from tests.builders import a_referral
from tests.eventually import eventually
from tests.journeys.sink import Sink
from tests.journeys.test_main_job import offer_of, send, status, worker
from tests.journeys.test_privacy import traces
from tests.stack import Stack

PERSON = {
    "given_name": "Kanarieke",
    "family_name": "Vogelzang",
    "phone": "0470 73 91 11",
    "email": "kanarieke@vogelzang.example",
    "reach": "Enkel als de vink slaat",
    "language_note": "Sijsjestaal",
    "national_number": "85073003328",
    "birth_date": "1985-07-30",
}
STREET, NUMBER = "Sijsjesdreef", "7391bis"
WORRIES, URGENT, ADDED, CHECKED, DRAFTED, BROKEN = (
    "Het nestje valt uit de boom",
    "De kat zit voor de kooi",
    "Het eitje is gebarsten",
    "Eerst de kooi zoeken",
    "Merelkonijn",
    "De gaai vloog tegen het raam",
)
CANARIES = (*PERSON.values(), STREET, NUMBER, WORRIES, URGENT, ADDED, CHECKED, DRAFTED, BROKEN)
ADDRESSES = re.compile(r'\b(?:href|action|src|data-[\w-]+)="([^"]*)"')


def found(text: str) -> set[str]:
    """The canaries that stand in a text, however they are written."""
    said = text.casefold()
    return {
        each for each in CANARIES if each.casefold() in said or each.encode().hex() in said or each.replace(" ", "+").casefold() in said
    }


async def the_whole_way(house: Stack) -> dict[str, Any]:
    """A referral with canaries that is checked, added to, offered, accepted, met and looked at in an emergency, and a draft that is left."""
    body = a_referral(worries=WORRIES, urgency={"level": "high", "reason": URGENT}, human_check=True)
    body["person"] |= PERSON | {"address": {"street": STREET, "number": NUMBER, "postcode": "9060"}}
    sent = await send(house, body)
    path = f"/intake/api/referrals/{sent['id']}"
    async with house.client("zone-intake") as client:
        checked = await client.post(
            f"{path}/check-answer",
            json={"answer": "eligible", "programme": "perinatal", "role": "case_manager", "level": "complex", "text": CHECKED},
        )
        assert checked.status_code == 200, checked.text
    await status(house, sent["id"], "offered", "waiting")
    async with house.client("sender") as client:
        assert (await client.post(f"{path}/information", json={"text": ADDED})).status_code == 200
    async with house.client("coordinator-brussels") as client:
        emergency = {"reference": sent["reference"], "reason": "danger", "text": BROKEN}
        assert (await client.post("/intake/api/glass", json=emergency)).is_success
    offer, coordinator = await offer_of(house, sent["id"])
    async with worker(house, coordinator) as client:
        assert (await client.post(f"/coordination/api/offers/{offer}/accept")).status_code == 200
    await status(house, sent["id"], "assigned")
    async with house.client("sender") as client:
        screen = (await client.get("/intake/refer")).headers["location"]
        assert (await client.post(screen, data={"person.given_name": DRAFTED})).status_code == 303
    return sent | {"coordinator": coordinator}


async def published(house: Stack) -> str:
    """Every key, header and value on every topic of this house."""
    values = house.values()
    names = [values.get("kafka_prefix", "") + topic(service) for service in SERVICES]
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=values["kafka"], auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        told: list[str] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                told += [f"{record.key!r} {record.headers!r} {record.value!r}" for record in records]
        return "\n".join(told)
    finally:
        await consumer.stop()


async def test_no_canary_leaves_intake_in_the_clear(house: Stack, sink: Sink) -> None:
    sent = await the_whole_way(house)
    mails = await eventually(lambda: _mails(sink, sent["reference"]))

    assert sent["reference"] in await published(house), "what is looked through holds this referral"
    assert found(await published(house)) == set()
    assert found("\n".join(str(mail) for mail in mails)) == set()
    assert not [mail for mail in mails if re.search("perinata|zwanger|enceinte|pregnan", str(mail), re.IGNORECASE)]
    logs = "\n".join(house.log(name) for name in house.names)
    assert "batch" in logs
    assert found(logs) == set()
    assert {service for service, _, _ in await traces(house, sent["reference"])} == set(SERVICES)
    assert await traces(house, *CANARIES) == set()

    async with house.client("sender") as client:
        page = (await client.get(f"/intake/referrals/{sent['id']}")).text
    assert {"Vogelzang", WORRIES, ADDED} <= found(page), "the sender sees what they sent"
    links = ADDRESSES.findall(page)
    assert len(links) > 10
    assert found("\n".join(link for link in links if not link.startswith("tel:"))) == set()
    async with house.client("ops") as client:
        counted = [await client.get(path) for path in ("/operations", "/operations/api/reconciliation")]
    assert found("".join(answer.text for answer in counted)) == set()


async def _mails(sink: Sink, reference: str) -> list[Any]:
    about = [mail for mail in sink.mails if reference in str(mail["subject"]) + mail.get_content()]
    return about if len(about) >= 2 else []
