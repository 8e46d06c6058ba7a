"""The endless work of sending: claim what is due, hand it to the mail server, record what became of it.

A crash leaves claimed messages behind; their lease runs out and the next round takes them over. Of those, the mails in hand at that moment
(one per connection) may then go out twice, under one Message-ID: a connection takes its next mail when what became of the last is recorded.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

import structlog

from services.notifications.delivery import handlers, store
from services.notifications.delivery.domain import Outcome, Result
from services.notifications.delivery.post import SECONDS_PER_MAIL, Line, Try
from services.notifications.delivery.store import Claimed
from services.notifications.messages import domain as messages
from services.notifications.messages import letters
from shared import db
from shared.messaging.crashpoints import crashpoint
from shared.messaging.kernel import Kernel
from shared.messaging.pacing import Backoff

AT_ONCE = 4  # connections to the mail server
MOST_IN_ONE = 100
LEASE_SECONDS = 30.0
POLL_SECONDS = 1.0
STOP_SECONDS = 5.0
LONGEST_PROBE_SECONDS = 30.0

log = structlog.get_logger()


async def deliver(kernel: Kernel) -> None:
    """Send what is due, for ever. While the mail server is away one message at a time is tried, at growing intervals."""
    probe = 0.0
    while True:
        kernel.recorded.clear()
        results = await _uninterrupted(Round(kernel, limit=1 if probe else MOST_IN_ONE)) if kernel.settings.deliver else Counter()
        if results[Result.AWAY]:
            probe = min(max(POLL_SECONDS, probe * 2), LONGEST_PROBE_SECONDS)
            await asyncio.sleep(probe)
            continue
        if results:
            probe = 0.0
        else:
            await _something_new(kernel)


async def _something_new(kernel: Kernel) -> None:
    try:
        async with asyncio.timeout(POLL_SECONDS):
            await kernel.recorded.wait()
    except TimeoutError:
        return


async def _uninterrupted(round_: Round) -> Counter[Result]:
    """A round that is cancelled finishes the mails it is sending and records them, so that a restart sends nothing twice."""
    running = asyncio.create_task(round_.run())
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        round_.stopping = True
        await asyncio.wait({running}, timeout=STOP_SECONDS)
        running.cancel()
        raise


@dataclass
class Round:
    """Messages claimed together, and what became of each."""

    kernel: Kernel
    limit: int
    stopping: bool = False
    waiting: deque[Claimed] = field(default_factory=deque)
    outcomes: list[Outcome] = field(default_factory=list)
    unrecorded: list[Outcome] = field(default_factory=list)
    recording: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> Counter[Result]:
        """Claim, send, record; how many messages ended in which way."""
        began = asyncio.get_running_loop().time()
        async with self.kernel.transaction() as tx:
            now = self.kernel.now()
            claimed = await store.claim(tx, now, now + timedelta(seconds=LEASE_SECONDS), self.limit)
        if not claimed:
            return Counter()
        crashpoint("notifications-after-claim")
        self.waiting.extend(claimed)
        last_start = began + LEASE_SECONDS - SECONDS_PER_MAIL
        await asyncio.gather(*(self._work(last_start) for _ in range(min(AT_ONCE, len(claimed)))))
        for message in self.waiting:
            self._ended(message, (Result.UNTRIED, None))
        await self._record()
        counted = Counter(outcome.result for outcome in self.outcomes)
        log.info("mails", service=self.kernel.service, **{result.value: number for result, number in counted.items()})
        return counted

    async def _work(self, last_start: float) -> None:
        line = Line(self.kernel.settings)
        try:
            while self.waiting and not self.stopping and asyncio.get_running_loop().time() < last_start:
                message = self.waiting.popleft()
                tried = await self._try(line, message)
                self._ended(message, tried)
                if tried[0] is Result.AWAY:
                    self.stopping = True
                await self._record()
        except Exception:
            self.stopping = True  # the other connections end with the mails they have in hand
            raise
        finally:
            await line.close()

    def _ended(self, message: Claimed, tried: Try) -> None:
        outcome = _outcome(message, tried)
        self.outcomes.append(outcome)
        self.unrecorded.append(outcome)

    async def _record(self) -> None:
        """Record what is not recorded yet, of all connections together."""
        async with self.recording:
            outcomes, self.unrecorded = self.unrecorded, []
            if outcomes:
                await _record(self.kernel, outcomes)

    async def _try(self, line: Line, message: Claimed) -> Try:
        if message.address is None:
            return Result.REFUSED, messages.UNREACHABLE
        try:
            tried = await line.send(self._letter(message, message.address))
        except letters.Unsendable:
            return Result.REFUSED, "unsendable"
        except Exception as error:  # a fault of ours in one mail must not lose the results of the others
            log.error("mail_fault", service=self.kernel.service, message_id=str(message.id), error=type(error).__name__)
            return Result.NOT_NOW, "fault"
        crashpoint("notifications-after-smtp-250-before-mark")
        return tried

    def _letter(self, message: Claimed, address: str) -> EmailMessage:
        settings = self.kernel.settings
        return letters.compose(
            sender=settings.mail_from,
            address=address,
            event_id=message.event_id,
            recipient_id=message.recipient_id,
            channel=message.channel,
            language=message.language,
            kind=message.kind,
            reference=message.reference,
            link=settings.public_url.rstrip("/") + messages.page(message.role, message.kind, message.referral_id, message.case_id),
            written_at=self.kernel.now(),
        )


def _outcome(message: Claimed, tried: Try) -> Outcome:
    return Outcome(message.id, message.lease, tried[0], tried[1], random.random())  # noqa: S311 - spreads retries, guards nothing


async def _record(kernel: Kernel, outcomes: Sequence[Outcome]) -> None:
    """Record results however long the database is away: a mail that went out must not go out again."""
    backoff = Backoff(kernel.service, "results")
    while True:
        try:
            await kernel.transact(handlers.record_results, outcomes)
        except Exception as error:
            if not db.is_transient(error):
                raise
            await backoff.after(error)
        else:
            return
