from __future__ import annotations

import asyncio

import pytest

from deploy.demo.identity.signing import Signer
from shared.access.signing_keys import IssuerKeys, NoKeys, read_keys

OLD, NEW = Signer.new("https://a.example"), Signer.new("https://a.example")


class Issuer:
    """Publishes what a test says, counts how often it is asked, and has a clock."""

    def __init__(self, published: str | Exception) -> None:
        self.published = published
        self.asked = 0
        self.now = 1_000.0

    async def ask(self) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if isinstance(self.published, Exception):
            raise self.published
        return self.published.encode()

    def keys(self) -> IssuerKeys:
        return IssuerKeys(self.ask, lambda: self.now)


async def test_keys_are_asked_once_an_hour_however_many_tokens_come() -> None:
    issuer = Issuer(OLD.jwks)
    keys = issuer.keys()
    assert all(await asyncio.gather(*[keys.find(OLD.kid) for _ in range(50)]))
    issuer.now += 3_599
    assert await keys.find(OLD.kid)
    assert issuer.asked == 1
    issuer.now += 2
    assert await keys.find(OLD.kid)
    assert issuer.asked == 2


async def test_an_unknown_key_is_asked_for_at_most_once_a_minute() -> None:
    issuer = Issuer(OLD.jwks)
    keys = issuer.keys()
    await keys.find(OLD.kid)
    for _ in range(1_000):
        assert await keys.find("made up") is None
    assert issuer.asked == 1
    issuer.now += 60
    await asyncio.gather(*[keys.find(f"made up {number}") for number in range(100)])
    assert issuer.asked == 2


async def test_a_new_key_of_the_issuer_is_found_and_an_old_one_is_gone() -> None:
    issuer = Issuer(OLD.jwks)
    keys = issuer.keys()
    await keys.find(OLD.kid)
    issuer.published = NEW.jwks
    issuer.now += 61
    assert await keys.find(NEW.kid)
    assert await keys.find(OLD.kid) is None


@pytest.mark.parametrize("answer", [OSError("away"), "<html>", '{"keys": 7}', "[]"])
async def test_an_issuer_that_is_away_is_done_without_for_a_day(answer: str | Exception) -> None:
    issuer = Issuer(OLD.jwks)
    keys = issuer.keys()
    await keys.find(OLD.kid)
    issuer.published = answer
    issuer.now += 4_000
    assert await keys.find(OLD.kid)
    assert issuer.asked == 2
    issuer.now += 86_400
    with pytest.raises(NoKeys):
        await keys.find(OLD.kid)


async def test_an_issuer_that_does_not_answer_at_first_refuses_nobody_and_is_asked_again_soon() -> None:
    issuer = Issuer(OSError("away"))
    keys = issuer.keys()
    for _ in range(100):
        with pytest.raises(NoKeys):
            await keys.find(OLD.kid)
    assert issuer.asked == 1
    issuer.published = OLD.jwks
    issuer.now += 2
    assert await keys.find(OLD.kid)


def test_only_so_many_keys_are_read() -> None:
    many = '{"keys": [' + ",".join(['{"kty": "EC", "kid": "x"}'] * 100_000) + "]}"
    assert read_keys(many) == {}
