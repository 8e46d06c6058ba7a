"""Notifications over HTTP, as the three services and operations use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.notifications import app
from services.notifications.directory.domain import Kind
from shared.access.actors import Actor
from shared.events import coordination
from shared.settings import settings
from shared.web.app import build_app
from tests.identity import issue_token
from tests.integration.notifications.rig import House
from tests.integration.notifications.sink import Sink
from tests.unit.notifications import builders
from tests.unit.notifications.builders import NOW, ZONE, of_a_case, received
from tests.unit.notifications.test_directory_files import AN, HEADER, ROW, WORKER, WORKERS

API = "/notifications/api"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def an_actor(*roles: str, id: UUID | None = None, zones: tuple[str, ...] = ()) -> Actor:
    return Actor(id or uuid4(), "Iemand", frozenset(roles), uuid4(), "Praktijk", frozenset(zones), "nl")


OPS = an_actor("ops")


@asynccontextmanager
async def asking(house: House, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {issue_token(actor, 1)}"}
    transport = httpx.ASGITransport(build_app(app.routes(house.kernel)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers) as client:
        yield client


async def got(house: House, actor: Actor, path: str, **query: Any) -> Any:
    async with asking(house, actor) as client:
        answer = await client.get(API + path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def kinds(house: House, actor: Actor, **query: Any) -> list[tuple[str, str]]:
    found = (await got(house, actor, "/messages", **query))["messages"]
    return sorted((message["kind"], message["recipient_id"]) for message in found)


async def test_messages_of_a_referral_and_its_case_each_seen_by_whom_they_concern(house: House) -> None:
    sender, coordinator, other_sender = [await house.contact(name=name) for name in ("An", "Bart", "Chris")]
    referral = builders.referral_accepted(sender_id=sender, reference="ZS-1")
    links = (coordination.ReferralLink(referral_id=referral.referral_id, reference="ZS-1", sender_id=sender), builders.a_link(other_sender))
    case = uuid4()
    await house.record(received(referral))
    await house.record(received(of_a_case(coordination.CaseOffered, case_id=case, referrals=links, coordinator_id=coordinator)))
    await house.record(received(of_a_case(coordination.CaseAssigned, case_id=case, referrals=links, coordinator_id=coordinator)))
    await house.record(received(builders.referral_accepted(sender_id=sender, reference="ZS-2")))
    everything = [("assigned", str(other_sender)), ("assigned", str(sender)), ("offered", str(coordinator)), ("received", str(sender))]
    assert await kinds(house, OPS, referral=str(referral.referral_id)) == sorted(everything)
    assert await kinds(house, OPS, referral="ZS-1") == sorted(everything)
    assert await kinds(house, an_actor("zone_lead", zones=(ZONE,)), referral="ZS-1") == sorted(everything)
    assert await kinds(house, an_actor("zone_lead", zones=("brussel-noord",)), referral="ZS-1") == []
    assert await kinds(house, an_actor("sender", id=sender), referral="ZS-1") == [("assigned", str(sender)), ("received", str(sender))]
    assert await kinds(house, an_actor("coordinator", id=coordinator, zones=(ZONE,)), referral="ZS-1") == [("offered", str(coordinator))]
    assert await kinds(house, an_actor("sender"), referral="ZS-1") == []
    assert len(await kinds(house, OPS, recipient=str(sender))) == 3
    assert await kinds(house, an_actor("sender"), recipient=str(sender)) == []
    assert await kinds(house, OPS, referral="ZS-9") == []


async def test_a_message_says_what_became_of_it(house: House, sink: Sink) -> None:
    sender = await house.contact(name="An Peeters")
    referral = builders.referral_accepted(sender_id=sender)
    await house.record(received(referral))
    sink.to_data.append("451 later")
    await house.round()
    (message,) = (await got(house, OPS, "/messages", recipient=str(sender)))["messages"]
    assert {name: message[name] for name in ("state", "reason", "tries", "recipient", "link")} == {
        "state": "waiting",
        "reason": "smtp_451",
        "tries": 1,
        "recipient": "An Peeters",
        "link": f"https://zorg.example/intake/referrals/{referral.referral_id}",
    }
    assert [(attempt["result"], attempt["reason"]) for attempt in message["attempts"]] == [("not_now", "smtp_451")]
    assert message["next_try_at"] > NOW.isoformat()


async def test_what_is_asked_for_must_be_named(house: House) -> None:
    async with asking(house, OPS) as client:
        answer = await client.get(f"{API}/messages")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "referral_or_recipient")


async def test_operations_can_have_a_message_tried_again(house: House, sink: Sink) -> None:
    await house.record(received(builders.referral_accepted(sender_id=await house.contact())))
    sink.to_recipient.append("550 no")
    await house.round()
    path = f"{API}/messages/{(await house.only())['id']}/retry"
    async with asking(house, an_actor("sender")) as client:
        assert (await client.post(path)).status_code == 403
    async with asking(house, OPS) as client:
        assert (await client.post(path)).json()["state"] == "waiting"
        await house.round()
        refused = await client.post(path)
        unknown = await client.post(f"{API}/messages/{uuid4()}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "message_delivered")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_message")
    assert len(sink.mails) == 1


async def test_contacts_by_id_as_other_services_ask_for_them(house: House) -> None:
    worker = await house.contact(kind=Kind.WORKER, name="Bart", phone="09 000 12 07", organisation="Zone")
    gone = await house.contact(name="Chris", active=False)
    found = (await got(house, an_actor("sender"), "/contacts", ids=f"{worker},{gone},{uuid4()}"))["contacts"]
    assert [(contact["id"], contact["name"], contact["phone"], contact["organisation"], contact["active"]) for contact in found] == [
        (str(worker), "Bart", "09 000 12 07", "Zone", True),
        (str(gone), "Chris", "09 0", "Praktijk", False),
    ]


@pytest.mark.parametrize(
    ("sought", "names"),
    [
        ({}, ["An", "Bart", "Chris"]),
        ({"words": "kraam"}, ["Bart"]),
        ({"words": "AN"}, ["An"]),
        ({"zone": "brussel-noord"}, ["Chris"]),
        ({"words": "100%"}, []),
        ({"limit": 1}, ["An"]),
    ],
)
async def test_the_directory_is_searched_by_name_organisation_and_zone(house: House, sought: dict[str, Any], names: list[str]) -> None:
    await house.contact(name="An")
    await house.contact(name="Bart", organisation="Kraamzorg De Wiegelier")
    await house.contact(name="Chris", zones=("brussel-noord",))
    await house.contact(name="Dirk", active=False)
    async with asking(house, an_actor("sender")) as client:
        answer = await client.post(f"{API}/directory/search", json=sought)
        in_address = await client.get(f"{API}/directory/search", params={"words": "kraam"})
    assert [contact["name"] for contact in answer.json()["contacts"]] == names
    assert in_address.status_code == 405


async def imported(house: House, content: str | bytes, **query: Any) -> httpx.Response:
    async with asking(house, OPS) as client:
        return await client.post(f"{API}/directory/import", content=content, params=query, headers={"Content-Type": "text/csv"})


async def names(house: House) -> list[str]:
    return [row["name"] for row in await house.rows("select name from contacts order by name")]


async def test_a_dry_run_tells_and_changes_nothing(house: House) -> None:
    answer = await imported(house, f"{HEADER}\n{ROW}", dry_run="true")
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("imported", "added", "changed", "unchanged", "problems")} == {
        "imported": False,
        "added": 1,
        "changed": 0,
        "unchanged": 0,
        "problems": [],
    }
    assert await names(house) == []


async def test_a_file_is_imported_and_imported_again_changes_nothing(house: House) -> None:
    assert (await imported(house, f"{HEADER}\n{ROW}".encode("cp1252"))).json()["added"] == 1
    assert (await imported(house, f"{HEADER}\n{ROW}")).json()["unchanged"] == 1
    again = (await imported(house, f"{HEADER}\n{ROW.replace('An Peeters', 'An P.')}")).json()
    assert (again["added"], again["changed"]) == (0, 1)
    assert await names(house) == ["An P."]
    assert (await imported(house, f"{WORKERS}\n{WORKER}")).json()["added"] == 1
    (worker,) = await house.rows("select * from contacts where kind = 'worker'")
    assert (worker["roles"], worker["zones"], worker["channels"]) == (["care_coordinator", "zone_intake"], [ZONE], ["email"])


async def test_with_problems_nothing_is_imported_and_each_is_named(house: House) -> None:
    bad = ROW.replace(str(AN), str(uuid4())).replace("an@praktijk.be", "geheim@")
    answer = await imported(house, f"{HEADER}\n{ROW}\n{bad}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["errors"] == [
        {"field": "line 3, email", "code": "email", "message": "Expected an e-mail address such as naam@praktijk.be, or nothing."}
    ]
    assert "geheim" not in answer.text
    assert await names(house) == []


async def test_unless_per_row_then_the_good_rows_are_imported(house: House) -> None:
    bad = ROW.replace(str(AN), str(uuid4())).replace("an@praktijk.be", "geheim@")
    answer = await imported(house, f"{HEADER}\n{bad}\n{ROW}", per_row="true")
    assert (answer.json()["imported"], [problem["line"] for problem in answer.json()["problems"]]) == (True, [2])
    assert await names(house) == ["An Peeters"]


async def test_the_id_of_a_worker_is_not_given_to_a_provider(house: House) -> None:
    await house.contact(id=AN, kind=Kind.WORKER, name="Worker")
    assert (await imported(house, f"{HEADER}\n{ROW}")).json()["errors"][0]["code"] == "other_kind"
    assert await names(house) == ["Worker"]


async def test_a_file_larger_than_allowed_is_a_problem(house: House) -> None:
    answer = await imported(house, b"x" * 6_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_only_operations_import_and_only_files_of_the_right_type(house: House) -> None:
    async with asking(house, an_actor("zone_lead")) as client:
        assert (await client.post(f"{API}/directory/import", content="x", headers={"Content-Type": "text/csv"})).status_code == 403
    async with asking(house, OPS) as client:
        assert (await client.post(f"{API}/directory/import", data={"x": "y"})).status_code == 415


async def test_what_is_exported_can_be_imported_again(house: House) -> None:
    await house.contact(name="=HYPERLINK(1)", phone="+32 9 000", municipality="43005")
    await house.contact(kind=Kind.WORKER)
    async with asking(house, OPS) as client:
        exported = await client.get(f"{API}/directory/export")
    assert exported.headers["content-type"].startswith("text/csv")
    assert (await imported(house, exported.content)).json()["unchanged"] == 1


async def test_counts_agree_with_the_ids_whatever_their_order(house: House) -> None:
    sender = await house.contact()
    referrals = [received(builders.referral_accepted(sender_id=sender)) for _ in range(3)]
    late = received(builders.referral_accepted(sender_id=sender), at=NOW.replace(hour=20))
    case = uuid4()
    links = (builders.a_link(sender), builders.a_link(await house.contact()))
    await house.record(*referrals, late)
    await house.record(received(of_a_case(coordination.CaseAssigned, case_id=case, referrals=links)))
    counted = await got(house, OPS, "/counts", until="2026-11-24T12:00:00+01:00")
    (row,) = await house.rows(
        "select bit_xor(hashtextextended(id::text, 0)) as hash from unnest($1::uuid[]) as id",
        [item.event.referral_id for item in reversed(referrals)],
    )
    (of_case,) = await house.rows("select hashtextextended($1::uuid::text, 0) as hash", case)
    assert counted["told"] == {"received": {"count": 3, "hash": row["hash"]}, "assigned": {"count": 1, "hash": of_case["hash"]}}
    assert counted["acknowledged"] == {"2026-11-24": {"count": 3, "hash": row["hash"]}}
    assert (await got(house, OPS, "/counts", days="2026-11-23"))["ids"] == []
    listed = (await got(house, OPS, "/counts", days="2026-11-24", until="2026-11-24T12:00:00+01:00"))["ids"]
    assert sorted(listed) == sorted(str(item.event.referral_id) for item in referrals)
    assert counted["states"] == {"waiting": 5, "sending": 0, "delivered": 0, "failed": 0, "skipped": 0}


async def test_the_description_names_every_operation(house: House) -> None:
    described = (await got(house, OPS, "/openapi.json"))["paths"]
    assert set(described) >= {
        f"{API}/{path}"
        for path in ("messages", "messages/{id}/retry", "counts", "contacts", "directory/search", "directory/export", "directory/import")
    }
