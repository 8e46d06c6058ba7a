"""What coordination's pages call things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.web.languages import capital, gettext, lazy, within

PROGRAMMES = {
    "perinatal": lazy("Zwanger of jong gezin"),
    "frail": lazy("Kwetsbare oudere"),
    "obesity": lazy("Kind of jongere met obesitas"),
}
ROLES = {
    "care_coordinator": lazy("Zorgcoördinator"),
    "case_manager": lazy("Casemanager"),
    "zone_lead": lazy("Zoneverantwoordelijke"),
    "zone_intake": lazy("Intake van de zone"),
}
LEVELS = {"limited": lazy("Beperkt"), "complex": lazy("Complex")}
INTENSITIES = {"light": lazy("licht"), "normal": lazy("gewoon"), "intense": lazy("intens")}
URGENCIES = {"normal": lazy("Gewoon"), "high": lazy("Hoog")}
LANGUAGES = {
    "nl": lazy("Nederlands"),
    "fr": lazy("Frans"),
    "de": lazy("Duits"),
    "en": lazy("Engels"),
    "ar": lazy("Arabisch"),
    "tr": lazy("Turks"),
    "es": lazy("Spaans"),
    "it": lazy("Italiaans"),
    "pt": lazy("Portugees"),
    "pl": lazy("Pools"),
    "ro": lazy("Roemeens"),
    "bg": lazy("Bulgaars"),
    "ru": lazy("Russisch"),
    "uk": lazy("Oekraïens"),
    "ps": lazy("Pasjtoe"),
    "fa": lazy("Farsi"),
    "ti": lazy("Tigrinya"),
    "so": lazy("Somali"),
    "rw": lazy("Kinyarwanda"),
    "sq": lazy("Albanees"),
    "ber": lazy("Berbers"),
    "zh": lazy("Chinees"),
    "vgt": lazy("Vlaamse Gebarentaal"),
    "sfb": lazy("Gebarentaal van Franstalig België (LSFB)"),
    "und": lazy("Een andere taal"),
}

STATUSES = {
    "waiting": ("", lazy("Wacht op een coördinator")),
    "offered": ("busy", lazy("Aangeboden")),
    "assigned": ("busy", lazy("Toegewezen")),
    "first_contact": ("done", lazy("Eerste contact gemaakt")),
    "paused": ("", lazy("Gepauzeerd")),
    "returned": ("soon", lazy("Terug bij de intake van de zone")),
    "closed": ("ended", lazy("Afgesloten")),
}

# the same as a sentence: who holds it, who owns it, why it waits, how it ended
STANDS = {
    "waiting": lazy("{owner} zoekt een oplossing: {why}"),
    "offered": lazy("Aangeboden aan {who}"),
    "assigned": lazy("Toegewezen aan {who}"),
    "first_contact": lazy("In begeleiding bij {who}"),
    "paused": lazy("Gepauzeerd, blijft bij {who}. Opnieuw bekijken: {day}"),
    "returned": lazy("{owner} kijkt opnieuw naar het programma"),
    "closed": lazy("Afgesloten: {outcome}"),
}

WAITING = {
    "nobody": lazy("Geen coördinatoren in de zone"),
    "not_active": lazy("Niemand in dienst"),
    "role": lazy("Niemand met deze rol"),
    "programme": lazy("Niemand opgeleid voor dit programma"),
    "area": lazy("Niemand die in deze gemeente werkt"),
    "on_leave": lazy("Iedereen die past is afwezig"),
    "language": lazy("Niemand die de taal spreekt"),
    "neutrality": lazy("Niemand onafhankelijk"),
    "declined": lazy("Wie past, kon dit niet opnemen"),
    "capacity": lazy("Geen vrije capaciteit"),
    "wrong_programme": lazy("Verkeerd programma"),
}

FAILED = {
    "not_active": lazy("Niet meer in dienst"),
    "role": lazy("Rol: doet deze rol niet"),
    "programme": lazy("Opleiding: het programma ontbreekt"),
    "area": lazy("Werkt niet in deze gemeente"),
    "on_leave": lazy("Afwezig"),
    "language": lazy("Taal: spreekt geen taal van de persoon"),
    "neutrality": lazy("Niet onafhankelijk voor dit dossier"),
    "declined": lazy("Kon dit dossier niet opnemen"),
}

DECLINES = {
    "no_room": (lazy("Ik heb geen ruimte"), lazy("Gaat naar de volgende")),
    "not_independent": (lazy("Ik ben niet onafhankelijk"), lazy("U krijgt dit dossier nooit meer aangeboden")),
    "language": (lazy("Ik spreek de taal niet"), lazy("Gaat naar de volgende die de taal spreekt")),
    "cannot_get_there": (lazy("Ik raak er niet"), lazy("Gaat naar de volgende die in die gemeente werkt")),
    "away_soon": (lazy("Ik ben binnenkort afwezig"), lazy("Gaat naar de volgende; vul uw dagen in")),
    "wrong_programme": (lazy("Dit is het verkeerde programma"), lazy("Gaat terug naar de intake van de zone")),
}

RESTS = {
    "admitted": lazy("De persoon is opgenomen"),
    "away": lazy("De persoon is een tijd weg"),
    "asked": lazy("De persoon vraagt om even te wachten"),
    "other_care_first": lazy("Andere zorg gaat nu voor"),
}

OUTCOMES = {
    "goals_reached": lazy("Doelen bereikt"),
    "handed_over": lazy("Overgedragen aan het zorgteam of een andere dienst"),
    "no_longer_wanted": lazy("De persoon wil het niet meer"),
    "not_reached": lazy("De persoon is niet te bereiken"),
    "moved": lazy("Verhuisd"),
    "pregnancy_loss": lazy("De zwangerschap is voorbij of het kind is overleden"),
    "deceased": lazy("De persoon zelf is overleden"),
    "withdrawn": lazy("Aanmelding ingetrokken"),
    "consent_withdrawn": lazy("Toestemming ingetrokken"),
    "erased": lazy("Gegevens gewist op vraag van de persoon, of na de bewaartermijn"),
}

DECLINED = {
    "no_room": lazy("Heeft geen ruimte"),
    "not_independent": lazy("Is niet onafhankelijk"),
    "language": lazy("Spreekt de taal niet"),
    "cannot_get_there": lazy("Raakt er niet"),
    "away_soon": lazy("Is binnenkort afwezig"),
    "wrong_programme": lazy("Vindt dit het verkeerde programma"),
}

ENDS = {"declined": lazy("Geweigerd"), "expired": lazy("Verlopen zonder antwoord"), "withdrawn": lazy("Ingetrokken")}
WITHDRAWN = {
    "on_leave": lazy("de coördinator is afwezig"),
    "left": lazy("de coördinator is niet meer in dienst"),
    "no_interpreter": lazy("er is toch geen tolk"),
}
TASKS = {
    "training": lazy("De coördinator is niet opgeleid voor het toegevoegde programma: opleiding plannen of overdragen"),
    "rest": lazy("De pauze is voorbij en niemand keek: hervatten, langer pauzeren of afsluiten"),
    "reassign": lazy("De coördinator is niet meer in dienst: dit dossier overdragen"),
    "cover": lazy("De coördinator is met verlof en niemand vervangt: een vervanger zoeken"),
}

ZONE_LEAD = lazy("de zoneverantwoordelijke")

TEXT_LATER = lazy("Wie het dossier aanvaardt, leest de tekst.")
TEXT_AWAY = lazy("De tekst is nu niet te zien.")

REFUSALS = {
    "offer_not_found": lazy("Dit aanbod is er niet, of het is niet aan u."),
    "offer_answered": lazy("Dit aanbod is al beantwoord. Het eerste antwoord telt."),
    "offer_ended": lazy("Dit aanbod is niet meer open: de termijn is voorbij of het werd ingetrokken."),
    "undo_too_late": lazy("Dit antwoord kan niet meer ongedaan gemaakt worden."),
    "undo_full": lazy("Uw punten zijn intussen aan een ander dossier gegeven. Het aanbod kan niet terugkomen."),
    "case_not_found": lazy("Dit dossier is er niet, of het is niet aan u om het te wijzigen."),
    "case_in_other_state": lazy("Dit kan niet in de stand waarin het dossier nu is. Kijk hieronder hoe het ervoor staat."),
    "contact_in_future": lazy("Kies een moment dat voorbij is."),
    "contact_before_assignment": lazy("Kies een dag op of na de dag van toewijzing."),
    "rest_ends_too_soon": lazy("Kies een dag na vandaag."),
    "rest_too_long": lazy("Kies een dag binnen de 90 dagen."),
    "both_days_needed": lazy("Vul de eerste en de laatste dag in, of geen van beide."),
    "ends_before_start": lazy("De laatste dag ligt op of na de eerste."),
    "no_consent": lazy("De persoon trok de toestemming in: er komt niemand bij in het zorgteam."),
    "unknown_care_role": lazy("Kies een rol uit de lijst."),
    "is_coordinator": lazy("Wie coördineert, is al lid van het zorgteam."),
    "already_in_team": lazy("Wie u koos, zit al in het zorgteam."),
    "not_in_directory": lazy("Wie u koos, staat niet of niet meer in de wegwijzer."),
    "starts_in_past": lazy("Kies een eerste dag vanaf vandaag."),
    "ends_in_past": lazy("Kies een laatste dag vanaf vandaag."),
    "too_long": lazy("Kies hoogstens een jaar. Duurt het langer, vul dan later een nieuw verlof in."),
    "overlaps": lazy(
        "Deze dagen vallen samen met het verlof van {starts_on} tot en met {ends_on}. Kies andere dagen, of wijzig dat verlof."
    ),
    "leave_not_found": lazy("Dit verlof is er niet meer."),
    "leave_over": lazy("Dit verlof is voorbij. Er valt niets meer te wijzigen."),
    "cover_unfit": lazy("Niet iedereen die u koos, kan vervangen. Kijk na wat hieronder gemarkeerd is. Er is nog niets bewaard."),
    "cases_changed": lazy("Er kwam intussen een dossier bij. Kijk de vervanging nog eens na. Er is nog niets bewaard."),
}


def programmes(codes: Iterable[str]) -> str:
    """`Perinataal en kwetsbare oudere`"""
    named = [str(PROGRAMMES.get(code, code)) for code in codes]
    return gettext(" en ").join([*named[:1], *map(within, named[1:])])


def languages(codes: Iterable[str]) -> str:
    """`Nederlands, Frans`"""
    return ", ".join(str(LANGUAGES.get(code, code)) for code in codes)


def spoken(codes: Iterable[str], interpreter: bool) -> str:
    """`Arabisch, tolk afgesproken`"""
    return gettext("{languages}, tolk afgesproken", languages=languages(codes)) if interpreter else languages(codes)


def failed(candidate: Mapping[str, object], points: str, used: str, capacity: str) -> str:
    """Why a candidate was left out, with the numbers where there are any."""
    if candidate["failing"] == "capacity":
        return gettext("Geen ruimte: {used} + {points} is meer dan {capacity}", used=used, points=points, capacity=capacity)
    return str(FAILED.get(str(candidate["failing"]), candidate["failing"]))


def ended(end: str, reason: str | None) -> str:
    """Why an offer ended, for the history of a case."""
    if end == "declined":
        return str(DECLINED.get(reason or "", ""))
    return capital(str(WITHDRAWN.get(reason or "", "")))
