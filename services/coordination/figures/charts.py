"""The figures of a zone as small charts, a table behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from services.coordination.figures.domain import Week
from shared.web import formats
from shared.web.languages import gettext

GAP = 0.25  # of a column's width
SCALES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def of(weeks: Sequence[Week], limit_days: float) -> dict[str, Any]:
    """The charts and the rows of the table, as the page shows them."""
    return {
        "charts": [
            _chart("komen", gettext("Nieuwe dossiers"), gettext("Per week van opening."), weeks, lambda week: week.opened),
            _chart("zonder", gettext("Zonder coördinator"), gettext("Op het einde van de week."), weeks, lambda week: week.without),
            _chart(
                "toewijzing",
                gettext("Werkdagen tot toewijzing"),
                gettext("Waarbinnen 8 op 10 van de week een coördinator kregen."),
                weeks,
                lambda week: week.days_most,
                limit_days,
            ),
        ],
        "rows": [
            {
                "from": week.monday,
                "to": week.monday + timedelta(days=6),
                "opened": week.opened,
                "assigned": week.assigned,
                "closed": week.closed,
                "without": week.without,
                "days_half": _days(week.days_half),
                "days_most": _days(week.days_most),
            }
            for week in reversed(weeks)
        ],
    }


def _chart(
    id: str, title: str, text: str, weeks: Sequence[Week], value_of: Callable[[Week], float | None], limit: float | None = None
) -> dict[str, Any]:
    values = [value_of(week) for week in weeks]
    scale = scale_of(max([value for value in values if value is not None] + ([limit] if limit else []), default=0))
    width = 100 / len(values)
    last = values[-1]
    return {
        "id": id,
        "title": title,
        "text": text,
        "scale": scale,
        "now": "–" if last is None else formats.number(last, None if isinstance(last, int) else 1),
        "limit": round(100 - limit / scale * 100, 1) if limit else None,
        "first": weeks[0].monday,
        "last": weeks[-1].monday,
        "columns": [
            {
                "x": round(number * width + width * GAP / 2, 2),
                "width": round(width * (1 - GAP), 2),
                "y": round(100 - value / scale * 100, 1),
                "height": round(value / scale * 100, 1),
                "fill": "fill-late" if limit and value > limit else "fill-mid" if number == len(values) - 1 else "fill",
            }
            for number, value in enumerate(values)
            if value
        ],
    }


def scale_of(highest: float) -> int:
    """The round number at the top of a chart."""
    return next((scale for scale in SCALES if scale >= highest), round(highest))


def _days(value: float | None) -> str:
    return "–" if value is None else formats.number(value, 1)
