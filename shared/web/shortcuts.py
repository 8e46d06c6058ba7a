"""The shortcuts of pages that have some: each page shows its own, the help page all. What they do stands in `zorgspoor.js` and in `data-key`."""

from __future__ import annotations

from shared.web.languages import lazy

Keys = tuple[tuple[str, str], ...]

DAY: Keys = (
    ("J", lazy("Volgende rij")),
    ("K", lazy("Vorige rij")),
    ("A", lazy("Aanbod aanvaarden")),
    ("W", lazy("Aanbod weigeren: reden kiezen")),
    ("D", lazy("Dossier openen")),
    ("Z", lazy("Laatste antwoord ongedaan maken")),
)
CASE: Keys = (
    ("C", lazy("Eerste contact noteren")),
    ("X", lazy("Dossier afsluiten: reden kiezen")),
    ("L", lazy("Naar de lijst van dossiers")),
)
OF_PAGES: dict[str, Keys] = {"day": DAY, "case": CASE}
