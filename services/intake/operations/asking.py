"""Asking another service where without an answer there is no verdict."""

from __future__ import annotations

from typing import Any

from shared.web.ask import ask
from shared.web.call import Call

SECONDS = 5.0


class Away(Exception):
    """A service did not answer."""

    def __init__(self, service: str) -> None:
        super().__init__(service)
        self.service = service


async def asked(call: Call, service: str, method: str, path: str, json: Any = None) -> Any:
    """What a service answers. Raises Away when it does not."""
    answer = await ask(call, service, method, path, json, timeout=SECONDS)
    if answer is None:
        raise Away(service)
    return answer
