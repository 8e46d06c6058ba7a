"""The people of the demonstration: who one can be on the sign-in page and with `./zorgspoor token`. All invented."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from shared.access.actors import Actor

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
    "ops": _persona(8, "Beheer", (OPERATIONS, "Zorgspoor"), ["ops"]),
    "privacy-officer": _persona(9, "Lieve Coppens", (OPERATIONS, "Zorgspoor"), ["privacy_officer"]),
}

DESCRIPTIONS: dict[str, str] = {
    "sender": "Huisarts, groepspraktijk in Assenede. Meldt aan en volgt de aanmeldingen.",
    "sender-brussels": "Vroedvrouw in Brussel, Franstalig.",
    "coordinator": "Casemanager en zorgcoördinator, Oost-Meetjesland.",
    "coordinator-2": "Casemanager en zorgcoördinator, Oost-Meetjesland, 0,8 VTE.",
    "coordinator-brussels": "Casemanager, Brussel Centrum-West, Franstalig.",
    "zone-lead": "Zoneverantwoordelijke: wachtlijst, belasting, verdeling.",
    "zone-intake": "Intake van de zone: beantwoordt wat een mens moet nakijken.",
    "ops": "Beheer: tellingen, achterstand, geparkeerde items. Ziet geen namen.",
    "privacy-officer": "Functionaris voor gegevensbescherming: wie keek in welk dossier. Ziet geen inhoud.",
}
