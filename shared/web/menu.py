"""The main menu: per role, the pages that role works on. Addresses are those of one origin, whichever service serves them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared.web.languages import lazy


@dataclass(frozen=True)
class MenuItem:
    """One entry; it is current on its own address, on `also`, and on all below these."""

    label: str = field(compare=False)
    url: str
    also: tuple[str, ...] = ()

    def holds(self, path: str) -> bool:
        """Whether a page belongs to this entry."""
        return any(path == url or path.startswith(f"{url}/") for url in (self.url, *self.also))


MENU: dict[str, tuple[MenuItem, ...]] = {
    "sender": (MenuItem(lazy("Aanmeldingen"), "/intake/referrals", ("/intake/refer",)),),
    "coordinator": (
        MenuItem(lazy("Mijn dag"), "/coordination/day", ("/coordination/offers",)),
        MenuItem(lazy("Dossiers"), "/coordination/cases"),
    ),
    "zone_lead": (MenuItem(lazy("Zone"), "/coordination/zones"), MenuItem(lazy("Dossiers"), "/coordination/cases")),
    "zone_intake": (MenuItem(lazy("Nakijken"), "/intake/checks", ("/intake/referrals",)),),
    "care_team": (MenuItem(lazy("Mijn zorgteams"), "/coordination/teams"),),
    "ops": (MenuItem(lazy("Werking"), "/operations"),),
    "privacy_officer": (MenuItem(lazy("Wie keek"), "/intake/audit"), MenuItem(lazy("Noodtoegang"), "/intake/glass")),
}

OF_STAFF = (MenuItem(lazy("Mijn verlof"), "/coordination/leave"), MenuItem(lazy("Noodtoegang"), "/intake/emergency"))
USER_MENU: dict[str, tuple[MenuItem, ...]] = dict.fromkeys(("coordinator", "zone_lead", "zone_intake"), OF_STAFF)


def menu_for(roles: Iterable[str], path: str, menu: Mapping[str, tuple[MenuItem, ...]] = MENU) -> list[dict[str, str | bool]]:
    """The menu of someone with these roles, in the order of `menu`, each address once; `current` marks where `path` is."""
    held = set(roles)
    items = dict.fromkeys(item for role, entries in menu.items() if role in held for item in entries)
    return [{"label": item.label, "url": item.url, "current": item.holds(path)} for item in items]


def initials(name: str) -> str:
    """`Hanne Wijffels` → `HW`: what is shown of a name where there is little room."""
    words = [word for word in name.split() if word[0].isupper()] or name.split()
    return "".join(word[0].upper() for word in words[:2])
