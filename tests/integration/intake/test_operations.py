"""Operations' page: what was handed over and is not confirmed is counted as such, and is a difference unless it is on its way."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from services.intake.operations import asking, counting
from shared.web.call import Call
from tests.builders import a_referral
from tests.integration.intake.rig import House, an_actor

OPS = an_actor("ops")
NOTHING: dict[str, dict[str, Any]] = {
    "counts": {"states": {}, "told": {}, "acknowledged": {}, "ids": {}, "oldest_waiting": None},
    "published": {"events": []},
    "not-arrived": {"on_topic": [], "lost": []},
    "parked": {"events": []},
    "flow": {
        "kafka": "ok",
        "outbox_rows": 0,
        "outbox_seconds": 0.0,
        "lag": {},
        "skipped": 0,
        "parked": [],
        "parked_total": 0,
        "stopped_timers": [],
        "stopped_total": 0,
    },
}


@pytest.fixture
def alone(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """Intake beside two services that have not heard of anything yet."""

    async def ask(call: Call, service: str, method: str, path: str, json: Any = None, **_: Any) -> Any:
        name = path.rpartition("/")[2].partition("?")[0]
        if service != "intake":
            return NOTHING[name] | {"service": service} | ({"ids": []} if service == "notifications" else {})
        path = path.removeprefix("/intake/api")
        return (
            await (house.get(OPS, path) if method == "GET" else house.post(OPS, path, orjson.loads(orjson.dumps(json, default=str))))
        ).json()

    monkeypatch.setattr(counting, "ask", ask)
    monkeypatch.setattr(asking, "ask", ask)
    return house


async def seen(house: House) -> tuple[str, int, int]:
    """The verdict, and how many the page counts as handed over and as looked at by a human."""
    page = (await house.page(OPS, "/operations")).text
    verdict = re.search(r'<h2 id="telt">(.*?)</h2>', page)
    assert verdict, page
    handed_over, looked_at = (
        int(re.findall(f"<dt>{state}</dt><dd>(\\d+)</dd>", page)[0])
        for state in ("Doorgegeven, nog niet bevestigd", "Ontvangen, wordt nagekeken")
    )
    return verdict[1], handed_over, looked_at


async def test_what_is_handed_over_and_on_its_way_is_counted_and_explained(alone: House):
    sender = an_actor("sender")
    for _ in range(3):
        assert (await alone.post(sender, "/referrals", a_referral())).status_code == 201
    assert await seen(alone) == ("In = uit. Verschil 0.", 0, 0)  # too young to be counted
    alone.clock.pass_by(seconds=60)
    assert await seen(alone) == ("In = uit. 3 onderweg.", 3, 0)


async def test_what_is_handed_over_and_nowhere_is_an_unexplained_difference(alone: House):
    assert (await alone.post(an_actor("sender"), "/referrals", a_referral())).status_code == 201
    alone.clock.pass_by(seconds=60)
    async with alone.kernel.transaction() as tx:
        await tx.execute("delete from outbox")  # as if a relay had lost it
    assert await seen(alone) == ("Verschil 1, niet verklaard.", 1, 0)
    assert str(await alone.value("select id from referrals")) in (await alone.page(OPS, "/operations")).text


async def test_a_referral_that_waits_for_a_human_is_not_handed_over(alone: House):
    assert (await alone.post(an_actor("sender"), "/referrals", a_referral(human_check=True))).status_code == 201
    alone.clock.pass_by(seconds=60)
    assert await seen(alone) == ("In = uit. Verschil 0.", 0, 1)
