"""What a member of a care team sees of a person: who they are, and the parts that the role needs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

# part → the fields of a fragment that it holds, each with what stands there for who does not need it
PARTS: Mapping[str, Mapping[str, Any]] = {
    "contact": {"address": "", "phone": None, "email": None, "reach": None, "voicemail": None},
    "need": {"need": "", "due_date": None},
    "worries": {"worries": None},
}


def blanks(sees: Collection[str]) -> dict[str, Any]:
    """The fields that stay blank for who sees these parts only."""
    return {field: blank for part, fields in PARTS.items() if part not in sees for field, blank in fields.items()}
