"""What people read when something is not as expected: per kind of mistake, in English for the API and in the reader's language for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.web.languages import gettext, lazy

# Kinds of mistakes are those of pydantic (docs: "Validation errors"); names in braces are filled from the mistake's limits, never from the input.
ENGLISH: dict[str, str] = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here; leave it out.",
    "string": "Expected text.",
    "string_too_short": "Expected at least {min_length} characters.",
    "string_too_long": "Expected at most {max_length} characters.",
    "string_pattern_mismatch": "Expected text of the form {pattern}.",
    "int": "Expected a whole number.",
    "float": "Expected a number.",
    "decimal": "Expected a number.",
    "finite_number": "Expected a number that is not infinite.",
    "bool": "Expected true or false.",
    "date": "Expected a date that exists, as YYYY-MM-DD.",
    "time": "Expected a time, as 09:30.",
    "datetime": "Expected a date and time with its offset, as 2026-11-24T09:30:00+01:00.",
    "timezone": "Expected a date and time with its offset, as 2026-11-24T09:30:00+01:00.",
    "uuid": "Expected an id in the form of a UUID.",
    "literal_error": "Expected one of: {expected}.",
    "enum": "Expected one of: {expected}.",
    "greater_than": "Expected more than {gt}.",
    "greater_than_equal": "Expected {ge} or more.",
    "less_than": "Expected less than {lt}.",
    "less_than_equal": "Expected {le} or less.",
    "multiple_of": "Expected a multiple of {multiple_of}.",
    "list": "Expected a list.",
    "tuple": "Expected a list.",
    "set": "Expected a list.",
    "frozen": "Expected a list.",
    "too_short": "Expected at least {min_length} items.",
    "too_long": "Expected at most {max_length} items.",
    "model": "Expected an object.",
    "dict": "Expected an object.",
    "dataclass": "Expected an object.",
    "none": "Expected nothing (null).",
    "union": "Expected one of the described kinds.",
}
ON_PAGES: dict[str, str] = {
    "missing": lazy("Vul dit in of kies een antwoord."),
    "extra_forbidden": lazy("Dit veld hoort hier niet."),
    "string": lazy("Vul tekst in."),
    "string_too_short": lazy("Minstens {min_length} tekens."),
    "string_too_long": lazy("Hoogstens {max_length} tekens."),
    "string_pattern_mismatch": lazy("Dit heeft niet de verwachte vorm."),
    "int": lazy("Vul een geheel getal in."),
    "float": lazy("Vul een getal in."),
    "decimal": lazy("Vul een getal in."),
    "finite_number": lazy("Vul een getal in."),
    "bool": lazy("Kies ja of nee."),
    "date": lazy("Vul een bestaande datum in als dd/mm/jjjj."),
    "time": lazy("Vul een uur in als 9:30."),
    "datetime": lazy("Vul een datum en een uur in."),
    "timezone": lazy("Vul een datum en een uur in."),
    "uuid": lazy("Kies een van de mogelijkheden."),
    "literal_error": lazy("Kies een van de mogelijkheden."),
    "enum": lazy("Kies een van de mogelijkheden."),
    "greater_than": lazy("Vul meer dan {gt} in."),
    "greater_than_equal": lazy("Vul {ge} of meer in."),
    "less_than": lazy("Vul minder dan {lt} in."),
    "less_than_equal": lazy("Vul {le} of minder in."),
    "multiple_of": lazy("Vul een veelvoud van {multiple_of} in."),
    "list": lazy("Kies een of meer antwoorden."),
    "tuple": lazy("Kies een of meer antwoorden."),
    "set": lazy("Kies een of meer antwoorden."),
    "frozen": lazy("Kies een of meer antwoorden."),
    "too_short": lazy("Kies er minstens {min_length}."),
    "too_long": lazy("Kies er hoogstens {max_length}."),
    "model": lazy("Vul dit deel in."),
    "dict": lazy("Vul dit deel in."),
    "dataclass": lazy("Vul dit deel in."),
    "none": lazy("Laat dit leeg."),
    "union": lazy("Vul dit in zoals gevraagd."),
}
UNKNOWN = "The value is not as expected."
OWN_WORDS = ("value_error", "assertion_error")

# Title and sentence of a page that stands where another was expected, by code of the problem.
PAGES: dict[str, tuple[str, str]] = {
    "not_found": (lazy("Deze pagina bestaat niet"), lazy("Het adres klopt niet of de pagina is weg. Er is niets verloren.")),
    "not_parked": (
        lazy("Dit is niet meer geparkeerd"),
        lazy("Het werd intussen verwerkt of weggegooid. Ga terug naar Werking en kijk wat er nog staat."),
    ),
    "method_not_allowed": (
        lazy("Dit kan hier niet"),
        lazy("Deze pagina kan alleen gelezen of alleen verstuurd worden. Er is niets veranderd."),
    ),
    "forbidden": (lazy("U ziet deze pagina niet"), lazy("Uw rol geeft er geen toegang toe. Er is niets veranderd.")),
    "not_signed_in": (
        lazy("Inloggen is niet gelukt"),
        lazy("Het duurde te lang, of het inloggen werd afgebroken. Begin opnieuw; er is niets verloren."),
    ),
    "not_again": (
        lazy("De dienst waarmee u inlogt vroeg niet opnieuw wie u bent"),
        lazy("U bent hier nog ingelogd en er is niets veranderd. Log uit, ook bij die dienst, en log dan weer in."),
    ),
    "somebody_else": (
        lazy("Dat was een andere naam, of uw sessie was voorbij"),
        lazy("Er is niets veranderd. Log opnieuw in onder de naam waarmee u hier bezig was."),
    ),
    "no_role": (
        lazy("U hebt hier nog geen toegang"),
        lazy("U bent ingelogd, maar uw organisatie gaf u nog geen rol. Vraag het aan wie daar de toegangen beheert."),
    ),
    "no_sign_in": (
        lazy("Inloggen kan hier nog niet"),
        lazy("Er is nog geen dienst ingesteld waarmee men inlogt. Wie Zorgspoor beheert kan dat doen."),
    ),
    "unauthenticated": (lazy("Log opnieuw in"), lazy("U bent niet ingelogd. Wat u eerder verstuurde is bewaard.")),
    "cross_site": (
        lazy("Dit formulier kwam van een andere website"),
        lazy("Daarom is er niets verstuurd. Open Zorgspoor zelf en probeer opnieuw."),
    ),
    "form_key_missing": (
        lazy("Dit formulier komt niet van een pagina van Zorgspoor"),
        lazy("Daarom is er niets verstuurd. Open de pagina zelf en probeer opnieuw."),
    ),
    "form_key_stale": (
        lazy("Uw sessie is intussen een andere"),
        lazy("Er is nog niets verstuurd. U bent opnieuw of als iemand anders ingelogd sinds u deze pagina opende; kijk na of dat klopt."),
    ),
    "other_organisation": (
        lazy("Dit hoort bij een andere van uw organisaties"),
        lazy("U werkt nu voor een andere. Kies eerst die waarbij dit hoort; er is niets verloren."),
    ),
    "too_many_requests": (
        lazy("Even wachten"),
        lazy("Er kwamen heel veel vragen kort na elkaar. Er is niets verloren; probeer het zo meteen opnieuw."),
    ),
    "body_too_large": (lazy("Dit is te groot om te versturen"), lazy("Er is niets bewaard. Ga terug en maak de tekst korter.")),
    "unsupported_media_type": (lazy("Dit formulier kunnen we niet lezen"), lazy("Er is niets bewaard. Open de pagina opnieuw.")),
    "malformed_form": (lazy("Dit formulier kunnen we niet lezen"), lazy("Er is niets bewaard. Open de pagina opnieuw.")),
    "invalid": (lazy("Dit adres is niet volledig"), lazy("Een deel van het adres klopt niet. Ga terug en kies opnieuw.")),
    "unavailable": (
        lazy("Dit deel laadt niet"),
        lazy(
            "Wat eerder verstuurd werd is bewaard. Wat u net deed is misschien nog niet verstuurd; probeer het over enkele tellen opnieuw."
        ),
    ),
    "internal": (lazy("Er ging iets mis"), lazy("Het ligt aan ons, niet aan u. Wat eerder verstuurd werd is bewaard.")),
    "idempotency_key_reused": (
        lazy("Dit formulier is al verstuurd"),
        lazy("De eerste keer telt. Wilt u iets veranderen, open dan de aanmelding of het dossier."),
    ),
}
OTHER_PAGE = (lazy("Dit lukte niet"), lazy("Er is niets veranderd."))


def sentence(kind: str, context: Mapping[str, Any], own_words: str, *, on_page: bool) -> str:
    """What is expected, for one mistake. A validator of ours speaks for itself; a library's words are never passed on, they may repeat the input."""
    if kind in OWN_WORDS:
        return own_words.partition(", ")[2]
    table = ON_PAGES if on_page else ENGLISH
    template = table.get(kind) or next((table[root] for root in _roots(kind) if root in table), None)
    if template is not None:
        return str(template).format_map(context)
    return gettext("Dit klopt niet.") if on_page else UNKNOWN


def _roots(kind: str) -> list[str]:
    """The families of a kind: `date_from_datetime_parsing` belongs to `date_from_datetime`, `date_from`, `date`."""
    words = kind.split("_")
    return ["_".join(words[:length]) for length in range(len(words) - 1, 0, -1)]
