"""Works a what-if out beside the service: in a process that can be stopped, one at a time for a zone. Who asks the same meanwhile waits for the same
answer, who asks something else for their turn."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import services
from services.coordination.whatif import wire
from services.coordination.whatif.domain import Answer
from services.coordination.whatif.wire import Asked

PROJECT = Path(next(iter(services.__path__))).parent
LONGEST = 20.0  # seconds; a large zone takes two on an idle machine
PATIENCE = 10.0  # seconds that a question waits for its turn

_RUNNING: dict[str, tuple[Asked, asyncio.Task[Answer]]] = {}


class Busy(Exception):
    """Another what-if of this zone is being worked out, and was not ready in time."""


class TooLong(Exception):
    """This took longer than a what-if may, and was stopped."""


async def answered(asked: Asked) -> Answer:
    """The answer, worked out elsewhere. Raises Busy or TooLong."""
    clock = asyncio.get_running_loop().time
    end = clock() + PATIENCE
    while (running := _RUNNING.get(asked.zone.code)) and (running[0].changes, running[0].weeks) != (asked.changes, asked.weeks):
        if not (await asyncio.wait({running[1]}, timeout=end - clock()))[0]:
            raise Busy
    if running is None:
        task = asyncio.create_task(_worked_out(asked))
        running = _RUNNING[asked.zone.code] = asked, task
        task.add_done_callback(lambda _: _RUNNING.pop(asked.zone.code))
    return await asyncio.shield(running[1])


async def _worked_out(asked: Asked) -> Answer:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "services.coordination.whatif"), stdin=PIPE, stdout=PIPE, env={"PYTHONPATH": str(PROJECT)}
    )
    try:
        async with asyncio.timeout(LONGEST):
            told, _ = await process.communicate(wire.QUESTION.dump_json(asked))
    except TimeoutError:
        raise TooLong from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return wire.ANSWER.validate_json(told)
