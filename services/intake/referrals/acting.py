"""Who does what before when, per state of a referral: the texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.referrals.states import Status
from shared.web.languages import lazy

# who, what before when, what without a deadline, the smaller line
OWNED = lazy("{owner}, zone {zone},")
NEXT: Mapping[Status, tuple[str, str, str, str]] = {
    Status.INFORMATION_NEEDED: (
        lazy("U"),
        lazy("vult de aanmelding aan vóór {moment}"),
        lazy("vult de aanmelding aan"),
        lazy("Nog nodig: {missing}. Komt er geen antwoord, dan kijkt de intake van {zone} ze na."),
    ),
    Status.RECEIVED: (
        lazy("De zone {zone}"),
        lazy("zoekt een {role}"),
        lazy("zoekt een {role}"),
        lazy("Dat gebeurt meestal binnen enkele minuten."),
    ),
    Status.OFFERED: (
        lazy("Een {role}"),
        lazy("beslist vóór {moment} over het aanbod"),
        lazy("beslist over het aanbod"),
        lazy("Geen antwoord? Dan gaat het vanzelf naar de volgende."),
    ),
    Status.WAITING: (lazy("De verantwoordelijke van {zone}"), lazy("zoekt een oplossing vóór {moment}"), lazy("zoekt een oplossing"), ""),
    Status.ASSIGNED: ("{holder}", lazy("neemt contact op met de persoon vóór {moment}"), lazy("neemt contact op met de persoon"), ""),
    Status.FIRST_CONTACT: (
        "{holder}",
        lazy("maakt het plan met de persoon en het zorgteam"),
        lazy("maakt het plan met de persoon en het zorgteam"),
        lazy("U krijgt een bericht als het dossier afsluit."),
    ),
    Status.PAUSED: (
        "{holder}",
        lazy("kijkt {moment} opnieuw"),
        lazy("kijkt later opnieuw"),
        lazy("Het dossier rust: nu kan het niet verder. Weet u dat het wel kan? Vul dan aan."),
    ),
    Status.NOT_ELIGIBLE: (
        lazy("Komt niet in aanmerking."),
        "",
        "",
        lazy("Bekijk de reden en waar u wel terechtkunt, of vraag dat iemand meekijkt."),
    ),
    Status.CLOSED: (lazy("Afgesloten."), "", "", ""),
    Status.WITHDRAWN: (lazy("Ingetrokken."), "", "", lazy("Niemand neemt nog contact op.")),
    Status.ENTERED_IN_ERROR: (lazy("Bij vergissing ingevoerd."), "", "", lazy("Er gebeurt niets meer.")),
}
