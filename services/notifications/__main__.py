"""This service alone: `python -m services.notifications`."""

from __future__ import annotations

from services.notifications import app
from services.serving import command

if __name__ == "__main__":
    command(app)()
