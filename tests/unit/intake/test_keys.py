"""Sealed fields are read with their key and in their place only; blind indexes find without telling; weak keys start nothing."""

from __future__ import annotations

import os
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import serving
from services.intake import app as intake
from services.intake.keys import secrets
from services.intake.keys.domain import Damaged, DataKey, Indexes, IndexKey, LocalMasterKeys, UnknownMasterKey, Wrapped, make, version
from services.intake.keys.secrets import KeyFile, UnsafeKey
from shared.settings import Settings, settings

NAME, PHONE = b"persons.given_name", b"persons.phone"
SECRET, NONCE, ROW = os.urandom(32), os.urandom(12), uuid4()
KEY = DataKey(SECRET)
SEALED = KEY.seal(NAME, ROW, "Amina", NONCE)


@given(st.text())
def test_what_is_sealed_is_opened_again(text):
    sealed = KEY.seal(NAME, ROW, text, NONCE)
    assert KEY.open(NAME, ROW, sealed) == text
    assert len(text.encode()) < 4 or text.encode() not in sealed


def test_any_bit_that_is_another_is_noticed():
    for bit in range(len(SEALED) * 8):
        changed = bytearray(SEALED)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            KEY.open(NAME, ROW, bytes(changed))


@pytest.mark.parametrize("sealed", [b"", SEALED[:1], SEALED[:13], SEALED[:-1], SEALED + b"\0"])
def test_what_is_cut_or_longer_is_noticed(sealed):
    with pytest.raises(Damaged):
        KEY.open(NAME, ROW, sealed)


@pytest.mark.parametrize(
    ("key", "place", "row"),
    [(KEY, PHONE, ROW), (KEY, b"records.given_name", ROW), (KEY, NAME, uuid4()), (DataKey(os.urandom(32)), NAME, ROW)],
    ids=["column", "table", "row", "key"],
)
def test_in_another_place_or_under_another_key_it_is_not_read(key, place, row):
    with pytest.raises(Damaged):
        key.open(place, row, SEALED)


def test_its_length_does_not_tell_what_is_sealed():
    assert len({len(KEY.seal(b"persons.sex", ROW, sex, NONCE)) for sex in ("female", "male", "other", "unknown")}) == 1


def test_a_data_key_is_unwrapped_for_whom_it_was_wrapped_only():
    old, new = os.urandom(32), os.urandom(32)
    wrapped = LocalMasterKeys([old]).wrap(ROW, SECRET, NONCE)
    both = LocalMasterKeys([new, old])
    assert (both.current, wrapped.master) == (version(new), version(old))
    assert both.unwrap(ROW, wrapped) == SECRET
    with pytest.raises(Damaged):
        both.unwrap(uuid4(), wrapped)
    with pytest.raises(Damaged):
        both.unwrap(ROW, Wrapped(version(new), wrapped.secret))
    with pytest.raises(UnknownMasterKey, match=version(old)):
        LocalMasterKeys([new]).unwrap(ROW, wrapped)


def test_every_person_gets_another_key():
    master, ids = LocalMasterKeys([os.urandom(32)]), [UUID(int=number) for number in range(3)]
    ring, rows = make([(id, Indexes()) for id in ids], master, os.urandom(3 * 44))
    assert [row.id for row in rows] == list(ring) == ids
    assert len({master.unwrap(row.id, row.wrapped) for row in rows}) == 3
    for row in rows:
        assert DataKey(master.unwrap(row.id, row.wrapped)).open(NAME, ROW, ring[row.id].seal(NAME, ROW, "Amina", NONCE)) == "Amina"


def test_an_index_is_the_same_for_the_same_and_of_no_use_without_the_key():
    one, other = IndexKey(b"1" * 32), IndexKey(b"2" * 32)
    assert one.of("number", "85073003328") == one.of("number", "85073003328")
    different = {one.of("number", "1"), one.of("birth", "1"), one.of("number", "2"), other.of("number", "1")}
    assert len(different) == 4
    assert {len(index) for index in different} == {16}


STRONG = os.urandom(32).hex()


@pytest.mark.parametrize("text", ["", "0" * 64, "k" * 64, STRONG[:62], f"{STRONG}\n{'0' * 64}", "ab" * 32])
def test_a_missing_or_weak_master_key_is_named(tmp_path, text):
    file = tmp_path / "master-key"
    file.write_text(text)
    with pytest.raises(UnsafeKey, match="ZORGSPOOR_MASTER_KEY_FILE") as refused:
        secrets.check(Settings(master_key_file=file, index_key=STRONG))
    assert STRONG not in str(refused.value)
    with pytest.raises(UnsafeKey, match="ZORGSPOOR_MASTER_KEY_FILE"):
        secrets.check(Settings(master_key_file=tmp_path / "none", index_key=STRONG))


def test_a_missing_or_weak_index_key_is_named(tmp_path):
    file = tmp_path / "master-key"
    file.write_text(STRONG)
    secrets.check(Settings(master_key_file=file, index_key=STRONG))
    for key in ("", "0" * 64):
        with pytest.raises(UnsafeKey, match="ZORGSPOOR_INDEX_KEY"):
            secrets.check(Settings(master_key_file=file, index_key=key))


def test_a_process_takes_up_a_new_master_key_while_it_runs(tmp_path, monkeypatch):
    file = tmp_path / "master-key"
    file.write_text(STRONG + "\n")
    running = KeyFile(file)
    before = running.wrap(ROW, SECRET, NONCE)
    secrets.add_master_key(file)
    after = KeyFile(file).wrap(ROW, SECRET, NONCE)
    assert running.current == before.master, "not looked at again yet"
    assert running.unwrap(ROW, after) == SECRET, "an unknown version is looked for at once"
    assert running.current == after.master != before.master
    assert running.unwrap(ROW, before) == SECRET
    monkeypatch.setattr(secrets, "LOOK_SECONDS", 0)
    file.write_text("half wri")
    assert running.unwrap(ROW, after) == SECRET, "what is being written is not taken up"


def test_intake_does_not_start_without_its_keys(tmp_path, monkeypatch):
    monkeypatch.setenv("ZORGSPOOR_MASTER_KEY_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("ZORGSPOOR_TOKEN_KEY", os.urandom(32).hex())
    settings.cache_clear()
    monkeypatch.setattr(serving.uvicorn, "run", lambda *_, **__: pytest.fail("it started"))
    monkeypatch.setattr(serving.log, "configure", lambda _: None)
    try:
        with pytest.raises(UnsafeKey, match="ZORGSPOOR_MASTER_KEY_FILE"):
            serving.serve([intake], "127.0.0.1", 1)
    finally:
        settings.cache_clear()
