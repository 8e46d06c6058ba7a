"""What people read when something is not as expected: per kind of mistake, in English for the API and in Dutch for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
DUTCH: dict[str, str] = {
    "missing": "Vul dit in of kies een antwoord.",
    "extra_forbidden": "Dit veld hoort hier niet.",
    "string": "Vul tekst in.",
    "string_too_short": "Minstens {min_length} tekens.",
    "string_too_long": "Hoogstens {max_length} tekens.",
    "string_pattern_mismatch": "Dit heeft niet de verwachte vorm.",
    "int": "Vul een geheel getal in.",
    "float": "Vul een getal in.",
    "decimal": "Vul een getal in.",
    "finite_number": "Vul een getal in.",
    "bool": "Kies ja of nee.",
    "date": "Vul een bestaande datum in als dd/mm/jjjj.",
    "time": "Vul een uur in als 9:30.",
    "datetime": "Vul een datum en een uur in.",
    "timezone": "Vul een datum en een uur in.",
    "uuid": "Kies een van de mogelijkheden.",
    "literal_error": "Kies een van de mogelijkheden.",
    "enum": "Kies een van de mogelijkheden.",
    "greater_than": "Vul meer dan {gt} in.",
    "greater_than_equal": "Vul {ge} of meer in.",
    "less_than": "Vul minder dan {lt} in.",
    "less_than_equal": "Vul {le} of minder in.",
    "multiple_of": "Vul een veelvoud van {multiple_of} in.",
    "list": "Kies een of meer antwoorden.",
    "tuple": "Kies een of meer antwoorden.",
    "set": "Kies een of meer antwoorden.",
    "frozen": "Kies een of meer antwoorden.",
    "too_short": "Kies er minstens {min_length}.",
    "too_long": "Kies er hoogstens {max_length}.",
    "model": "Vul dit deel in.",
    "dict": "Vul dit deel in.",
    "dataclass": "Vul dit deel in.",
    "none": "Laat dit leeg.",
    "union": "Vul dit in zoals gevraagd.",
}
UNKNOWN = {"en": "The value is not as expected.", "nl": "Dit klopt niet."}
OWN_WORDS = ("value_error", "assertion_error")

# Title and sentence of a page that stands where another was expected, by code of the problem.
PAGES: dict[str, tuple[str, str]] = {
    "not_found": ("Deze pagina bestaat niet", "Het adres klopt niet of de pagina is weg. Er is niets verloren."),
    "not_parked": (
        "Dit is niet meer geparkeerd",
        "Het werd intussen verwerkt of weggegooid. Ga terug naar Werking en kijk wat er nog staat.",
    ),
    "method_not_allowed": ("Dit kan hier niet", "Deze pagina kan alleen gelezen of alleen verstuurd worden. Er is niets veranderd."),
    "forbidden": ("U ziet deze pagina niet", "Uw rol geeft er geen toegang toe. Er is niets veranderd."),
    "unauthenticated": ("Log opnieuw in", "U bent niet ingelogd. Wat u eerder verstuurde is bewaard."),
    "cross_site": ("Dit formulier kwam van een andere website", "Daarom is er niets verstuurd. Open Zorgspoor zelf en probeer opnieuw."),
    "form_key_missing": (
        "Dit formulier komt niet van een pagina van Zorgspoor",
        "Daarom is er niets verstuurd. Open de pagina zelf en probeer opnieuw.",
    ),
    "form_key_stale": (
        "Uw sessie is intussen een andere",
        "Er is nog niets verstuurd. U bent opnieuw of als iemand anders ingelogd sinds u deze pagina opende; kijk na of dat klopt.",
    ),
    "too_many_requests": (
        "Even wachten",
        "Er kwamen heel veel vragen kort na elkaar. Er is niets verloren; probeer het zo meteen opnieuw.",
    ),
    "body_too_large": ("Dit is te groot om te versturen", "Er is niets bewaard. Ga terug en maak de tekst korter."),
    "unsupported_media_type": ("Dit formulier kunnen we niet lezen", "Er is niets bewaard. Open de pagina opnieuw."),
    "malformed_form": ("Dit formulier kunnen we niet lezen", "Er is niets bewaard. Open de pagina opnieuw."),
    "invalid": ("Dit adres is niet volledig", "Een deel van het adres klopt niet. Ga terug en kies opnieuw."),
    "unavailable": (
        "Dit deel laadt niet",
        "Wat eerder verstuurd werd is bewaard. Wat u net deed is misschien nog niet verstuurd; probeer het over enkele tellen opnieuw.",
    ),
    "internal": ("Er ging iets mis", "Het ligt aan ons, niet aan u. Wat eerder verstuurd werd is bewaard."),
    "idempotency_key_reused": (
        "Dit formulier is al verstuurd",
        "De eerste keer telt. Wilt u iets veranderen, open dan de aanmelding of het dossier.",
    ),
}
OTHER_PAGE = ("Dit lukte niet", "Er is niets veranderd.")


def sentence(kind: str, context: Mapping[str, Any], own_words: str, language: str) -> str:
    """What is expected, for one mistake. A validator of ours speaks for itself; a library's words are never passed on, they may repeat the input."""
    if kind in OWN_WORDS:
        return own_words.partition(", ")[2]
    table = DUTCH if language == "nl" else ENGLISH
    template = table.get(kind) or next((table[root] for root in _roots(kind) if root in table), None)
    if template is not None:
        return template.format_map(context)
    return UNKNOWN[language]


def _roots(kind: str) -> list[str]:
    """The families of a kind: `date_from_datetime_parsing` belongs to `date_from_datetime`, `date_from`, `date`."""
    words = kind.split("_")
    return ["_".join(words[:length]) for length in range(len(words) - 1, 0, -1)]
