"""What operations reads about a referral that differs: where it is on its way, or what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from services.intake.operations.domain import HANDED_OVER, Difference, Where
from shared.web.languages import lazy

Case = Literal["discarded", "never_arrived", "lost_by_coordination", "lost_by_intake", "lost_between", "unacknowledged"]


class Sentence(NamedTuple):
    """The same in the language of pages and of the API."""

    on_page: str
    en: str


WHERE: Mapping[Where, str] = {
    "outbox": lazy("Onderweg: wacht sinds {since} in de outbox van {service}."),
    "topic": lazy("Onderweg: verstuurd om {since}, door {service} nog niet gelezen."),
    "parked": lazy("Geparkeerd bij {service} sinds {since}: {reason}. Zie onder Geparkeerd."),
}
ACKNOWLEDGED, NOT_ACKNOWLEDGED = lazy("Bericht aan de aanmelder"), lazy("Geen bericht aan de aanmelder")
TO_DO: Mapping[Case, Sentence] = {
    "discarded": Sentence(
        lazy("Iemand gooide het event hierover weg. Bel de aanmelder en de zone; laat de aanmelding zo nodig intrekken en opnieuw sturen."),
        "Somebody discarded the event about it. Call the sender and the zone; have the referral withdrawn and sent again where needed.",
    ),
    "never_arrived": Sentence(
        lazy("Coördinatie kreeg deze aanmelding niet en er is niets meer onderweg. Laat de aanmelder ze intrekken en opnieuw sturen."),
        "Coordination never got this referral and nothing is on its way any more. Have the sender withdraw it and send it again.",
    ),
    "lost_by_coordination": Sentence(
        lazy(
            "Coördinatie had deze aanmelding en is ze kwijt. Zoek ze in de back-up van coördinatie; bel intussen de coördinator en de zone."
        ),
        "Coordination had this referral and lost it. Look for it in the backup of coordination; call the coordinator and the zone meanwhile.",
    ),
    "lost_by_intake": Sentence(
        lazy("Intake heeft deze aanmelding niet meer. Zoek ze in de back-up van intake; bel intussen de zone."),
        "Intake has this referral no more. Look for it in the backup of intake; call the zone meanwhile.",
    ),
    "lost_between": Sentence(
        lazy(
            "Een event tussen de diensten ging verloren. Vraag de zone welke stand klopt; bij de volgende stap van het dossier loopt het weer gelijk."
        ),
        "An event between the services was lost. Ask the zone which state is right; the next step of the case brings them together.",
    ),
    "unacknowledged": Sentence(
        lazy("De aanmelder kreeg geen ontvangstbericht en er is niets meer onderweg. Zeg het de aanmelder zelf."),
        "The sender was not told that it was received and nothing is on its way any more. Tell the sender yourself.",
    ),
}


def of(difference: Difference) -> Case:
    """Which of these it is."""
    if difference.discarded:
        return "discarded"
    if difference.kind == "unacknowledged":
        return "unacknowledged"
    if difference.intake is None:
        return "lost_by_intake"
    if difference.coordination is None:
        return "never_arrived" if difference.intake == HANDED_OVER else "lost_by_coordination"
    return "lost_between"
