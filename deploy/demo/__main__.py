"""Load the demonstration set into the services that the settings name: `python -m deploy.demo`."""

from __future__ import annotations

import asyncio

from deploy.demo.load import load
from shared.settings import settings

if __name__ == "__main__":
    asyncio.run(load(settings()))
