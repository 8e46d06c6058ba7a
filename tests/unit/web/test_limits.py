from __future__ import annotations

import ipaddress
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import CapturingLogger

from shared.access.personas import PERSONAS
from shared.access.rules import Action
from shared.web import limits, sign_in
from shared.web.app import build_app
from shared.web.call import Call
from shared.web.limits import OWN, RATES, Buckets, Limits, Rate, Rates, client_address, kind_of
from shared.web.routing import Operation, Page, service_routes
from tests.unit.web.conftest import Configure, Kernel, actions_of, bearer, handler, real_routes

PROXY = "10.20.30.0/24"


class Clock:
    """Stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def store(call: Call) -> Any:
    return (await call.submit(handler, "stored")).answer


async def keep(call: Call) -> Any:
    await call.submit(handler, "kept")
    return call.redirect("/intake/kept")


ROUTES = (
    [
        Operation("POST", "/intake/api/referrals", store, "x"),
        Operation("POST", "/intake/api/zones/import", store, "x"),
        Operation("POST", "/notifications/api/directory/search", store, "x"),
        Operation("GET", "/intake/api/other", store, "x"),
    ],
    [Page("POST", "/intake/keep", keep)],
)
FEW = {kind: Rates(Rate(4, 60), Rate(2, 30)) for kind in RATES}
WIDE = {kind: Rates(Rate(1_000, 1_000), Rate(2, 30)) for kind in RATES}


def asking(clock: Clock, rates: Any = FEW, kernel: Kernel | None = None, address: str = "192.0.2.7", **headers: str) -> httpx.AsyncClient:
    routes = service_routes("intake", kernel or Kernel(), *ROUTES, actions_of(*ROUTES, Action.WRITE_REFERRAL))  # type: ignore[arg-type]
    app = build_app([*routes, *sign_in.routes()], limits=Limits(rates, clock))
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/intake/api/referrals"),
        ("POST", "/intake/api/zones/import"),
        ("POST", "/notifications/api/directory/search"),
        ("GET", "/intake/api/other"),
    ],
)
async def test_an_account_that_asks_too_often_is_told_when_to_come_back_and_nothing_is_done(
    configured: Configure, method: str, path: str
) -> None:
    clock, kernel = Clock(), Kernel()
    async with asking(clock, WIDE, kernel) as client:
        answers = [await client.request(method, path, headers=bearer("sender")) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert (answers[2].json()["code"], answers[2].headers["retry-after"]) == ("too_many_requests", "2")
        assert answers[2].headers["content-type"] == "application/problem+json"
        assert len(kernel.commands) == 2
        assert (await client.request(method, path, headers=bearer("sender-brussels"))).status_code == 200, "somebody else may"
        clock.now += 1.9
        assert (await client.request(method, path, headers=bearer("sender"))).status_code == 429
        clock.now += 0.2
        assert (await client.request(method, path, headers=bearer("sender"))).status_code == 200


async def test_an_address_that_asks_too_often_is_turned_away_whoever_it_says_to_be(configured: Configure) -> None:
    clock = Clock()
    async with asking(clock) as client:
        who = ["sender", "sender-brussels", "coordinator", "ops", "zone-lead"]
        assert [(await client.get("/intake/api/other", headers=bearer(name))).status_code for name in who] == [200, 200, 403, 403, 429]
        assert (await client.get("/intake/nothing")).status_code == 429, "unknown addresses count too"
        assert (await client.get("/sign-in")).status_code == 503, "what another kind of request used up is not missing here"
        clock.now += 1.1
        assert (await client.get("/intake/api/other", headers=bearer("zone-lead"))).status_code == 403


async def test_who_comes_too_often_is_logged_once_a_minute(configured: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    logger, clock = CapturingLogger(), Clock()
    monkeypatch.setattr(limits, "log", logger)
    async with asking(clock, **bearer("sender")) as client:
        for _ in range(10):
            await client.get("/intake/api/other")
        who = str(PERSONAS["sender"].id)
        told = [("too many requests", {"kind": "everything", "whom": whom}) for whom in (who, "192.0.2.7")]
        assert [(call.args[0], call.kwargs) for call in logger.calls] == told
        clock.now += 61
        for _ in range(10):
            await client.get("/intake/api/other")
        assert len(logger.calls) == 4


async def test_signing_in_is_tried_a_few_times_only(configured: Configure) -> None:
    clock = Clock()
    async with asking(clock) as client:
        statuses = [(await client.get("/sign-in")).status_code for _ in range(6)]
        machine = await client.post("/oauth/token", data={"grant_type": "client_credentials"})
    assert statuses == [503] * 4 + [429] * 2, "no provider here: each try says so, until there were too many"
    assert machine.status_code == 429, "the tries of machines count with them"


async def test_a_page_that_comes_too_often_keeps_what_was_typed(configured: Configure) -> None:
    clock = Clock()
    async with asking(clock, WIDE) as client:
        typed = {"data": {"worries": "Zoë"}, "headers": bearer("sender")}
        answers = [await client.post("/intake/keep", **typed) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Even wachten" in answers[2].text
    assert '<input type="hidden" name="worries" value="Zoë">' in answers[2].text


async def test_who_is_exempt_is_not_counted(configured: Configure) -> None:
    configured(unlimited="192.0.2.0/24")
    async with asking(Clock()) as client:
        assert {(await client.get("/intake/api/other", headers=bearer("sender"))).status_code for _ in range(50)} == {200}
    async with asking(Clock(), address="198.51.100.1") as client:
        assert 429 in {(await client.get("/intake/api/other", headers=bearer("sender"))).status_code for _ in range(50)}


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.9", "192.0.2.7"),  # no proxy of ours: what it says is not believed
        ("10.20.30.4", "198.51.100.9", "198.51.100.9"),
        ("10.20.30.4", "1.1.1.1, 198.51.100.9", "198.51.100.9"),  # the client wrote the first one itself
        ("10.20.30.4", "198.51.100.9, 10.20.30.5", "198.51.100.9"),
        ("10.20.30.4", "no address", "10.20.30.4"),
        ("10.20.30.4", "198.51.100.9, no address", "10.20.30.4"),
        ("10.20.30.4", None, OWN),
        ("10.20.30.4", " , ", OWN),
        ("::ffff:10.20.30.4", "198.51.100.9", "198.51.100.9"),
        ("10.20.30.4", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3::4", None, "2001:db8:1:2::/64"),
        ("", None, ""),
        ("10.20.30.4", "203.0.113.5", None),
        ("203.0.113.5", None, None),
    ],
)
def test_the_client_is_who_the_trusted_proxy_says(configured: Configure, peer: str, forwarded: str | None, found: str | None) -> None:
    configured(trusted_proxies=PROXY, unlimited="203.0.113.0/24")
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    assert client_address({"client": (peer, 1) if peer else None, "headers": headers}) == found


def test_several_headers_of_a_proxy_are_read_as_one(configured: Configure) -> None:
    configured(trusted_proxies=PROXY)
    headers = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"198.51.100.9")]
    assert client_address({"client": ("10.20.30.4", 1), "headers": headers}) == "198.51.100.9"


async def test_clients_behind_the_proxy_are_counted_apart_and_cannot_choose_their_address(configured: Configure) -> None:
    configured(trusted_proxies=PROXY)
    async with asking(Clock(), address="10.20.30.4") as client:
        one = [(await client.get("/nothing", headers={"X-Forwarded-For": f"1.1.1.{n}, 198.51.100.9"})).status_code for n in range(6)]
        other = await client.get("/nothing", headers={"X-Forwarded-For": "198.51.100.10"})
    assert one == [404] * 4 + [429] * 2
    assert other.status_code == 404


async def test_a_service_of_ours_is_counted_for_who_it_asks_for(configured: Configure) -> None:
    configured(trusted_proxies=PROXY)
    async with asking(Clock(), address="10.20.30.9") as client:
        statuses = [
            (await client.get("/intake/api/other", headers=bearer(who))).status_code for who in ["sender"] * 3 + ["sender-brussels"] * 2
        ]
    assert statuses == [200, 200, 429, 200, 200]


def test_what_is_no_network_does_not_start(configured: Configure) -> None:
    configured(trusted_proxies="caddy")
    with pytest.raises(ValueError, match="caddy"):
        build_app([])


@given(st.lists(st.floats(0, 30), max_size=80), st.integers(1, 10), st.integers(1, 120))
def test_never_more_than_the_burst_and_the_rate(gaps: list[float], burst: int, per_minute: int) -> None:
    clock = Clock()
    buckets = Buckets(Rate(burst, per_minute), clock)
    taken: list[float] = []
    for gap in gaps:
        clock.now += gap
        wait = buckets.take("a")
        if wait == 0:
            taken.append(clock.now)
        else:
            clock.now += wait
            assert buckets.take("a") == 0, "who waits as long as told is served"
            taken.append(clock.now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - taken[first]) * per_minute / 60 + 1e-6


def test_a_crowd_of_addresses_does_not_fill_the_memory() -> None:
    buckets = Buckets(Rate(1, 1), Clock(), most=100)
    for number in range(1_000):
        buckets.take(str(ipaddress.ip_address(number)))
    assert len(buckets) == 100


def test_every_kind_of_request_has_its_rate_and_accounts_less_than_addresses() -> None:
    kinds = {kind_of(method, route.path) for route in real_routes() for method in route.methods or ()} | {kind_of("POST", "/sign-in")}
    assert kinds == RATES.keys()
    for rates in RATES.values():
        assert rates.account.burst < rates.address.burst
        assert rates.account.per_minute < rates.address.per_minute
    assert {route.path for route in real_routes() if kind_of("POST", route.path) == "import" and "POST" in (route.methods or ())} == {
        "/intake/api/zones/import",
        "/coordination/api/workforce/import",
        "/notifications/api/directory/import",
    }


def test_the_measurement_is_exempt_by_its_setting(configured: Configure) -> None:
    configured(unlimited="127.0.0.1/32")
    assert client_address({"client": ("127.0.0.1", 1), "headers": []}) is None
    assert client_address({"client": ("127.0.0.2", 1), "headers": []}) == "127.0.0.2"
