"""What coordinators carry: the orders that can be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.coordination.workforce import carried
from tests.unit.coordination.builders import a_worker

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BARS = [
    carried.bar(a_worker(name="Zoë"), 5000, 1, NOW),
    carried.bar(a_worker(name="Élise", fte=50), 3000, 4, NOW),
    carried.bar(a_worker(name="Eva"), 1000, 2, NOW),
    carried.bar(a_worker(name="anke", fte=50), 3000, 0, NOW),
]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("-load", ["anke", "Élise", "Zoë", "Eva"]),
        ("load", ["Eva", "Zoë", "anke", "Élise"]),
        ("-free", ["Eva", "Zoë", "anke", "Élise"]),
        ("free", ["anke", "Élise", "Zoë", "Eva"]),
        ("-recent", ["Élise", "Eva", "Zoë", "anke"]),
        ("recent", ["anke", "Zoë", "Eva", "Élise"]),
        ("name", ["anke", "Élise", "Eva", "Zoë"]),
        ("-name", ["Zoë", "Eva", "Élise", "anke"]),
    ],
)
def test_the_orders_of_the_load_and_by_name_where_they_do_not_differ(order: str, names: list[str]) -> None:
    assert [bar["name"] for bar in carried.ordered(BARS, order)] == names


def test_every_order_that_is_offered_is_one() -> None:
    assert [order["value"] for order in carried.ORDERS] == list(carried.SHAPE.orders)
    assert {order.removeprefix("-") for order in carried.SHAPE.orders} == set(carried.KEYS)
    assert {head["order"] for head in carried.heads() if "order" in head} <= set(carried.SHAPE.orders)


def test_who_carries_too_much_has_no_room_rather_than_less_than_none() -> None:
    full = carried.bar(a_worker(fte=50), 6000, 0, NOW)
    assert full["free"] == 0
    assert carried.total([full, *BARS])["free"] == sum(bar["free"] for bar in BARS)
