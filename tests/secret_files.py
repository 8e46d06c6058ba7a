"""What intake seals personal data with, made for one run of tests."""

from __future__ import annotations

import os
from pathlib import Path


def of_intake(directory: Path) -> dict[str, str]:
    """The settings of intake's secrets, with the file of its master key in this directory."""
    file = directory / "master-key"
    file.write_text(os.urandom(32).hex() + "\n")
    return {"master_key_file": str(file), "index_key": os.urandom(32).hex()}
