"""The audit in words that the person it is about understands. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.web.languages import gettext, lazy

ACTIONS: Mapping[str, str] = {
    "additions.on_information_added": lazy("legde een aanvulling bij het dossier"),
    "audit.events": lazy("vroeg het overzicht op als bestand"),
    "audit.looked": lazy("vroeg dit overzicht op"),
    "audit.sign_ins": lazy("vroeg op wie inlogde, als bestand"),
    "audit.signed_in": lazy("vroeg op wie inlogde"),
    "cases.agree_interpreter": lazy("noteerde of er een tolk is"),
    "cases.cancel_interpreter": lazy("noteerde of er een tolk is"),
    "cases.case": lazy("bekeek het dossier"),
    "cases.close": lazy("sloot het dossier af"),
    "cases.get_case": lazy("bekeek het dossier"),
    "cases.list_cases": lazy("zag het dossier in een lijst"),
    "cases.listing": lazy("zag het dossier in een lijst"),
    "cases.note_first_contact": lazy("noteerde het eerste contact"),
    "cases.on_first_weeks_over": lazy("berekende de werklast"),
    "cases.on_offer_again": lazy("zocht een coördinator"),
    "cases.on_referral_accepted": lazy("opende het dossier en zocht een coördinator"),
    "cases.on_referral_moved": lazy("haalde een aanmelding uit het dossier"),
    "cases.on_referral_withdrawn": lazy("verwerkte dat een aanmelding is ingetrokken"),
    "cases.on_waiting_late": lazy("meldde dat het dossier te lang wacht"),
    "cases.pause": lazy("pauzeerde het dossier"),
    "cases.resume": lazy("nam het dossier weer op"),
    "consents.history": lazy("bekeek wat over toestemming gezegd is"),
    "consents.withdraw": lazy("noteerde dat de toestemming is ingetrokken"),
    "drafts.ask_discard": lazy("bekeek een concept"),
    "drafts.discard": lazy("bekeek een concept"),
    "drafts.discard_draft": lazy("gooide een concept weg"),
    "drafts.keep_need": lazy("vulde een concept in"),
    "drafts.keep_person": lazy("vulde een concept in"),
    "drafts.need": lazy("bekeek een concept"),
    "drafts.person": lazy("bekeek een concept"),
    "drafts.review": lazy("las een concept na"),
    "drafts.save_draft": lazy("bewaarde een concept"),
    "drafts.send": lazy("las een concept na"),
    "erasures.erase": lazy("wiste alles over de persoon"),
    "glass.break_glass": lazy("vroeg noodtoegang"),
    "glass.broken": lazy("bekeek wie noodtoegang vroeg"),
    "glass.listed": lazy("bekeek wie noodtoegang vroeg"),
    "holds.lift_hold": lazy("hief op dat alles bewaard moet blijven"),
    "holds.set_hold": lazy("legde vast dat alles bewaard moet blijven"),
    "leave.ask_covers": lazy("zocht wie het dossier tijdens een verlof opvolgt"),
    "leave.end": lazy("nam een verlof van de coördinator terug"),
    "leave.plan": lazy("legde vast wie het dossier tijdens een verlof opvolgt"),
    "machines.add": lazy("liet een systeem toe, of wijzigde het"),
    "machines.grant": lazy("vroeg toegang voor een systeem"),
    "machines.revoke": lazy("sloot een systeem uit"),
    "matches.answer": lazy("zei of het om dezelfde persoon gaat"),
    "matches.answer_match": lazy("zei of het om dezelfde persoon gaat"),
    "matches.listed": lazy("zag de aanmelding in een lijst"),
    "matches.match": lazy("vergeleek de gegevens van twee aanmeldingen"),
    "matches.read": lazy("vergeleek de gegevens van twee aanmeldingen"),
    "messages.messages": lazy("bekeek welke berichten vertrokken"),
    "offers.accept": lazy("aanvaardde het dossier"),
    "offers.day": lazy("zag het dossier op de dagpagina"),
    "offers.decline": lazy("weigerde het dossier"),
    "offers.list_offers": lazy("zag het aanbod in een lijst"),
    "offers.on_offer_deadline": lazy("gaf het aanbod door aan een volgende"),
    "offers.on_offer_final": lazy("maakte het antwoord op het aanbod definitief"),
    "offers.undo": lazy("nam een antwoord op het aanbod terug"),
    "persons.fragments": lazy("zag naam, adres en zorgen"),
    "persons.summaries": lazy("zag leeftijd, nood en gemeente, zonder naam"),
    "records.additions": lazy("las een aanvulling van de aanmelder"),
    "referrals.add_information": lazy("vulde de aanmelding aan"),
    "referrals.answer_check": lazy("keek de aanmelding na"),
    "referrals.checks": lazy("zag de aanmelding in een lijst"),
    "referrals.complete": lazy("vulde de aanmelding aan"),
    "referrals.listed": lazy("zag de aanmelding in een lijst"),
    "referrals.on_answer_due": lazy("gaf de aanmelding door omdat geen antwoord kwam"),
    "referrals.read": lazy("bekeek de stand van de aanmelding"),
    "referrals.receipt": lazy("bekeek het ontvangstbewijs"),
    "referrals.referral": lazy("bekeek de aanmelding"),
    "referrals.start": lazy("zag de aanmelding in een lijst"),
    "referrals.submit": lazy("deed de aanmelding"),
    "referrals.withdraw": lazy("trok de aanmelding in"),
    "retention.on_night": lazy("wiste alles over de persoon, na de bewaartermijn"),
    "retention.run": lazy("wiste alles over de persoon, na de bewaartermijn"),
    "searches.mark_told": lazy("maakte de eigen aanmeldingen vindbaar"),
    "searches.search": lazy("vond de persoon terug onder de eigen aanmeldingen"),
    "searches.use": lazy("nam gegevens over uit een eerdere aanmelding"),
    "sessions.choose": lazy("koos een organisatie"),
    "sessions.end": lazy("logde uit"),
    "sessions.end_all": lazy("logde overal uit"),
    "sessions.end_everybodys": lazy("logde iedereen uit"),
    "sessions.renew": lazy("toonde opnieuw wie men is"),
    "sessions.start": lazy("logde in"),
    "sharing.on_consent_withdrawn": lazy("verwerkte dat de toestemming is ingetrokken"),
    "sharing.on_person_erased": lazy("wiste alles over de persoon"),
    "sign_ins.finish": lazy("probeerde in te loggen"),
    "tasks.list_tasks": lazy("zag een taak over het dossier"),
    "tasks.mark_done": lazy("werkte een taak over het dossier af"),
    "team.add": lazy("nam iemand op in het zorgteam"),
    "team.add_member": lazy("nam iemand op in het zorgteam"),
    "team.adding": lazy("zocht iemand voor het zorgteam"),
    "team.list_teams": lazy("zag het dossier in een lijst"),
    "team.listing": lazy("zag het dossier in een lijst"),
    "team.remove": lazy("haalde iemand uit het zorgteam"),
    "team.remove_member": lazy("haalde iemand uit het zorgteam"),
    "team.search": lazy("zocht iemand voor het zorgteam"),
    "team.team": lazy("bekeek het dossier als lid van het zorgteam"),
    "web.returned": lazy("vroeg na een herstel van wie er weer iets is"),
    "web.looked_at": lazy("vroeg dit overzicht op"),
    "workforce.zone": lazy("zag het dossier op het bord van de zone"),
}
RELATIONS: Mapping[str, str] = {
    "role": lazy("door de eigen functie"),
    "own_organisation": lazy("aanmelder"),
    "zone": lazy("verantwoordelijk voor de zone"),
    "to_check": lazy("kijkt aanmeldingen van de zone na"),
    "holds": lazy("coördinator van het dossier"),
    "offered": lazy("kreeg het dossier aangeboden"),
    "covers": lazy("vervangt de coördinator"),
    "team": lazy("zorgteam"),
    "self": lazy("wie het zelf aangaat"),
    "glass": lazy("noodtoegang"),
}
ROLES: Mapping[str, str] = {
    "batch": lazy("het systeem"),
    "sender": lazy("aanmelder"),
    "coordinator": lazy("coördinator"),
    "zone_lead": lazy("zoneverantwoordelijke"),
    "zone_intake": lazy("intake van de zone"),
    "care_team": lazy("zorgteam"),
    "privacy_officer": lazy("privacyverantwoordelijke"),
    "ops": lazy("technisch beheer"),
    "nobody": lazy("niet herkend"),
    "somebody": lazy("nog zonder organisatie"),
}
REFUSALS: Mapping[str, str] = {
    "no_attempt": lazy("niet hier begonnen, te laat of in een andere browser"),
    "refused_by_provider": lazy("geweigerd waar men inlogt"),
    "not_again": lazy("er werd niet opnieuw gevraagd wie men is"),
    "not_believed": lazy("het bewijs klopt niet"),
    "somebody_else": lazy("het was iemand anders, of de sessie was voorbij"),
    "no_role": lazy("heeft hier geen functie"),
    "invalid_client": lazy("niet gekend, uitgesloten of het bewijs klopt niet"),
    "invalid_scope": lazy("vroeg meer dan mag"),
}
PURPOSES: Mapping[str, str] = {
    "care": lazy("zorg"),
    "operations": lazy("werking"),
    "oversight": lazy("toezicht"),
    "emergency": lazy("noodgeval"),
}


def action(code: str) -> str:
    """What was done, in words; its code where there are none."""
    return str(ACTIONS.get(code, code))


def outcome(code: str) -> str:
    """Empty where it went as meant."""
    return "" if code in ("done", "seen") else gettext("geweigerd")


def refusal(code: str) -> str:
    """Why somebody did not get in; empty where they did."""
    return str(REFUSALS.get(code, outcome(code)))


def role(codes: str) -> str:
    return ", ".join(str(ROLES.get(code, code)) for code in codes.split())
