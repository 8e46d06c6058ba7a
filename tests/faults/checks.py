"""What must hold after every fault, read from the databases themselves: nothing lost, nothing twice, the three counts agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tests.eventually import eventually
from tests.journeys.sink import Sink
from tests.stack import Stack


async def quiet(stack: Stack, accepted: Iterable[str], *, seconds: float = 60) -> None:
    """Wait until every accepted referral has its case and its messages and nothing is on its way."""
    wanted = len(set(accepted))

    async def look() -> tuple[int, int, int, int]:
        (cases,) = await stack.query("coordination", "select count(*) from case_referrals")
        (told,) = await stack.query(
            "notifications", "select count(distinct referral_id) from messages where kind in ('offered', 'waiting', 'assigned')"
        )
        ((here,), (there,)) = [(await stack.query(service, "select count(*) from outbox"))[0] for service in ("intake", "coordination")]
        return cases[0], told[0], here, there

    await eventually(look, lambda seen: seen[0] >= wanted and seen[1] >= wanted and seen[2:] == (0, 0), seconds=seconds)


async def wrong(stack: Stack, accepted: Iterable[str]) -> list[str]:
    """Every breach found; empty when all is well."""
    ids = set(accepted)
    found: list[str] = []
    stored = {str(row[0]) for row in await stack.query("intake", "select id from referrals")}
    found += [f"accepted and not stored: {id}" for id in ids - stored]
    rows = await stack.query(
        "coordination",
        """select r.referral_id, c.status, (select count(*) from offers o where o.case_id = c.id and o.status in ('offered', 'accepted')), c.reason
           from case_referrals r join cases c on c.id = r.case_id""",
    )
    by_referral: dict[str, list[Any]] = {}
    for referral, status, active, reason in rows:
        by_referral.setdefault(str(referral), []).append((status, active, reason))
    found += [f"accepted and without a case: {id}" for id in ids - by_referral.keys()]
    for id, cases in by_referral.items():
        if len(cases) != 1:
            found.append(f"in {len(cases)} cases: {id}")
        for status, active, reason in cases:
            if status == "waiting" and (active or not reason):
                found.append(f"waits without a reason, or with an offer: {id}")
            if status in {"offered", "assigned"} and active != 1:
                found.append(f"{status} with {active} active offers: {id}")
    found += await _load(stack)
    found += await _messages(stack, ids)
    return found


async def _load(stack: Stack) -> list[str]:
    over = await stack.query(
        "coordination",
        """select c.id, c.used, c.fte * 15 + coalesce(sum(o.points), 0) as counted, c.capacity from coordinators c
           left join offers o on o.coordinator_id = c.id and o.status in ('offered', 'accepted')
           where c.roles && '{care_coordinator,case_manager}' group by c.id
           having c.used <> c.fte * 15 + coalesce(sum(o.points), 0) or c.fte * 15 + coalesce(sum(o.points), 0) > c.capacity""",
    )
    return [f"load of {row[0]}: used {row[1]}, counted {row[2]}, capacity {row[3]}" for row in over]


async def _messages(stack: Stack, ids: set[str]) -> list[str]:
    rows = await stack.query("notifications", "select referral_id, kind, count(*) from messages where kind = 'received' group by 1, 2")
    received = {str(row[0]): row[2] for row in rows}
    found = [f"sender not told of {id}" for id in ids - received.keys()]
    found += [f"sender told {count} times of {id}" for id, count in received.items() if count != 1]
    doubled = await stack.query("notifications", "select event_id, recipient_id from messages group by 1, 2, channel having count(*) > 1")
    return found + [f"recorded twice: {row}" for row in doubled]


async def sent(stack: Stack) -> None:
    """Wait until no message is to be sent any more. What a dead process claimed is taken over when its lease ends."""
    open_states = "select count(*) from messages where state in ('waiting', 'sending')"
    await eventually(lambda: stack.query("notifications", open_states), lambda seen: seen == [(0,)], seconds=60)


async def wrong_mails(stack: Stack, sink: Sink) -> list[str]:
    """Messages that are delivered by the record and not on the wire, and the other way round. Copies share the Message-ID of their record."""
    rows = await stack.query("notifications", "select event_id, recipient_id, channel from messages where state = 'delivered'")
    recorded = Counter(f"<{event}.{recipient}.{channel}@zorgspoor.example>" for event, recipient, channel in rows)
    wire = Counter(sink.message_ids)
    found = [f"recorded {count} times: {id}" for id, count in recorded.items() if count != 1]
    found += [f"recorded as delivered and not sent: {id}" for id in recorded.keys() - wire.keys()]
    return found + [f"sent and not recorded: {id}" for id in wire.keys() - recorded.keys()]


async def wrong_assignments(stack: Stack, cases: Iterable[UUID]) -> list[str]:
    """Accepted cases that are not assigned, told and given their next deadline exactly once."""
    rows = await stack.query(
        "coordination",
        """select c.id, c.status,
                  (select count(*) from event_log e
                   where e.type = 'coordination.case_assigned.v1' and convert_from(e.payload, 'utf8')::jsonb ->> 'case_id' = c.id::text),
                  (select count(*) from timers t where t.kind = 'first_weeks_over' and t.subject = c.id),
                  (select count(*) from timers t join offers o on o.id = t.subject where t.kind = 'offer_final' and o.case_id = c.id)
           from cases c where c.id = any($1::uuid[])""",
        list(cases),
    )
    return [f"case {row[0]}: {row[1:]}" for row in rows if row[1:] != ("assigned", 1, 1, 0)]


async def agree(stack: Stack) -> None:
    """The three counts agree, as operations sees them."""
    await eventually(stack.reconciliation, lambda seen: seen.get("agree") is True, seconds=45)
