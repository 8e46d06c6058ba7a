"""A decision card in words: true for whoever was chosen and convincing for whoever was not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from services.coordination.cards import in_words


def candidate(
    name: str, after: float, recent: int, *, chosen: bool = False, rank: int | None = 1, failing: str | None = None
) -> dict[str, Any]:
    return {
        "coordinator_id": uuid4(),
        "name": name,
        "rank": rank,
        "used": 5000,
        "capacity": 10000,
        "after": after,
        "recent": recent,
        "chosen": chosen,
        "first_year": False,
        "failing": failing,
    }


def a_card(*candidates: dict[str, Any], familiar: bool = False, reason: str | None = None) -> dict[str, Any]:
    return {
        "candidates": list(candidates),
        "question": {"points": 300},
        "familiar": familiar,
        "reason": reason,
        "decided_at": datetime(2026, 11, 24, 9, tzinfo=UTC),
        "rule_version": "2026-11",
        "repeatable": True,
    }


@pytest.mark.parametrize(
    ("card", "line"),
    [
        (a_card(candidate("An", 0.5, 3, chosen=True), candidate("Bo", 0.9, 0)), "An komt na dit dossier het laagst uit: 0,50."),
        (
            a_card(candidate("Bo", 0.50, 4), candidate("An", 0.51, 1, chosen=True)),
            "An kreeg van hen de minste dossiers in de laatste 30 dagen: 1.",
        ),
        (a_card(candidate("Bo", 0.50, 1), candidate("An", 0.50, 1, chosen=True)), "het lot wees An aan."),
        (a_card(candidate("An", 0.93, 1, chosen=True), candidate("Bo", 0.13, 1), familiar=True), "ook al hebben anderen meer ruimte."),
        (
            a_card(candidate("An", 0.5, 1, rank=None, failing="capacity"), reason="capacity"),
            "De enige kandidaat past niet: geen vrije capaciteit.",
        ),
        (a_card(reason="nobody"), "In deze zone is er nog geen coördinator."),
    ],
)
def test_the_card_says_what_decided(card: dict[str, Any], line: str) -> None:
    assert in_words(card, uuid4())["line"].endswith(line)
