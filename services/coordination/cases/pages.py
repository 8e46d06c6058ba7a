"""Pages."""

from __future__ import annotations

from shared.web.routing import Page

PAGES: list[Page] = []
