"""The secrets of this process: its master keys, from a file that is looked at again while it runs, and the key of its blind indexes."""

from __future__ import annotations

import os
import time
from functools import cache
from pathlib import Path
from uuid import UUID

from services.intake.keys.domain import KEY_BYTES, IndexKey, LocalMasterKeys, MasterKeys, UnknownMasterKey, Wrapped
from shared.settings import Settings, settings

LOOK_SECONDS = 1.0  # how long a changed file may go unnoticed; an unknown version is looked for at once
DISTINCT = 16  # different bytes that every key has which was made at random


class UnsafeKey(ValueError):
    """A secret of intake is missing or too weak to seal personal data with; nothing is started with it."""


class KeyFile:
    """Master keys in a file, one per line in hexadecimal: the first wraps, the others still unwrap. May change while this process runs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys = read(path)
        self._seen = _state(path)
        self._looked_at = time.monotonic()

    @property
    def current(self) -> str:
        return self._look().current

    def wrap(self, id: UUID, secret: bytes, nonce: bytes) -> Wrapped:
        return self._look().wrap(id, secret, nonce)

    def unwrap(self, id: UUID, wrapped: Wrapped) -> bytes:
        try:
            return self._keys.unwrap(id, wrapped)
        except UnknownMasterKey:
            return self._look(at_once=True).unwrap(id, wrapped)

    def _look(self, *, at_once: bool = False) -> LocalMasterKeys:
        now = time.monotonic()
        if at_once or now - self._looked_at >= LOOK_SECONDS:
            self._looked_at = now
            try:
                if (state := _state(self.path)) != self._seen:
                    self._keys, self._seen = read(self.path), state
            except (OSError, UnsafeKey):
                pass  # it is being written; what was known still holds
        return self._keys


def _state(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def read(path: Path) -> LocalMasterKeys:
    """The master keys of a file. Raises UnsafeKey where there is none, or one is too weak."""
    try:
        lines = path.read_text("ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UnsafeKey(
            f"ZORGSPOOR_MASTER_KEY_FILE: {path} cannot be read ({type(error).__name__}); personal data are sealed with it."
        ) from None
    if not lines:
        raise UnsafeKey(f"ZORGSPOOR_MASTER_KEY_FILE: {path} is empty; personal data are sealed with it.")
    return LocalMasterKeys(_secret(line, f"ZORGSPOOR_MASTER_KEY_FILE ({path})") for line in lines)


def _secret(text: str, name: str) -> bytes:
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != KEY_BYTES or len(set(secret)) < DISTINCT:
        raise UnsafeKey(f"{name} must hold {KEY_BYTES} random bytes in hexadecimal, as deploy/init-secrets makes them.")
    return secret


@cache
def _key_file(path: Path) -> KeyFile:
    return KeyFile(path)


def master_keys() -> MasterKeys:
    """Who wraps and unwraps data keys in this process."""
    return _key_file(settings().master_key_file)


@cache
def _index_key(text: str) -> IndexKey:
    return IndexKey(_secret(text.strip(), "ZORGSPOOR_INDEX_KEY"))


def index_key() -> IndexKey:
    """What finds persons by what is known of them."""
    return _index_key(settings().index_key.get_secret_value())


def check(chosen: Settings) -> None:
    """Raises UnsafeKey when personal data could not be sealed with these settings; says which one and what to do."""
    read(chosen.master_key_file)
    _index_key(chosen.index_key.get_secret_value())


def add_master_key(path: Path) -> None:
    """Put a new master key before those in the file. It is written in place: a container sees one file, whatever else takes its name."""
    known = path.read_bytes()
    with path.open("r+b") as file:
        file.write(os.urandom(KEY_BYTES).hex().encode() + b"\n" + known)
        file.flush()
        os.fsync(file.fileno())
