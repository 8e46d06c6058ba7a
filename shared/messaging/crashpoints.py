"""Named places where a process can be made to die as by kill -9, so that tests can prove what survives it.

`ZORGSPOOR_CRASHPOINT=name:n` ends the process at the n-th pass of that place; `ZORGSPOOR_CRASHPOINT_LOG` names a file that gets one line per hit.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAME, _, _NTH = os.environ.get("ZORGSPOOR_CRASHPOINT", "").partition(":")
_passes = 0


def crashpoint(name: str) -> None:
    """Die here if this place and this pass were asked for."""
    if name == _NAME:
        _pass(name)


def _pass(name: str) -> None:
    global _passes  # noqa: PLW0603
    _passes += 1
    if _passes == int(_NTH or 1):
        if log := os.environ.get("ZORGSPOOR_CRASHPOINT_LOG"):
            with Path(log).open("a") as file:
                file.write(f"{name}\n")
        os._exit(137)
