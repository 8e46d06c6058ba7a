from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.servers import Servers
from tests.stack import Stack, a_stack


@pytest.fixture
def stack(infrastructure: Servers, databases: Databases, tmp_path: Path) -> Iterator[Stack]:
    """Three services as processes of their own, not started yet."""
    with a_stack(infrastructure, databases, tmp_path) as made:
        yield made
