"""What became of the referrals: the table per zone and programme, and the coordinators' loads. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean, quantiles
from typing import Any

HUMAN = "zone_intake"
SHOWN = ("received", "not_eligible", "to_complete", "offered", "assigned", "met", "closed", "waiting", "on_its_way", "joined", "unowned")
RARE = ("on_its_way", "unowned")  # shown where there are any
HEADS = {
    "received": "received", "not_eligible": "not elig.", "to_complete": "info/check", "offered": "offered", "assigned": "assigned",
    "met": "met", "closed": "closed", "waiting": "waiting", "on_its_way": "on its way", "joined": "(joined)",
    "unowned": "(no reason)",
}  # fmt: skip
STATE_OF = {
    "not_eligible": "not_eligible", "information_needed": "to_complete", "offered": "offered", "assigned": "assigned",
    "first_contact": "met", "paused": "met", "closed": "closed", "waiting": "waiting",
}  # fmt: skip


@dataclass(slots=True)
class Row:
    """Referrals of one zone and programme, each in exactly one state. Beside that, `joined`: those that came to a case already open;
    `unowned`: those that wait without a reason or an owner, which should not be.
    """

    zone: str
    programme: str
    received: int = 0
    not_eligible: int = 0
    to_complete: int = 0
    offered: int = 0
    assigned: int = 0
    met: int = 0
    closed: int = 0
    waiting: int = 0
    on_its_way: int = 0
    joined: int = 0
    unowned: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"reasons": dict(self.reasons.most_common())}


def table(referrals: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Rows out of referrals as intake shows them to their senders, ordered by zone and programme."""
    rows: dict[tuple[str, str], Row] = {}
    of_case: set[str] = set()
    for referral in sorted(referrals, key=lambda each: (each["received_at"], each["id"])):
        key = referral["zone"], referral["programme"]
        row = rows.setdefault(key, Row(*key))
        row.received += 1
        state = state_of(referral)
        setattr(row, state, getattr(row, state) + 1)
        if state == "waiting":
            row.unowned += not (referral["reason"] and referral["owner_id"])
            if referral["reason"]:
                row.reasons[referral["reason"]] += 1
        if case := referral["case_id"]:
            row.joined += case in of_case
            of_case.add(case)
    return [rows[key] for key in sorted(rows)]


def state_of(referral: Mapping[str, Any]) -> str:
    """The column of a referral: what a human or the sender still has to say comes before the state's own name."""
    if referral["next_actor"] == HUMAN:
        return "to_complete"
    return STATE_OF.get(referral["status"], "on_its_way")


def totals(rows: Sequence[Row]) -> Row:
    """All rows as one."""
    total = Row("all", "")
    for row in rows:
        for name in SHOWN:
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.reasons += row.reasons
    return total


def lines(rows: Sequence[Row]) -> list[str]:
    """The table as text."""
    body = [*rows, totals(rows)]
    shown = [name for name in SHOWN if name not in RARE or any(getattr(row, name) for row in rows)]
    width = max(len(row.zone) for row in body)
    out = [f"{'zone':<{width}}  {'programme':<9}  " + "  ".join(f"{HEADS[name]:>11}" for name in shown) + "  waiting because"]
    before = ""
    for row in body:
        because = ", ".join(f"{reason} {count}" for reason, count in row.reasons.most_common())
        zone = row.zone if row.zone != before else ""
        out.append(
            f"{zone:<{width}}  {row.programme:<9}  " + "  ".join(f"{getattr(row, name):>11}" for name in shown) + f"  {because}".rstrip()
        )
        before = row.zone
    return out


@dataclass(frozen=True, slots=True)
class Load:
    """What one coordinator carries; points as people read them."""

    name: str
    zones: tuple[str, ...]
    fte: float
    used: float
    capacity: float

    @property
    def share(self) -> float:
        return self.used / self.capacity if self.capacity else 0.0


def loads(workers: Iterable[Mapping[str, Any]], holders: Iterable[str]) -> list[Load]:
    """Loads of those who hold cases, out of the workforce as coordination shows it (points and fte in hundredths)."""
    known = set(holders)
    return [
        Load(worker["name"], tuple(worker["zones"]), worker["fte"] / 100, worker["used"] / 100, worker["capacity"] / 100)
        for worker in workers
        if worker["id"] in known
    ]


def spread(shares: Sequence[float], digits: int = 3) -> dict[str, float]:
    """Mean and quantiles."""
    if not shares:
        return {}
    cuts = quantiles(shares, n=10, method="inclusive") if len(shares) > 1 else [shares[0]] * 9
    found = {"mean": mean(shares), "lowest": min(shares), "p10": cuts[0], "p50": cuts[4], "p90": cuts[8], "highest": max(shares)}
    return {name: round(value, digits) for name, value in found.items()}
