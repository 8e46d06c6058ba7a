from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from deploy.embedded.processes import free_port
from tests.databases import Databases
from tests.journeys.sink import Sink
from tests.servers import Servers
from tests.stack import Stack, a_stack


@pytest.fixture
def stack(infrastructure: Servers, databases: Databases, tmp_path: Path) -> Iterator[Stack]:
    """Three services as processes of their own, not started yet."""
    with a_stack(infrastructure, databases, tmp_path) as made:
        yield made


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real SMTP server that keeps what it gets, and is never away."""
    kept = Sink(free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port)
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def mailing(infrastructure: Servers, databases: Databases, sink: Sink, tmp_path: Path) -> Iterator[Stack]:
    """The same with mails going out, and three seconds in which an answer can be undone."""
    with a_stack(infrastructure, databases, tmp_path, deliver="true", smtp_port=str(sink.port), undo_minutes="0.05") as made:
        yield made
