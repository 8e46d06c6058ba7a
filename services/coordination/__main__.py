"""This service alone: `python -m services.coordination`."""

from __future__ import annotations

from services.coordination import app
from services.serving import command

if __name__ == "__main__":
    command(app)()
