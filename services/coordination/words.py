"""What coordination's pages call things, in Dutch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PROGRAMMES = {"perinatal": "Zwanger of jong gezin", "frail": "Kwetsbare oudere", "obesity": "Kind of jongere met obesitas"}
ROLES = {
    "care_coordinator": "Zorgcoördinator",
    "case_manager": "Casemanager",
    "zone_lead": "Zoneverantwoordelijke",
    "zone_intake": "Intake van de zone",
}
LEVELS = {"limited": "Beperkt", "complex": "Complex"}
INTENSITIES = {"light": "licht", "normal": "gewoon", "intense": "intens"}
URGENCIES = {"normal": "Gewoon", "high": "Hoog"}
LANGUAGES = {
    "nl": "Nederlands",
    "fr": "Frans",
    "de": "Duits",
    "en": "Engels",
    "ar": "Arabisch",
    "tr": "Turks",
    "es": "Spaans",
    "it": "Italiaans",
    "pt": "Portugees",
    "pl": "Pools",
    "ro": "Roemeens",
    "bg": "Bulgaars",
    "ru": "Russisch",
    "uk": "Oekraïens",
    "ps": "Pasjtoe",
    "fa": "Farsi",
    "ti": "Tigrinya",
    "so": "Somali",
    "rw": "Kinyarwanda",
    "sq": "Albanees",
    "ber": "Berbers",
    "zh": "Chinees",
    "vgt": "Vlaamse Gebarentaal",
    "sfb": "Gebarentaal van Franstalig België (LSFB)",
    "und": "Een andere taal",
}

STATUSES = {
    "waiting": ("", "Wacht op een coördinator"),
    "offered": ("busy", "Aangeboden"),
    "assigned": ("busy", "Toegewezen"),
    "first_contact": ("done", "Eerste contact gemaakt"),
    "paused": ("", "Gepauzeerd"),
    "returned": ("soon", "Terug bij de intake van de zone"),
    "closed": ("ended", "Afgesloten"),
}

WAITING = {
    "nobody": "Geen coördinatoren in de zone",
    "not_active": "Niemand in dienst",
    "role": "Niemand met deze rol",
    "programme": "Niemand opgeleid voor dit programma",
    "area": "Niemand die in deze gemeente werkt",
    "on_leave": "Iedereen die past is afwezig",
    "language": "Niemand die de taal spreekt",
    "neutrality": "Niemand onafhankelijk",
    "declined": "Wie past, kon dit niet opnemen",
    "capacity": "Geen vrije capaciteit",
    "wrong_programme": "Verkeerd programma",
}

FAILED = {
    "not_active": "Niet meer in dienst",
    "role": "Rol: doet deze rol niet",
    "programme": "Opleiding: het programma ontbreekt",
    "area": "Werkt niet in deze gemeente",
    "on_leave": "Afwezig",
    "language": "Taal: spreekt geen taal van de persoon",
    "neutrality": "Niet onafhankelijk voor dit dossier",
    "declined": "Kon dit dossier niet opnemen",
    "capacity": "Geen ruimte",
}

DECLINES = {
    "no_room": ("Ik heb geen ruimte", "Gaat naar de volgende"),
    "not_independent": ("Ik ben niet onafhankelijk", "U krijgt dit dossier nooit meer aangeboden"),
    "language": ("Ik spreek de taal niet", "Gaat naar de volgende die de taal spreekt"),
    "cannot_get_there": ("Ik raak er niet", "Gaat naar de volgende die in die gemeente werkt"),
    "away_soon": ("Ik ben binnenkort afwezig", "Gaat naar de volgende; vul uw dagen in"),
    "wrong_programme": ("Dit is het verkeerde programma", "Gaat terug naar de intake van de zone"),
}

OUTCOMES = {
    "goals_reached": "Doelen bereikt",
    "handed_over": "Overgedragen aan het zorgteam of een andere dienst",
    "no_longer_wanted": "De persoon wil het niet meer",
    "not_reached": "De persoon is niet te bereiken",
    "moved": "Verhuisd",
    "pregnancy_loss": "De zwangerschap is voorbij of het kind is overleden",
    "deceased": "De persoon zelf is overleden",
    "withdrawn": "Aanmelding ingetrokken",
}

DECLINED = {
    "no_room": "Heeft geen ruimte",
    "not_independent": "Is niet onafhankelijk",
    "language": "Spreekt de taal niet",
    "cannot_get_there": "Raakt er niet",
    "away_soon": "Is binnenkort afwezig",
    "wrong_programme": "Vindt dit het verkeerde programma",
}

ENDS = {"declined": "Geweigerd", "expired": "Verlopen zonder antwoord", "withdrawn": "Ingetrokken"}
WITHDRAWN = {
    "on_leave": "de coördinator is afwezig",
    "left": "de coördinator is niet meer in dienst",
    "no_interpreter": "er is toch geen tolk",
}
TASKS = {
    "training": "De coördinator is niet opgeleid voor het toegevoegde programma: opleiding plannen of overdragen",
    "reassign": "De coördinator is niet meer in dienst: dit dossier overdragen",
}

TEXT_LATER = "Wie het dossier aanvaardt, leest de tekst."
TEXT_AWAY = "De tekst is nu niet te zien."

REFUSALS = {
    "offer_not_found": "Dit aanbod is er niet, of het is niet aan u.",
    "offer_answered": "Dit aanbod is al beantwoord. Het eerste antwoord telt.",
    "offer_ended": "Dit aanbod is niet meer open: de termijn is voorbij of het werd ingetrokken.",
    "undo_too_late": "Dit antwoord kan niet meer ongedaan gemaakt worden.",
    "undo_full": "Uw punten zijn intussen aan een ander dossier gegeven. Het aanbod kan niet terugkomen.",
    "case_not_found": "Dit dossier is er niet, of het is niet aan u om het te wijzigen.",
    "case_in_other_state": "Dit kan niet in de stand waarin het dossier nu is. Kijk hieronder hoe het ervoor staat.",
    "contact_in_future": "Kies een moment dat voorbij is.",
    "contact_before_assignment": "Kies een dag op of na de dag van toewijzing.",
    "both_days_needed": "Vul de eerste en de laatste dag in, of geen van beide.",
    "ends_before_start": "De laatste dag ligt op of na de eerste.",
}


def programmes(codes: Iterable[str]) -> str:
    """`Perinataal en kwetsbare oudere`"""
    named = [PROGRAMMES.get(code, code) for code in codes]
    return " en ".join([named[0], *(name.lower() for name in named[1:])]) if named else ""


def languages(codes: Iterable[str]) -> str:
    """`Nederlands, Frans`"""
    return ", ".join(LANGUAGES.get(code, code) for code in codes)


def failed(candidate: Mapping[str, object], points: str, used: str, capacity: str) -> str:
    """Why a candidate was left out, with the numbers where there are any."""
    reason = FAILED.get(str(candidate["failing"]), str(candidate["failing"]))
    return f"{reason}: {used} + {points} is meer dan {capacity}" if candidate["failing"] == "capacity" else reason


def ended(end: str, reason: str | None) -> str:
    """Why an offer ended, for the history of a case."""
    if end == "declined":
        return DECLINED.get(reason or "", "")
    return WITHDRAWN.get(reason or "", "").capitalize()
