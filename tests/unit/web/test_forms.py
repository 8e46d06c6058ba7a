from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel, Field

from shared.text import Line, PersonName
from shared.web import forms
from shared.web.problems import Problem


class Reach(BaseModel):
    phone: Line
    note: Line | None = None


class Referral(BaseModel):
    name: PersonName
    born: date | None = None
    weeks: int | None = Field(default=None, ge=1, le=42)
    score: float | None = None
    needs: list[str] = []
    voicemail: bool | None = None
    reach: Reach


FILLED = b"name=Dirk+D%27Hondt&born=1%2F2%2F1950&weeks=31&score=5%2C5&needs=housing&voicemail=nee&reach.phone=0400+00+18+77&reach.note="


def test_a_filled_form_becomes_the_model() -> None:
    checked = forms.check(Referral, forms.parse(FILLED))
    assert checked.errors == {}
    assert checked.value == Referral(
        name="Dirk D'Hondt",
        born=date(1950, 2, 1),
        weeks=31,
        score=5.5,
        needs=["housing"],
        voicemail=False,
        reach=Reach(phone="0400 00 18 77"),
    )


def test_several_answers_become_a_list() -> None:
    checked = forms.check(Referral, forms.parse(FILLED + b"&needs=money&needs="))
    assert checked.value is not None
    assert checked.value.needs == ["housing", "money"]


def test_what_is_wrong_is_said_in_dutch_beside_its_field_and_all_that_was_typed_stays() -> None:
    typed = forms.parse(b"name=&weeks=310&born=31/02/2020&needs=a&needs=b&reach.note=x%E2%80%AEy")
    checked = forms.check(Referral, typed)
    assert checked.value is None
    assert checked.errors == {
        "name": "Vul dit in of kies een antwoord.",
        "weeks": "Vul 42 of minder in.",
        "born": "Vul een bestaande datum in als dd/mm/jjjj.",
        "reach.phone": "Vul dit in of kies een antwoord.",
        "reach.note": "Deze tekst bevat onzichtbare tekens die de leesrichting omkeren. Typ hem opnieuw.",
    }
    assert checked.typed == {"name": "", "weeks": "310", "born": "31/02/2020", "needs": ["a", "b"], "reach.note": "x\u202ey"}


def test_a_field_that_was_not_sent_reads_as_empty_and_has_no_error() -> None:
    checked = forms.check(Referral, forms.parse(FILLED))
    assert checked.typed["elsewhere"] == ""
    assert checked.errors["elsewhere"] is None


def test_the_pages_own_fields_never_reach_the_model() -> None:
    assert forms.arranged(Referral, {"_once": "1", "name": "x"}) == {"name": "x"}


@pytest.mark.parametrize("body", [b"name=%FF", b"name=\xff", b"&".join(b"a%d=1" % at for at in range(1_500))])
def test_what_cannot_be_read_is_a_400(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        forms.parse(body)
    assert caught.value.status == 400
