"""Draws that follow from the item that caused them, so that a second delivery makes the same ones."""

from __future__ import annotations

from uuid import UUID

from shared.ids import mixed


def draw(cause: UUID, subject: UUID) -> float:
    """A number from 0 up to but not including 1 that breaks ties; equal causes give equal numbers."""
    return (mixed(cause, subject, "draw") >> 11) / (1 << 53)
