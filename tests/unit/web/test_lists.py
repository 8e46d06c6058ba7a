"""What an address asks of a list; what is unknown asks for nothing."""

from __future__ import annotations

import pytest

from shared.web import lists
from shared.web.lists import Shape

SHAPE = Shape(("urgent", "received", "-received"), {"stand": ("waiting", "closed"), "programma": ("frail",)}, rows=10)


def asked(shape: Shape = SHAPE, kept: dict[str, str] | None = None, **query: str) -> lists.Asked:
    return lists.read(shape, "/list", query, kept)


def test_nothing_asked_is_the_list_as_it_is() -> None:
    plain = asked()
    assert (plain.order, plain.chosen, plain.number, plain.query) == ("urgent", {}, 1, {})
    assert plain.at(1) == "/list"


@pytest.mark.parametrize(
    "query",
    [
        {"stand": "x", "programma": "", "volgorde": "name", "pagina": "-1"},
        {"stand": "<script>", "pagina": "0"},
        {"pagina": "²"},
        {"pagina": "9" * 30},
        {"pagina": "1e3", "person": "Amina Lahsaini"},
        {"pagina": "alles"},
    ],
)
def test_what_is_unknown_is_no_error_and_never_comes_back(query: dict[str, str]) -> None:
    odd = asked(**query)
    assert (odd.order, odd.chosen, odd.number, odd.whole) == ("urgent", {}, 1, False)
    assert odd.at(2) == "/list?pagina=2"


def test_filter_order_and_leaf_stay_together() -> None:
    some = asked(stand="waiting", volgorde="-received", pagina="3")
    assert (some.of("stand"), some.of("programma"), some.order, some.number) == ("waiting", None, "-received", 3)
    assert some.at(4) == "/list?stand=waiting&volgorde=-received&pagina=4"
    assert some.at(1) == "/list?stand=waiting&volgorde=-received"
    assert some.ordered("urgent") == "/list?stand=waiting", "another order begins at the first leaf"
    assert some.unfiltered == "/list?volgorde=-received"


def test_two_lists_on_one_page_keep_what_the_other_asks() -> None:
    query = {"stand": "closed", "pagina": "2", "taak-pagina": "3", "naam": "Amina"}
    first, second = lists.together("/list", query, SHAPE, Shape(rows=5, name="taak"))
    assert (first.number, second.number) == (2, 3)
    assert first.at(1) == "/list?taak-pagina=3&stand=closed"
    assert second.at(4) == "/list?stand=closed&pagina=2&taak-pagina=4"
    assert lists.elsewhere((first, first.leaf(20)), (second, second.leaf(15))) is None
    assert lists.elsewhere((first, first.leaf(20)), (second, second.leaf(9))) == "/list?taak-pagina=2&stand=closed&pagina=2"
    assert lists.elsewhere((first, first.leaf(3)), (second, second.leaf(0))) == "/list?stand=closed"


def test_a_head_turns_its_own_order_only() -> None:
    assert asked().turned("received") == "received"
    assert asked(volgorde="received").turned("received") == "-received"
    assert asked(volgorde="-received").turned("-received") == "received"
    assert asked().turned("urgent") == "urgent", "what cannot be turned stays"
    assert asked(volgorde="-received").direction("received") == "descending"
    assert asked(volgorde="received").direction("received") == "ascending"
    assert asked().direction("received") is None


@pytest.mark.parametrize(
    ("number", "total", "seen"),
    [
        ("1", 0, (1, 1, 0, 0, 0)),
        ("1", 1, (1, 1, 1, 1, 0)),
        ("1", 10, (1, 1, 1, 10, 0)),
        ("2", 11, (2, 2, 11, 11, 10)),
        ("2", 243, (2, 25, 11, 20, 10)),
        ("25", 243, (25, 25, 241, 243, 240)),
        ("26", 243, (25, 25, 241, 243, 240)),
        ("900", 243, (25, 25, 241, 243, 240)),
        ("7", 0, (1, 1, 0, 0, 0)),
    ],
)
def test_a_leaf_that_is_not_there_is_the_last_one(number: str, total: int, seen: tuple[int, ...]) -> None:
    leaf = asked(pagina=number).leaf(total)
    assert (leaf.number, leaf.leaves, leaf.first, leaf.last, leaf.offset) == seen


def test_every_row_is_on_exactly_one_leaf() -> None:
    for total in range(35):
        leaves = [asked(pagina=str(number)).leaf(total) for number in range(1, asked().leaf(total).leaves + 1)]
        shown = [row for leaf in leaves for row in range(leaf.first, leaf.last + 1) if row]
        assert shown == list(range(1, total + 1))


def test_everything_on_one_leaf_only_where_that_is_meant() -> None:
    printable = asked(Shape(rows=10, whole=True), pagina="alles")
    leaf = printable.leaf(243)
    assert (leaf.leaves, leaf.first, leaf.last, printable.limit) == (1, 1, 243, None)
    assert printable.query == {"pagina": "alles"}
    assert asked(Shape(rows=10, whole=True)).on_one_leaf == "/list?pagina=alles"


@pytest.mark.parametrize(
    ("number", "total", "near"),
    [
        ("1", 5, [1]),
        ("1", 30, [1, 2, 3]),
        ("1", 90, [1, 2, None, 9]),
        ("3", 90, [1, 2, 3, 4, None, 9]),
        ("4", 90, [1, 2, 3, 4, 5, None, 9]),
        ("5", 90, [1, None, 4, 5, 6, None, 9]),
        ("9", 90, [1, None, 8, 9]),
    ],
)
def test_the_numbers_worth_a_link(number: str, total: int, near: list[int | None]) -> None:
    assert asked(pagina=number).leaf(total).near == near


def test_a_short_list_is_not_filtered_unless_it_is_already() -> None:
    assert not asked().is_worth_asking(10)
    assert not asked(pagina="2").is_worth_asking(3)
    assert asked().is_worth_asking(11)
    assert asked(stand="closed").is_worth_asking(0)
    assert asked(volgorde="received").is_worth_asking(1)
