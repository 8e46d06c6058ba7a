"""What the forms offer to choose from, as value and text. Pure."""

from __future__ import annotations

from typing import Any

from shared.web.languages import lazy

UNKNOWN_PROGRAMME = {"value": "unknown", "text": lazy("Ik weet het niet"), "hint": lazy("Iemand van de zone kijkt met u mee")}
LANGUAGES = [
    {"value": code, "text": text}
    for code, text in (
        ("nl", lazy("Nederlands")),
        ("fr", lazy("Frans")),
        ("de", lazy("Duits")),
        ("en", lazy("Engels")),
        ("ar", lazy("Arabisch")),
        ("tr", lazy("Turks")),
        ("pl", lazy("Pools")),
        ("ro", lazy("Roemeens")),
        ("bg", lazy("Bulgaars")),
        ("es", lazy("Spaans")),
        ("pt", lazy("Portugees")),
        ("it", lazy("Italiaans")),
        ("ru", lazy("Russisch")),
        ("uk", lazy("Oekraïens")),
        ("so", lazy("Somali")),
        ("ti", lazy("Tigrinya")),
        ("ps", lazy("Pasjtoe")),
        ("fa", lazy("Perzisch")),
        ("sq", lazy("Albanees")),
        ("ku", lazy("Koerdisch")),
        ("vgt", lazy("Vlaamse Gebarentaal")),
        ("sfb", lazy("Gebarentaal van Franstalig België (LSFB)")),
        ("und", lazy("Een andere taal")),
    )
]
SPOKEN = {language["value"]: language["text"] for language in LANGUAGES}
YES_NO = [{"value": "ja", "text": lazy("Ja")}, {"value": "nee", "text": lazy("Nee")}]
REFERRED_AS = [
    {"value": "pregnant", "text": lazy("Een zwangere")},
    {"value": "parent", "text": lazy("De moeder of vader van een kind dat al geboren is")},
    {"value": "child", "text": lazy("Het kind zelf")},
]
CONSENT_BY = [
    {"value": "person", "text": lazy("De persoon zelf")},
    {"value": "parent", "text": lazy("Een ouder")},
    {"value": "representative", "text": lazy("Een wettelijk vertegenwoordiger of bewindvoerder")},
]
NOTHING = {"value": "nothing", "text": lazy("Niets hiervan")}
COORDINATION = [
    {"value": "none", "text": lazy("Nee, niemand")},
    {"value": "stuck", "text": lazy("Ja, maar het plan loopt vast")},
    {"value": "well", "text": lazy("Ja, en dat loopt goed")},
    {"value": "unknown", "text": lazy("Ik weet het niet"), "hint": lazy("Iemand van de zone zoekt het uit")},
]
PROVIDERS = [{"value": "several", "text": lazy("Verschillende, uit meer dan één domein")}, {"value": "few", "text": lazy("Een of enkele")}]
ALIGNMENT = [{"value": "much", "text": lazy("Veel")}, {"value": "slight", "text": lazy("Weinig")}]
SEXES = [{"value": "female", "text": lazy("Vrouw")}, {"value": "male", "text": lazy("Man")}]  # as the rules know them
STAGES = [{"value": str(stage), "text": str(stage)} for stage in range(4)]
QUESTIONS: dict[str, Any] = {
    "yes_no": YES_NO,
    "referred_as": REFERRED_AS,
    "coordination": COORDINATION,
    "providers": PROVIDERS,
    "alignment": ALIGNMENT,
    "stages": STAGES,
}
