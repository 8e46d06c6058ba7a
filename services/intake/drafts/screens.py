"""A draft as its three screens need it, and its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.drafts import forms
from services.intake.persons.domain import years
from services.intake.programmes.definitions import Programmes
from services.intake.programmes.facts import Facts
from services.intake.referrals import proposals
from services.intake.referrals.proposals import Expected
from services.intake.referrals.requests import ConsentBy
from services.intake.zones.domain import ZoneMap
from shared.web.forms import Typed
from shared.web.languages import gettext


@dataclass(frozen=True, slots=True)
class Screen:
    """What was typed so far, and the zones and programmes of the day."""

    id: UUID
    typed: Typed
    zones: ZoneMap
    programmes: Programmes

    def url(self, number: int) -> str:
        return f"/intake/refer/{number}/{self.id}"

    @property
    def entity(self) -> str:
        """Whose programmes hold at the address of screen 1."""
        municipality, zone = (str(self.typed[name]) or None for name in ("person.address.municipality", "zone"))
        served = self.zones.served(str(self.typed["person.address.postcode"]).strip(), municipality, zone)
        found = proposals.place(self.zones, served)
        return "flanders" if isinstance(found, Expected) else found.zone.entity

    @property
    def facts(self) -> Facts:
        """The facts, empty while they cannot be read."""
        answers = forms.check(forms.Answers, self.typed).value
        return answers.facts if answers else Facts()

    def proposed_by(self, programme: str, today: date) -> ConsentBy:
        """Who is proposed as the one who consents, at the age of whoever stands on screen 1."""
        who = forms.check(forms.PersonScreen, self.typed).value
        return proposals.consent_by(self.programmes, programme, self.entity, years(who.person, today) if who else None)


def draft_name(typed: Mapping[str, Any]) -> str:
    """How a draft is called in a list."""
    name = f"{typed.get('person.given_name', '')} {typed.get('person.family_name', '')}".strip()
    return name or gettext("Zonder naam bewaard")
