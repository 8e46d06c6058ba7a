from __future__ import annotations

import pytest

from deploy.demo.identity.__main__ import check
from shared.access.start import UnsafeStart, check_start
from shared.settings import Settings


def settings_with(**values: object) -> Settings:
    return Settings.model_construct(
        **({"identity_issuer": "http://127.0.0.1:8090", "public_url": "http://127.0.0.1:8080", "demo": True} | values)
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "https://127.0.0.2"])
def test_the_demonstration_starts_on_this_machine(url: str) -> None:
    check_start(settings_with(public_url=url))


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
        check_start(settings_with(public_url=url))


def test_without_the_demonstration_another_address_needs_https() -> None:
    check_start(settings_with(demo=False, public_url="https://zorgspoor.example"))
    with pytest.raises(UnsafeStart, match="https"):
        check_start(settings_with(demo=False, public_url="http://zorgspoor.example"))


@pytest.mark.parametrize("issuer", ["http://identity.example", "http://10.0.0.1/realms/x", "ftp://identity.example"])
def test_who_somebody_is_is_never_told_unencrypted(issuer: str) -> None:
    with pytest.raises(UnsafeStart, match="ZORGSPOOR_IDENTITY_ISSUER"):
        check_start(settings_with(identity_issuer=issuer))
    check_start(settings_with(identity_issuer="https://identity.example"))


@pytest.mark.parametrize(
    "changed",
    [
        {"demo": False},
        {"identity_issuer": "https://identity.example"},
        {"identity_issuer": ""},
        {"public_url": "https://zorgspoor.example"},
    ],
)
def test_the_provider_of_the_demonstration_refuses_to_start_anywhere_else(changed: dict[str, object]) -> None:
    check(settings_with())
    with pytest.raises(UnsafeStart):
        check(settings_with(**changed))
