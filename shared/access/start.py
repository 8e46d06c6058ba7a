"""Which settings a process may not start with, because sessions or personas would be anyone's."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from shared.settings import Settings


class UnsafeStart(ValueError):
    """The settings would let anyone in, or send sessions over the network in the clear; nothing is started with them."""


def check_start(chosen: Settings) -> None:
    """Raises UnsafeStart when a process must not start with these settings; says which setting and what to do."""
    if chosen.demo and not is_loopback(chosen.public_url):
        raise UnsafeStart(
            f"ZORGSPOOR_DEMO is on and ZORGSPOOR_PUBLIC_URL is {chosen.public_url}: on the demonstration's sign-in page anyone can be anyone. "
            "Use an address of this machine only, as http://127.0.0.1:8080, or turn the demonstration off."
        )
    if not chosen.public_url.startswith("https://") and not is_loopback(chosen.public_url):
        raise UnsafeStart(f"ZORGSPOOR_PUBLIC_URL is {chosen.public_url}: sessions would travel unencrypted. Use https.")
    issuer = chosen.identity_issuer
    if issuer and not issuer.startswith("https://") and not is_loopback(issuer):
        raise UnsafeStart(f"ZORGSPOOR_IDENTITY_ISSUER is {issuer}: who somebody is would be told unencrypted. Use https.")


def is_loopback(url: str) -> bool:
    """Whether an address is of this machine only."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # what no browser would send as its Host
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
