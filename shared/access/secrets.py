"""Which secrets a service may not start with: missing ones, those everybody knows, those that can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from shared.access.start import UnsafeStart, is_loopback
from shared.settings import SECRETS, Settings

KEY_BYTES = 32  # of what signs or encrypts
PASSWORD_CHARACTERS = 16
LEAST_DISTINCT = 8
EVERYBODYS = (
    "change",
    "changeme",
    "password",
    "passwd",
    "secret",
    "default",
    "example",
    "postgres",
    "admin",
    "zorgspoor",
    "test",
    "demo",
    "kafka",
)
LEAST_OTHERWISE = 8  # characters that are none of these words, no digits in a row and no punctuation
HOW = "Make it with ./zorgspoor init-secrets."


def check_secrets(chosen: Settings, services: Iterable[str], *, from_files: bool | None = None) -> None:
    """Raises UnsafeStart, naming the secret, unless every secret that these services need is there and hard to guess.

    A database or broker on this machine may trust whoever reaches it, as the embedded ones do; not where secrets come `from_files` (a container).
    """
    placed = SECRETS.is_dir() if from_files is None else from_files
    _check("token_key", chosen.token_key.get_secret_value(), KEY_BYTES)
    for service in services:
        _check_dsn(f"{service}_dsn", chosen, placed)
    _check_kafka(chosen, placed)


def _check_dsn(name: str, chosen: Settings, placed: bool) -> None:
    dsn = chosen.dsn(name.removesuffix("_dsn"))
    if not dsn or (placed and name not in chosen.model_fields_set):
        raise UnsafeStart(f"{_variable(name)} is missing: the login to the database. {HOW}")
    parts = urlsplit(dsn)
    if parts.password or placed or not is_loopback(dsn):
        password = unquote(parts.password or "")
        if password == parts.username:
            raise UnsafeStart(f"The password in {_variable(name)} is the name of its login. {HOW}")
        _check(name, password, PASSWORD_CHARACTERS, "The password in ")


def _check_kafka(chosen: Settings, placed: bool) -> None:
    here = all(is_loopback(f"kafka://{broker}") for broker in chosen.kafka.split(","))
    if chosen.kafka_user:
        _check("kafka_password", chosen.kafka_password.get_secret_value(), PASSWORD_CHARACTERS)
    elif placed or not here:
        raise UnsafeStart(
            f"{_variable('kafka_user')} is empty: brokers on a network must ask who somebody is. Name the user, and give its password."
        )


def _check(name: str, value: str, least: int, before: str = "") -> None:
    what = f"{before}{_variable(name)}"
    if not value.strip():
        raise UnsafeStart(f"{what} is empty. {HOW}")
    if len(value.encode()) < least:
        raise UnsafeStart(f"{what} is too short: at least {least} bytes of random text. {HOW}")
    if is_weak(value):
        raise UnsafeStart(f"{what} can be guessed. {HOW}")


def is_weak(value: str) -> bool:
    """Whether a secret is made of few characters, or of words that everybody tries first."""
    rest = value.lower()
    for word in sorted(EVERYBODYS, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = re.sub(r"[\W_]|0?123\d*", "", rest)
    return len(set(value)) < LEAST_DISTINCT or len(rest) < LEAST_OTHERWISE


def _variable(name: str) -> str:
    return f"ZORGSPOOR_{name.upper()}"
