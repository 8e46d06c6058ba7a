"""What was said on consent, and what of it who may know."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from services.intake.consents.domain import Consent, Said, is_withdrawn, of_referral, withdrawn

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PERSON, MINE, THEIRS, ME = uuid4(), uuid4(), uuid4(), uuid4()


def given(referral_id) -> Consent:
    return Consent(PERSON, referral_id, "given", "person", "oral", NOW, "2026-11", "nl", ME, NOW)


def test_the_last_word_holds():
    back = withdrawn(PERSON, MINE, Said(by="parent"), ME, NOW)
    assert (back.state, back.said_by, back.wording) == ("withdrawn", "parent", None)
    assert not is_withdrawn([])
    assert not is_withdrawn([given(MINE)])
    assert is_withdrawn([given(MINE), back])
    assert not is_withdrawn([given(MINE), back, given(THEIRS)])


def test_who_sees_one_referral_does_not_learn_who_else_referred():
    history = [given(MINE), given(THEIRS), withdrawn(PERSON, THEIRS, Said(), ME, NOW)]
    assert [each.state for each in of_referral(history, MINE)] == ["given", "withdrawn"]
