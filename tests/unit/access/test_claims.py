from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.access.claims import NotSomebody, mapped, only, person

ISSUER = "https://issuer.example"
TINE, FIRST, SECOND = (f"dede0000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
SHAPED = {
    "iss": ISSUER,
    "sub": TINE,
    "name": "dr. Tine Vlaeminckx",
    "locale": "fr-BE",
    "zorgspoor": [
        {"organisation": FIRST, "organisation_name": "De Vlierbes", "roles": ["sender", "king"], "zones": []},
        {"organisation": SECOND, "organisation_name": "Aalter", "roles": ["zone_lead"], "zones": ["a", "b"]},
        {"organisation": "nothing here", "organisation_name": "X", "roles": ["king"]},
    ],
}
FLAT = """
id = "sub"
name = "name"
language = ["address", "lang"]
memberships = ""
[membership]
organisation = ["org", "kbo"]
organisation_name = ["org", "name"]
roles = ["realm_access", "roles"]
zones = "zones"
[roles]
Huisarts = "sender"
"""


def test_the_shipped_shape_gives_every_organisation_with_its_own_roles() -> None:
    who = person(SHAPED, mapped(None))
    assert (who.id, who.name, who.language) == (UUID(TINE), "dr. Tine Vlaeminckx", "fr")
    assert [(str(each.organisation_id), set(each.roles), set(each.zones)) for each in who.memberships] == [
        (FIRST, {"sender"}, set()),
        (SECOND, {"zone_lead"}, {"a", "b"}),
    ]


def test_another_shape_is_configuration(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    file.write_text(FLAT)
    said = {"iss": ISSUER, "sub": "abc", "name": "An", "address": {"lang": "de"}, "org": {"kbo": "0123.456.789", "name": "Praktijk"}}
    who = person(said | {"realm_access": {"roles": ["Huisarts", "offline"]}, "zones": "a b"}, mapped(file))
    (membership,) = who.memberships
    assert (who.language, membership.roles, membership.zones) == ("de", {"sender"}, {"a", "b"})
    assert membership.organisation_name == "Praktijk"
    assert person(said, mapped(file)).memberships == ()


def test_an_id_that_is_no_uuid_is_derived_and_another_issuer_cannot_give_it(tmp_path: Path) -> None:
    mine, again = (person(SHAPED | {"sub": "abc"}, mapped(None)).id for _ in range(2))
    assert mine == again
    assert person(SHAPED | {"sub": "abc", "iss": "https://other.example"}, mapped(None)).id != mine


def test_a_mapping_to_a_role_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "claims.toml"
    file.write_text(FLAT.replace('"sender"', '"king"'))
    with pytest.raises(ValueError, match="king"):
        mapped(file)


def test_a_token_is_for_one_organisation_only() -> None:
    who = person(SHAPED, mapped(None))
    assert str(only(who, SECOND).organisation_id) == SECOND
    for wanted in (None, TINE, 7, ""):
        with pytest.raises(NotSomebody):
            only(who, wanted)


def test_with_one_organisation_it_need_not_be_named() -> None:
    who = person(SHAPED | {"zorgspoor": SHAPED["zorgspoor"][:1]}, mapped(None))
    assert str(only(who, None).organisation_id) == FIRST
    with pytest.raises(NotSomebody):
        only(who, SECOND)


@pytest.mark.parametrize(
    "changed",
    [
        {"zorgspoor": "sender"},
        {"zorgspoor": {"roles": ["sender"]}},
        {"zorgspoor": [7, None, "x", []]},
        {"zorgspoor": [{"roles": ["sender"], "organisation": ""}]},
        {"zorgspoor": [{"roles": {"sender": 1}, "organisation": FIRST}]},
        {"zorgspoor": [{"roles": [["sender"]], "organisation": FIRST}]},
        {"zorgspoor": [{"roles": ["sender"], "organisation": 7}]},
        {"zorgspoor": None},
    ],
    ids=str,
)
def test_claims_of_another_shape_give_nothing(changed: dict[str, Any]) -> None:
    assert person(SHAPED | changed, mapped(None)).memberships == ()


@pytest.mark.parametrize("subject", [None, "", 7, ["a"]])
def test_without_a_subject_it_is_nobody(subject: Any) -> None:
    with pytest.raises(NotSomebody):
        person(SHAPED | {"sub": subject}, mapped(None))


def test_a_name_that_cannot_be_shown_is_not_shown() -> None:
    assert person(SHAPED | {"name": "a\u202eb\n"}, mapped(None)).name == TINE
