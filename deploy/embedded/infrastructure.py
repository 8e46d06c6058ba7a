"""PostgreSQL and Kafka together, started side by side."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded import processes
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres


class Infrastructure:
    """Both servers on one directory. `say` hears what is being done; `durable` as in Postgres."""

    def __init__(self, directory: Path, *, durable: bool = True, say: processes.Say = processes.silent) -> None:
        self.directory = directory
        self.postgres = Postgres(directory / "postgres", durable=durable)
        self.kafka = Kafka(directory / "kafka", say=say)
        self._say = say

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start both and wait until both answer. Raises NotStarted or WrongJar; what did start by then is stopped again."""
        self.kafka.fetch()
        began = time.monotonic()
        try:
            self.postgres.launch()
            self.kafka.launch()
            self.postgres.wait()
            self._say(f"PostgreSQL answers on port {self.postgres.port} ({time.monotonic() - began:.1f} s)")
            self.kafka.wait()
            self._say(f"Kafka answers on port {self.kafka.port} ({time.monotonic() - began:.1f} s)")
        except BaseException:
            self.stop()
            raise

    def stop(self, seconds: float = 10) -> None:
        """Stop both in order, Kafka first, each within half of so many seconds, then by force. No error when they do not run."""
        self.kafka.stop(seconds / 2)
        self.postgres.stop(seconds=seconds / 2)

    def remove(self) -> None:
        """Stop both at once and delete all they kept, wherever it lies."""
        self.kafka.remove()
        self.postgres.remove()
        shutil.rmtree(self.directory, ignore_errors=True)
