"""How a list is asked for in its address: in which order, filtered by what, which part of it. By codes only, so that no name comes into an address.
Pure.

What is not known is as if it was not asked: an old bookmark opens the list as it is without.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

ROWS = 50
FEW = 10  # are seen at a glance
MOST_LEAVES = 100_000
WHOLE = "alles"  # instead of a leaf: everything on one, to print
ORDER, LEAF = "volgorde", "pagina"


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be asked of a list. The first of the `orders` holds unless another is asked; `-x` is the order x, turned. `filters`: by name, the
    codes that there are. `name` keeps lists on the same page apart."""

    orders: Collection[str] = ("",)
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    rows: int = ROWS
    name: str = ""
    whole: bool = False  # whether everything can be asked on one leaf
    place: str = ""  # the id of the element on the page where it begins, if that is far down


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a list that holds `total` rows: its number from 1, and the rows on it, also from 1; 0–0 of an empty list."""

    number: int
    leaves: int
    first: int
    last: int
    total: int

    @property
    def offset(self) -> int:
        """How many rows come before it."""
        return max(self.first - 1, 0)

    @property
    def near(self) -> list[int | None]:
        """The numbers worth a link: the ends, this one and its neighbours; None where some are left out."""
        shown = sorted({1, *range(max(self.number - 1, 1), min(self.number + 1, self.leaves) + 1), self.leaves})
        found: list[int | None] = []
        for number in shown:
            if found and number - (found[-1] or 0) == 2:
                found.append(number - 1)
            elif found and number - (found[-1] or 0) > 2:
                found.append(None)
            found.append(number)
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A list as an address asks for it. `kept`: what else stands in the address and stays there."""

    shape: Shape
    path: str
    order: str
    chosen: Mapping[str, str]
    number: int
    whole: bool = False
    kept: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str | None:
        """The code that a filter is set to."""
        return self.chosen.get(name)

    def leaf(self, total: int) -> Leaf:
        """The leaf that was asked for; the last one where there are not so many."""
        rows = max(total, 1) if self.whole else self.shape.rows
        leaves = max(-(-total // rows), 1)
        number = min(self.number, leaves)
        first = (number - 1) * rows + 1
        return Leaf(number, leaves, min(first, total), min(first + rows - 1, total), total)

    def is_worth_asking(self, total: int) -> bool:
        """Whether a list of so many rows is long enough to filter, or is asked for already."""
        return total > FEW or bool(self.chosen) or self.order != next(iter(self.shape.orders))

    @property
    def limit(self) -> int | None:
        """How many rows a leaf holds; None: all."""
        return None if self.whole else self.shape.rows

    @property
    def query(self) -> dict[str, str]:
        """What of the address is the list's own; what holds anyway is left out."""
        return self._query(self.order, self.chosen, self.number)

    def _query(self, order: str, chosen: Mapping[str, str], number: int) -> dict[str, str]:
        told = {self.named(name): chosen[name] for name in self.shape.filters if name in chosen}
        if order != next(iter(self.shape.orders)):
            told[self.named(ORDER)] = order
        if self.whole:
            told[self.named(LEAF)] = WHOLE
        elif number > 1:
            told[self.named(LEAF)] = str(number)
        return told

    def named(self, name: str) -> str:
        """What a part of this list is called in the address."""
        return f"{self.shape.name}-{name}" if self.shape.name else name

    def at(self, number: int) -> str:
        """The address of another leaf."""
        return self._address(self._query(self.order, self.chosen, number))

    def ordered(self, order: str) -> str:
        """The address of the same list in another order, from its beginning."""
        return self._address(self._query(order, self.chosen, 1))

    def turned(self, order: str) -> str:
        """The order that pressing the head of a column asks for: its own, and turned where it has that already."""
        back = order.removeprefix("-") if order.startswith("-") else f"-{order}"
        return back if self.order == order and back in self.shape.orders else order

    def direction(self, order: str) -> str | None:
        """As `aria-sort` says it, of the column whose order this or its reverse is."""
        if self.order.removeprefix("-") != order.removeprefix("-"):
            return None
        return "descending" if self.order.startswith("-") else "ascending"

    @property
    def unfiltered(self) -> str:
        """The address of all of it, in the same order."""
        return self._address(self._query(self.order, {}, 1))

    @property
    def on_one_leaf(self) -> str:
        """The address of everything on one leaf."""
        return self._address(self._query(self.order, self.chosen, 1) | {self.named(LEAF): WHOLE})

    def _address(self, own: Mapping[str, str]) -> str:
        query = urlencode({**self.kept, **own})
        return (f"{self.path}?{query}" if query else self.path) + self.place

    @property
    def place(self) -> str:
        """What brings the reader to the list itself, at the end of an address."""
        return f"#{self.shape.place}" if self.shape.place else ""


def read(shape: Shape, path: str, query: Mapping[str, str], kept: Mapping[str, str] | None = None) -> Asked:
    """What a query asks of a list at a path."""
    asked = Asked(shape, path, next(iter(shape.orders)), {}, 1, kept=kept or {})
    order, leaf = query.get(asked.named(ORDER), ""), query.get(asked.named(LEAF), "")
    told = {name: query.get(asked.named(name), "") for name in shape.filters}
    return Asked(
        shape,
        path,
        order if order in shape.orders else asked.order,
        {name: code for name, code in told.items() if code in shape.filters[name]},
        int(leaf) if leaf.isascii() and leaf.isdecimal() and 0 < len(leaf) < 7 and 0 < int(leaf) <= MOST_LEAVES else 1,
        shape.whole and leaf == WHOLE,
        asked.kept,
    )


def together(path: str, query: Mapping[str, str], *shapes: Shape) -> list[Asked]:
    """Several lists on one page; each keeps in the address what is asked of the others."""
    alone = [read(shape, path, query) for shape in shapes]
    return [replace(one, kept=merged(other.query for other in alone if other is not one)) for one in alone]


def elsewhere(*parts: tuple[Asked, Leaf]) -> str | None:
    """The address of the leaves that are shown, where more was asked of some list than there is; None where it is as asked."""
    if all(asked.number == leaf.number for asked, leaf in parts):
        return None
    shown = [replace(asked, number=leaf.number) for asked, leaf in parts]
    others = {asked.named(LEAF) for asked in shown}
    kept = {name: value for name, value in shown[0].kept.items() if name not in others}
    return replace(shown[0], kept=merged([kept, *(asked.query for asked in shown[1:])])).at(shown[0].number)


def merged(queries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Parts of an address as one."""
    return {name: value for query in queries for name, value in query.items()}
