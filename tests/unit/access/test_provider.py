"""What is believed of a provider's description and answers, and where it is asked; signing in by it is in tests/integration/access."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from shared.access.provider import DISCOVERY, NoAnswer, NotTaken, Provider

ISSUER = "https://identity.example/realms/care"
DESCRIPTION = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


@asynccontextmanager
async def answering(status: bytes, body: Any, headers: bytes = b"") -> AsyncIterator[tuple[Provider, list[bytes]]]:
    """A provider that gives one answer to everything, and the first lines of what it was asked."""
    asked: list[bytes] = []
    content = body if isinstance(body, bytes) else orjson.dumps(body)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
        writer.write(
            b"HTTP/1.1 " + status + b"\r\nConnection: close\r\n" + headers + b"Content-Length: %d\r\n\r\n" % len(content) + content
        )
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield Provider(ISSUER, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "zorgspoor", ""), asked
    finally:
        server.close()
        await server.wait_closed()


async def test_a_provider_is_asked_where_the_services_reach_it_and_believed_when_it_is_the_one_of_the_settings() -> None:
    async with answering(b"200 OK", DESCRIPTION) as (provider, asked):
        assert (await provider.endpoints()).token == f"{ISSUER}/token"
    assert asked == [b"GET " + DISCOVERY.encode() + b" HTTP/1.1"]


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"issuer": f"{ISSUER}/"},
        {"issuer": ISSUER.upper()},
        {"issuer": [ISSUER]},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": 7},
    ],
    ids=str,
)
async def test_a_description_of_another_provider_or_half_a_one_is_not_believed(changed: dict[str, Any]) -> None:
    async with answering(b"200 OK", DESCRIPTION | changed) as (provider, _):
        with pytest.raises(NoAnswer):
            await provider.endpoints()


@pytest.mark.parametrize("status", [b"301 Moved Permanently", b"302 Found", b"307 Temporary Redirect", b"308 Permanent Redirect"])
async def test_a_provider_is_not_followed_to_another_address(status: bytes) -> None:
    async with answering(status, DESCRIPTION, b"Location: /elsewhere\r\n") as (provider, asked):
        with pytest.raises(NoAnswer):
            await provider.endpoints()
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (b"400 Bad Request", b"{}", NotTaken),
        (b"500 Oops", b"{}", NoAnswer),
        (b"200 OK", b"<html>", NoAnswer),
        (b"200 OK", [DESCRIPTION], NoAnswer),
        (b"200 OK", DESCRIPTION | {"filler": "x" * 600_000}, NoAnswer),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_cannot_be_used_is_no_answer(status: bytes, body: Any, error: type[Exception]) -> None:
    async with answering(status, body) as (provider, _):
        with pytest.raises(error):
            await provider.endpoints()


async def test_a_browser_is_sent_with_state_nonce_and_challenge_and_with_nothing_of_ours() -> None:
    async with answering(b"200 OK", DESCRIPTION) as (provider, _):
        asking = {"back": "https://zorgspoor.example/sign-in/back", "state": "s", "nonce": "n", "challenge": "c", "longest": 43_200}
        url = await provider.authorize_url(**asking)  # type: ignore[arg-type]
        again = await provider.authorize_url(**asking, again=True)  # type: ignore[arg-type]
        strong = await provider.authorize_url(**asking, strengths="high substantial")  # type: ignore[arg-type]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{ISSUER}/authorize?")
    assert (asked["response_type"], asked["code_challenge_method"], asked["code_challenge"]) == ("code", "S256", "c")
    assert (asked["state"], asked["nonce"], asked["client_id"]) == ("s", "n", "zorgspoor")
    assert (asked["max_age"], asked.get("acr_values")) == ("43200", None)
    asked_again = parse_qs(urlsplit(again).query)
    assert ("prompt" in asked, asked_again["prompt"], asked_again["max_age"]) == (False, ["login"], ["0"])
    assert parse_qs(urlsplit(strong).query)["acr_values"] == ["high substantial"]
