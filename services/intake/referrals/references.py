"""The reference that people read, write down and say on the phone, such as `OM-26-1947-K`. Pure."""

from __future__ import annotations

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # no I, O, Q: they are read as digits. 23 is prime, so a wrong or swapped digit is noticed


def reference(prefix: str, year: int, number: int) -> str:
    """Zone, year, number and a check letter over all three."""
    counted = f"{number:04}"
    return f"{prefix}-{year % 100:02}-{counted}-{LETTERS[int(f'{prefix}{year % 100:02}{counted}', 36) % len(LETTERS)]}"
