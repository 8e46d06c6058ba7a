"""The audit in words that the person it is about understands. Pure."""

from __future__ import annotations

from collections.abc import Mapping

ACTIONS: Mapping[str, str] = {
    "additions.on_information_added": "legde een aanvulling bij het dossier",
    "audit.events": "vroeg het overzicht op als bestand",
    "audit.looked": "vroeg dit overzicht op",
    "cases.agree_interpreter": "noteerde of er een tolk is",
    "cases.cancel_interpreter": "noteerde of er een tolk is",
    "cases.case": "bekeek het dossier",
    "cases.close": "sloot het dossier af",
    "cases.get_case": "bekeek het dossier",
    "cases.list_cases": "zag het dossier in een lijst",
    "cases.listing": "zag het dossier in een lijst",
    "cases.note_first_contact": "noteerde het eerste contact",
    "cases.on_first_weeks_over": "berekende de werklast",
    "cases.on_offer_again": "zocht een coördinator",
    "cases.on_referral_accepted": "opende het dossier en zocht een coördinator",
    "cases.on_referral_moved": "haalde een aanmelding uit het dossier",
    "cases.on_referral_withdrawn": "verwerkte dat een aanmelding is ingetrokken",
    "cases.on_waiting_late": "meldde dat het dossier te lang wacht",
    "cases.pause": "pauzeerde het dossier",
    "cases.resume": "nam het dossier weer op",
    "consents.history": "bekeek wat over toestemming gezegd is",
    "consents.withdraw": "noteerde dat de toestemming is ingetrokken",
    "drafts.ask_discard": "bekeek een concept",
    "drafts.discard": "bekeek een concept",
    "drafts.discard_draft": "gooide een concept weg",
    "drafts.keep_need": "vulde een concept in",
    "drafts.keep_person": "vulde een concept in",
    "drafts.need": "bekeek een concept",
    "drafts.person": "bekeek een concept",
    "drafts.review": "las een concept na",
    "drafts.save_draft": "bewaarde een concept",
    "drafts.send": "las een concept na",
    "erasures.erase": "wiste alles over de persoon",
    "glass.break_glass": "vroeg noodtoegang",
    "glass.broken": "bekeek wie noodtoegang vroeg",
    "glass.listed": "bekeek wie noodtoegang vroeg",
    "holds.lift_hold": "hief op dat alles bewaard moet blijven",
    "holds.set_hold": "legde vast dat alles bewaard moet blijven",
    "matches.answer": "zei of het om dezelfde persoon gaat",
    "matches.answer_match": "zei of het om dezelfde persoon gaat",
    "matches.listed": "zag de aanmelding in een lijst",
    "matches.match": "vergeleek de gegevens van twee aanmeldingen",
    "matches.read": "vergeleek de gegevens van twee aanmeldingen",
    "messages.messages": "bekeek welke berichten vertrokken",
    "offers.accept": "aanvaardde het dossier",
    "offers.day": "zag het dossier op de dagpagina",
    "offers.decline": "weigerde het dossier",
    "offers.list_offers": "zag het aanbod in een lijst",
    "offers.on_offer_deadline": "gaf het aanbod door aan een volgende",
    "offers.on_offer_final": "maakte het antwoord op het aanbod definitief",
    "offers.undo": "nam een antwoord op het aanbod terug",
    "persons.fragments": "zag naam, adres en zorgen",
    "persons.summaries": "zag leeftijd, nood en gemeente, zonder naam",
    "records.additions": "las een aanvulling van de aanmelder",
    "referrals.add_information": "vulde de aanmelding aan",
    "referrals.answer_check": "keek de aanmelding na",
    "referrals.checks": "zag de aanmelding in een lijst",
    "referrals.complete": "vulde de aanmelding aan",
    "referrals.listed": "zag de aanmelding in een lijst",
    "referrals.on_answer_due": "gaf de aanmelding door omdat geen antwoord kwam",
    "referrals.read": "bekeek de stand van de aanmelding",
    "referrals.receipt": "bekeek het ontvangstbewijs",
    "referrals.referral": "bekeek de aanmelding",
    "referrals.start": "zag de aanmelding in een lijst",
    "referrals.submit": "deed de aanmelding",
    "referrals.withdraw": "trok de aanmelding in",
    "retention.on_night": "wiste alles over de persoon, na de bewaartermijn",
    "retention.run": "wiste alles over de persoon, na de bewaartermijn",
    "sharing.on_consent_withdrawn": "verwerkte dat de toestemming is ingetrokken",
    "sharing.on_person_erased": "wiste alles over de persoon",
    "tasks.list_tasks": "zag een taak over het dossier",
    "tasks.mark_done": "werkte een taak over het dossier af",
    "web.looked_at": "vroeg dit overzicht op",
    "workforce.zone": "zag het dossier op het bord van de zone",
}
RELATIONS: Mapping[str, str] = {
    "role": "door de eigen functie",
    "own_organisation": "aanmelder",
    "zone": "verantwoordelijk voor de zone",
    "to_check": "kijkt aanmeldingen van de zone na",
    "holds": "coördinator van het dossier",
    "offered": "kreeg het dossier aangeboden",
    "covers": "vervangt de coördinator",
    "team": "zorgteam",
    "self": "wie het zelf aangaat",
    "glass": "noodtoegang",
}
ROLES: Mapping[str, str] = {
    "batch": "het systeem",
    "sender": "aanmelder",
    "coordinator": "coördinator",
    "zone_lead": "zoneverantwoordelijke",
    "zone_intake": "intake van de zone",
    "care_team": "zorgteam",
    "privacy_officer": "privacyverantwoordelijke",
    "ops": "technisch beheer",
}
PURPOSES: Mapping[str, str] = {"care": "zorg", "operations": "werking", "oversight": "toezicht", "emergency": "noodgeval"}


def action(code: str) -> str:
    """What was done, in words; its code where there are none."""
    return ACTIONS.get(code, code)


def outcome(code: str) -> str:
    """Empty where it went as meant."""
    return "" if code in ("done", "seen") else "geweigerd"


def role(codes: str) -> str:
    return ", ".join(ROLES.get(code, code) for code in codes.split())
