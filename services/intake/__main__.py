"""This service alone: `python -m services.intake`."""

from __future__ import annotations

from services.intake import app
from services.serving import command

if __name__ == "__main__":
    command(app)()
