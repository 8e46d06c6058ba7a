from __future__ import annotations

import pytest

from shared.access.actors import Tokens
from shared.access.personas import DESCRIPTIONS, PERSONAS, SHIPPED_ZONES
from tests.unit.access.conftest import KEY


def test_every_persona_is_someone_else_and_described() -> None:
    assert len({actor.id for actor in PERSONAS.values()}) == len(PERSONAS)
    assert DESCRIPTIONS.keys() == PERSONAS.keys()


def test_the_same_persona_has_the_same_id_in_every_installation() -> None:
    assert str(PERSONAS["coordinator"].id) == "dede0000-0000-4000-8000-000000000003"


def test_every_shipped_zone_has_a_lead_and_an_intake_worker() -> None:
    for role in ("zone_lead", "zone_intake"):
        led = set().union(*(actor.zones for actor in PERSONAS.values() if role in actor.roles))
        assert led == set(SHIPPED_ZONES)


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_token_gives_back_the_whole_persona(persona: str) -> None:
    tokens = Tokens(KEY)
    assert tokens.actor(tokens.issue(PERSONAS[persona], 1)) == PERSONAS[persona]
