"""The reference that people read, write down and say on the phone, such as `OM-26-1947-K`. Pure."""

from __future__ import annotations

import re
from functools import cache

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"             # no I, O, Q: they are read as digits. 23 is prime, so a wrong or swapped digit is noticed


def reference(prefix: str, year: int, number: int) -> str:
    """Zone, year, number and a check letter over all three."""
    counted = f"{number:04}"
    return f"{prefix}-{year % 100:02}-{counted}-{LETTERS[int(f'{prefix}{year % 100:02}{counted}', 36) % len(LETTERS)]}"


@cache
def prefix(zone_name: str) -> str:
    """The initials of a zone: Oost-Meetjesland is OM."""
    return "".join(word[0].upper() for word in re.findall(r"[A-Za-z]+", zone_name))[:4] or "Z"
