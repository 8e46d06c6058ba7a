"""The three services in one process: `python -m services`."""

from __future__ import annotations

from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from services.serving import command

if __name__ == "__main__":
    command(intake, coordination, notifications)()
