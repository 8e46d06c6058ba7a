"""Cutting a batch into calls of one handler each: nothing is lost, and nobody's events change order."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.waves import waves


class Item(NamedTuple):
    type: str
    key: int
    place: int


BATCHES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=40)


@given(BATCHES)
def test_the_events_of_one_person_keep_their_order_and_a_wave_is_of_one_type(batch: list[tuple[str, int]]) -> None:
    items = [Item(type_, key, place) for place, (type_, key) in enumerate(batch)]
    cut = list(waves(items))
    handled = [item for wave in cut for item in wave]
    assert sorted(handled, key=lambda item: item.place) == items
    assert all(len({item.type for item in wave}) == 1 for wave in cut)
    for key in range(4):
        places = [item.place for item in handled if item.key == key]
        assert places == sorted(places)


def test_many_persons_with_the_same_two_events_take_two_waves() -> None:
    items = [Item(type_, key, 2 * key + place) for key in range(100) for place, type_ in enumerate("ab")]
    assert [len(wave) for wave in waves(items)] == [100, 100]
