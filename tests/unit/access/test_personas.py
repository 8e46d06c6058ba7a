from __future__ import annotations

from shared.access.personas import DESCRIPTIONS, PERSONAS, SHIPPED_ZONES, memberships
from shared.access.rules import ROLES


def test_every_persona_is_someone_else_and_described() -> None:
    assert len({actor.id for actor in PERSONAS.values()}) == len(PERSONAS)
    assert DESCRIPTIONS.keys() == PERSONAS.keys()


def test_the_same_persona_has_the_same_id_in_every_installation() -> None:
    assert str(PERSONAS["coordinator"].id) == "dede0000-0000-4000-8000-000000000003"


def test_every_shipped_zone_has_a_lead_and_an_intake_worker() -> None:
    for role in ("zone_lead", "zone_intake"):
        led = set().union(*(actor.zones for actor in PERSONAS.values() if role in actor.roles))
        assert led == set(SHIPPED_ZONES)


def test_the_sender_works_for_two_organisations_and_everybody_for_the_own_one_first() -> None:
    assert len(memberships("sender")) == 2
    for name, actor in PERSONAS.items():
        first, *others = memberships(name)
        assert (first.organisation_id, first.roles, first.zones) == (actor.organisation_id, actor.roles, actor.zones)
        assert actor.organisation_id not in {other.organisation_id for other in others}
        assert actor.roles <= set(ROLES)
