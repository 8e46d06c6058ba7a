from __future__ import annotations

import pytest
from pydantic import SecretStr

from shared.access.start import UnsafeStart, check_demo
from shared.settings import Settings
from tests.unit.access.conftest import KEY


def settings_with(**values: object) -> Settings:
    return Settings.model_construct(**({"token_key": SecretStr(KEY), "public_url": "http://127.0.0.1:8080", "demo": True} | values))


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "https://127.0.0.2"])
def test_the_demonstration_starts_on_this_machine(url: str) -> None:
    check_demo(settings_with(public_url=url))


@pytest.mark.parametrize(
    "url",
    [
        "https://zorgspoor.example",
        "http://192.168.1.4:8080",
        "http://0.0.0.0:8080",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "",
    ],
)
def test_the_demonstration_refuses_any_other_address(url: str) -> None:
    with pytest.raises(UnsafeStart, match="ZORGSPOOR_DEMO"):
        check_demo(settings_with(public_url=url))


def test_without_the_demonstration_another_address_needs_https() -> None:
    check_demo(settings_with(demo=False, public_url="https://zorgspoor.example"))
    with pytest.raises(UnsafeStart, match="https"):
        check_demo(settings_with(demo=False, public_url="http://zorgspoor.example"))


@pytest.mark.parametrize("key", ["", "x" * 31])
def test_a_missing_or_weak_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(UnsafeStart, match="ZORGSPOOR_TOKEN_KEY") as refused:
        check_demo(settings_with(token_key=SecretStr(key)))
    assert not key or key not in str(refused.value)
