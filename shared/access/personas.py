"""The people of the demonstration: who one can be on the sign-in page and with `./zorgspoor token`. All invented."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.access.roles import Actor, Membership
from shared.web.languages import lazy

SHIPPED_ZONES = (
    "meetjesland-oost",
    "meetjesland-west",
    "brussel-noord",
    "brussel-noord-oost",
    "brussel-zuid-oost",
    "brussel-zuid",
    "brussel-centrum-west",
)


def demonstration_id(number: int) -> UUID:
    """A fixed id of the demonstration set: the same in every installation, and never one that a clock could make."""
    return UUID(f"dede0000-0000-4000-8000-{number:012d}")


PRACTICE = demonstration_id(101)  # Praktijk De Vlierbes, Assenede
MIDWIVES_BRUSSELS = demonstration_id(102)  # Sages-femmes Les Tilleuls
ZONE_TEAM = demonstration_id(103)  # Zorgraad Oost-Meetjesland
ZONE_TEAM_BRUSSELS = demonstration_id(104)
OPERATIONS = demonstration_id(105)
HOME_CARE = demonstration_id(107)  # Thuiszorg De Brug, Eeklo
DOCTORS_AALTER = demonstration_id(110)  # Huisartsen Aalter-Noord


def _persona(
    number: int, name: str, organisation: tuple[UUID, str], roles: Iterable[str], zones: Iterable[str] = (), *, language: str = "nl"
) -> Actor:
    return Actor(
        id=demonstration_id(number),
        name=name,
        roles=frozenset(roles),
        organisation_id=organisation[0],
        organisation_name=organisation[1],
        zones=frozenset(zones),
        language=language,
    )


_OWN_ZONE = (ZONE_TEAM, "Zorgraad Oost-Meetjesland")

PERSONAS: dict[str, Actor] = {
    "sender": _persona(1, "dr. Tine Vlaeminckx", (PRACTICE, "Praktijk De Vlierbes"), ["sender"]),
    "sender-brussels": _persona(2, "Aïcha Bensouda", (MIDWIVES_BRUSSELS, "Sages-femmes Les Tilleuls"), ["sender"], language="fr"),
    "coordinator": _persona(3, "Hanne Wijffels", _OWN_ZONE, ["coordinator"], ["meetjesland-oost"]),
    "coordinator-2": _persona(4, "Samira Ouchan", _OWN_ZONE, ["coordinator"], ["meetjesland-oost"]),
    "coordinator-brussels": _persona(
        5,
        "Julie Vandermeulen-Diallo",
        (ZONE_TEAM_BRUSSELS, "Bruxelles-Zones de soins"),
        ["coordinator"],
        ["brussel-centrum-west"],
        language="fr",
    ),
    "zone-lead": _persona(6, "Griet Baetslé", _OWN_ZONE, ["zone_lead"], SHIPPED_ZONES),
    "zone-intake": _persona(7, "Nele Cuyvers", _OWN_ZONE, ["zone_intake"], SHIPPED_ZONES),
    "care-team": _persona(213, "Inge Lootens", (HOME_CARE, "Thuiszorg De Brug"), ["care_team"]),
    "privacy-officer": _persona(9, "Ilse Van Hecke", (OPERATIONS, "Zorgspoor"), ["privacy_officer"]),
    "ops": _persona(8, "Beheer", (OPERATIONS, "Zorgspoor"), ["ops"]),
}

FURTHER: dict[str, tuple[Membership, ...]] = {
    "sender": (Membership(DOCTORS_AALTER, "Huisartsen Aalter-Noord", frozenset({"sender"}), frozenset()),)
}


def memberships(persona: str) -> tuple[Membership, ...]:
    """What a persona may be, in each of the own organisations."""
    actor = PERSONAS[persona]
    return Membership(actor.organisation_id, actor.organisation_name, actor.roles, actor.zones), *FURTHER.get(persona, ())


DESCRIPTIONS: dict[str, str] = {
    "sender": lazy("Huisarts in twee praktijken: na het inloggen kiest men welke. Meldt aan en volgt de aanmeldingen."),
    "sender-brussels": lazy("Vroedvrouw in Brussel, Franstalig."),
    "coordinator": lazy("Casemanager en zorgcoördinator, Oost-Meetjesland."),
    "coordinator-2": lazy("Casemanager en zorgcoördinator, Oost-Meetjesland, 0,8 VTE."),
    "coordinator-brussels": lazy("Casemanager, Brussel Centrum-West, Franstalig."),
    "zone-lead": lazy("Zoneverantwoordelijke: wachtlijst, belasting, verdeling."),
    "zone-intake": lazy("Intake van de zone: beantwoordt wat een mens moet nakijken."),
    "care-team": lazy("Thuisverpleegkundige: lid van zorgteams, ziet van elke persoon wat die rol nodig heeft."),
    "privacy-officer": lazy("Functionaris voor gegevensbescherming: wie keek, wissen, bewaren, toestemming. Ziet geen inhoud."),
    "ops": lazy("Beheer: tellingen, achterstand, geparkeerde items. Ziet geen namen."),
}
