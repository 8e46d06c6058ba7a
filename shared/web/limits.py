"""How often one address and one account may ask, by kind of request. Kept in this process: several processes of a service count each for itself."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import structlog
from starlette.types import Scope

from shared.settings import settings
from shared.web.problems import Problem

MOST_KEPT = 50_000  # buckets per process; beyond it the one unused longest is forgotten
OWN = "own"  # a service of ours asked, not through the proxy
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_minute` in the long run."""

    burst: int
    per_minute: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What one address may (a whole hospital can stand behind one), and what one account may."""

    address: Rate
    account: Rate


TOLD = Rate(1, 1)  # how often it is logged of one address or account that it comes too often
RATES: Mapping[str, Rates] = {
    "sign_in": Rates(Rate(30, 60), Rate(10, 20)),
    "submit": Rates(Rate(300, 1_200), Rate(100, 600)),
    "import": Rates(Rate(20, 20), Rate(10, 10)),
    "search": Rates(Rate(120, 240), Rate(60, 120)),
    "everything": Rates(Rate(600, 6_000), Rate(300, 1_800)),
}


class Buckets:
    """Token buckets of one rate, each kept as the one moment at which it will be full again. `clock` in seconds, never going back."""

    def __init__(self, rate: Rate, clock: Callable[[], float], most: int = MOST_KEPT) -> None:
        self._spacing = 60 / rate.per_minute
        self._depth = rate.burst * self._spacing
        self._clock = clock
        self._most = most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, key: str) -> float:
        """Take one; 0 when there was one, else the seconds until there is."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + self._spacing
        wait = full_at - self._depth - now
        if wait > 1e-9:
            return wait
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0


class Limits:
    """The buckets of a process, per kind of request."""

    def __init__(self, rates: Mapping[str, Rates] = RATES, clock: Callable[[], float] = time.monotonic) -> None:
        self._of_addresses = {kind: Buckets(rate.address, clock) for kind, rate in rates.items()}
        self._of_accounts = {kind: Buckets(rate.account, clock) for kind, rate in rates.items()}
        self._told = Buckets(TOLD, clock)

    def take_for_address(self, scope: Scope) -> None:
        """Count a request for the address it comes from. Raises a 429 problem. Called once per request, before it is routed."""
        address = client_address(scope)
        if address is None:
            return
        kind = kind_of(scope["method"], scope["path"])
        scope["limits"] = self, kind
        if address != OWN:
            self._refuse(self._of_addresses[kind].take(address), kind, address)

    def take(self, kind: str, account: UUID) -> None:
        """Count a request for an account. Raises a 429 problem."""
        self._refuse(self._of_accounts[kind].take(str(account)), kind, str(account))

    def _refuse(self, wait: float, kind: str, whom: str) -> None:
        if not wait:
            return
        if not self._told.take(whom):
            log.warning("too many requests", kind=kind, whom=whom)
        seconds = max(1, math.ceil(wait))
        raise Problem(
            429, "too_many_requests", "Too many requests.", f"Send it again in {seconds} s; nothing was changed.", retry_after=seconds
        )


def take_for_account(scope: Scope, account: UUID) -> None:
    """Count a request for who asks, once that is known. Raises a 429 problem. Nothing is counted for addresses that are exempt."""
    limits, kind = scope.get("limits", (None, ""))
    if limits is not None:
        limits.take(kind, account)


def kind_of(method: str, path: str) -> str:
    """Which of the rates a request counts for."""
    if path.startswith("/sign-in") or path == "/oauth/token":
        return "sign_in"
    if method == "POST":
        if path == "/intake/api/referrals" or path.startswith("/intake/refer/3/"):
            return "submit"
        if path.endswith("/import"):
            return "import"
        if path.startswith("/intake/refer/search/"):
            return "search"
    return "search" if path.endswith("/search") else "everything"


def client_address(scope: Scope) -> str | None:
    """Whom to count a request for: the address of the client (its /64 for IPv6), `OWN`, or None for those that are not counted.

    X-Forwarded-For is believed from the networks of `trusted_proxies` only, and only as far as they wrote it. Who asks from there without it is no
    proxy but a service of ours, asking for somebody: that counts for the account, not for an address.
    """
    peer = scope["client"][0] if scope.get("client") else ""
    forwarded = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    chosen = settings()
    return _client(peer, forwarded, chosen.trusted_proxies, chosen.unlimited)


@lru_cache(maxsize=8_192)
def _client(peer: str, forwarded: bytes, trusted_proxies: str, unlimited: str) -> str | None:
    trusted = networks(trusted_proxies)
    found = _address(peer)
    if _within(found, networks(unlimited)) and not _within(found, trusted):
        return None
    if _within(found, trusted):
        written = [part.strip() for part in forwarded.decode("latin-1").split(",") if part.strip()]
        if not written:
            return OWN
        for part in reversed(written):
            address = _address(part)
            if address is None:
                break
            found = address
            if not _within(address, trusted):
                break
        if _within(found, networks(unlimited)):
            return None
    if found is None:
        return peer
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


@lru_cache(maxsize=16)
def networks(text: str) -> tuple[Network, ...]:
    """Networks separated by commas. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _within(address: Address | None, of: tuple[Network, ...]) -> bool:
    return address is not None and any(address in network for network in of)
