"""The endless work of bringing erasures into the ledger outside the database. One process at a time does it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.intake.erasures import ledger, store
from services.intake.erasures.ledger import Line
from shared.access.audit import checkpoints
from shared.messaging.kernel import Kernel
from shared.messaging.leading import leading

EVERY_SECONDS = 1.0
LOCK = 7_301_905_226_108_843_005


async def keep_ledger(kernel: Kernel) -> None:
    """Write what was erased to the file, about a second after; for ever. Where no folder is set it waits in the database."""
    folder = kernel.settings.audit_checkpoints
    if folder is None:
        await asyncio.Event().wait()
        return
    file, key = ledger.file_in(folder), checkpoints.private_key(kernel.settings.audit_key.get_secret_value())
    async with leading(kernel, "ledger", LOCK) as connection:
        places = {line.person_ids[0]: line.place for line in ledger.read(file)}
        while True:
            async with connection.transaction():
                waiting = await store.unwritten(connection)
                if new := await _numbered(connection, waiting, places):
                    ledger.append(file, key, new)
                    places |= {line.person_ids[0]: line.place for line in new}
                await store.written(connection, {line.person_ids[0]: places[line.person_ids[0]] for line in waiting})
            await asyncio.sleep(EVERY_SECONDS)


async def _numbered(connection: Any, waiting: list[Line], places: dict[UUID, int]) -> list[Line]:
    """What the file does not have: a process may have died between writing and saying so, or older tables were restored.

    A number that was given once is not given again, so that an end that was cut off leaves a gap.
    """
    last = max([await store.last_place(connection), *places.values()], default=0)
    new = [line for line in waiting if line.person_ids[0] not in places]
    return [replace(line, place=last + number) for number, line in enumerate(new, 1)]
