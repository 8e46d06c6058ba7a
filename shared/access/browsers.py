"""Which family a browser is of, as it says itself: enough for a person to know their own again. Pure."""

from __future__ import annotations

# what a browser says of itself names those it descends from as well: the first that is found is the one
FAMILIES = (
    ("Edge", ("Edg/", "EdgA/", "EdgiOS/")),
    ("Opera", ("OPR/", "OPT/")),
    ("Samsung Internet", ("SamsungBrowser/",)),
    ("Firefox", ("Firefox/", "FxiOS/")),
    ("Chrome", ("Chrome/", "CriOS/")),
    ("Safari", ("Safari/",)),
)


def family(user_agent: str) -> str:
    """The name of the family, without version or machine; empty for one that is not known."""
    return next((name for name, marks in FAMILIES if any(mark in user_agent for mark in marks)), "")
