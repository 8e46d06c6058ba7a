"""What the forms offer to choose from, as value and text in Dutch. Pure."""

from __future__ import annotations

from typing import Any

UNKNOWN_PROGRAMME = {"value": "unknown", "text": "Ik weet het niet", "hint": "Iemand van de zone kijkt met u mee"}
LANGUAGES = [
    {"value": code, "text": text}
    for code, text in (
        ("nl", "Nederlands"),
        ("fr", "Frans"),
        ("de", "Duits"),
        ("en", "Engels"),
        ("ar", "Arabisch"),
        ("tr", "Turks"),
        ("pl", "Pools"),
        ("ro", "Roemeens"),
        ("bg", "Bulgaars"),
        ("es", "Spaans"),
        ("pt", "Portugees"),
        ("it", "Italiaans"),
        ("ru", "Russisch"),
        ("uk", "Oekraïens"),
        ("so", "Somali"),
        ("ti", "Tigrinya"),
        ("ps", "Pasjtoe"),
        ("fa", "Perzisch"),
        ("sq", "Albanees"),
        ("ku", "Koerdisch"),
        ("vgt", "Vlaamse Gebarentaal"),
        ("sfb", "Gebarentaal van Franstalig België (LSFB)"),
        ("und", "Een andere taal"),
    )
]
SPOKEN = {language["value"]: language["text"] for language in LANGUAGES}
YES_NO = [{"value": "ja", "text": "Ja"}, {"value": "nee", "text": "Nee"}]
REFERRED_AS = [
    {"value": "pregnant", "text": "Een zwangere"},
    {"value": "parent", "text": "De moeder of vader van een kind dat al geboren is"},
    {"value": "child", "text": "Het kind zelf"},
]
CONSENT_BY = [
    {"value": "person", "text": "De persoon zelf"},
    {"value": "parent", "text": "Een ouder"},
    {"value": "representative", "text": "Een wettelijk vertegenwoordiger of bewindvoerder"},
]
NOTHING = {"value": "nothing", "text": "Niets hiervan"}
COORDINATION = [
    {"value": "none", "text": "Nee, niemand"},
    {"value": "stuck", "text": "Ja, maar het plan loopt vast"},
    {"value": "well", "text": "Ja, en dat loopt goed"},
    {"value": "unknown", "text": "Ik weet het niet", "hint": "Iemand van de zone zoekt het uit"},
]
PROVIDERS = [{"value": "several", "text": "Verschillende, uit meer dan één domein"}, {"value": "few", "text": "Een of enkele"}]
ALIGNMENT = [{"value": "much", "text": "Veel"}, {"value": "slight", "text": "Weinig"}]
SEXES = [{"value": "female", "text": "Vrouw"}, {"value": "male", "text": "Man"}]  # as the rules know them
STAGES = [{"value": str(stage), "text": str(stage)} for stage in range(4)]
QUESTIONS: dict[str, Any] = {
    "yes_no": YES_NO,
    "referred_as": REFERRED_AS,
    "coordination": COORDINATION,
    "providers": PROVIDERS,
    "alignment": ALIGNMENT,
    "stages": STAGES,
}
