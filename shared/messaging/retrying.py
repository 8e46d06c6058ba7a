"""Trying parked events again: the first of each person whose time has come, one transaction each."""

from __future__ import annotations

import structlog

from shared import db
from shared.messaging import envelope, parking
from shared.messaging.consumer import Consumer
from shared.messaging.kernel import Kernel
from shared.messaging.parking import StoredRecord

log = structlog.get_logger()


async def retry_ready(kernel: Kernel, consumer: Consumer) -> int:
    """Try every parked event whose turn it is, in order per person; returns how many were brought into effect."""
    handled = 0
    while (record := await _retry_one(kernel, consumer)) is not None:
        handled += record
    return handled


async def _retry_one(kernel: Kernel, consumer: Consumer) -> bool | None:
    record = None
    try:
        async with kernel.transaction() as tx:
            record = await parking.next_ready(tx, kernel.now())
            if record is None:
                return None
            await _handle(consumer, tx, record)
            await parking.settle(tx, record.id)
    except Exception as error:
        if record is None or db.will_pass(error):
            raise
        await _note_failure(kernel, record, _reason(error))
        return False
    kernel.wake()
    log.info("unparked", service=kernel.service, parked_id=record.id)
    return True


async def _handle(consumer: Consumer, tx: db.Transaction, record: StoredRecord) -> None:
    arrival = envelope.read(record, consumer.subscribed, consumer.facts)
    if arrival.problem:
        raise envelope.UnreadableRecord(arrival.problem)
    if arrival.received:
        await consumer.decide(tx, [arrival])


async def _note_failure(kernel: Kernel, record: StoredRecord, reason: str) -> None:
    async with kernel.transaction() as tx:
        again = await parking.failed_again(tx, record, reason, kernel.now())
    log.warning(
        "parked_again" if again else "parked_for_good", service=kernel.service, parked_id=record.id, tries=record.tries + 1, reason=reason
    )


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, envelope.UnreadableRecord) else parking.reason_of(error)
