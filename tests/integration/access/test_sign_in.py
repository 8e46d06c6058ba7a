"""People sign in at a provider, choose an organisation, and are signed out; on a real database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit
from uuid import UUID

import pytest
from click.testing import CliRunner
from structlog.testing import CapturingLogger

from shared.access import sessions
from shared.access.database import connected, hashed
from shared.access.personas import DOCTORS_AALTER, PERSONAS, PRACTICE
from shared.settings import settings
from shared.web import sign_in
from tests.integration.access.rig import Door, Forms, forget, grow_older, rows

LEAD, SENDER = PERSONAS["zone-lead"], PERSONAS["sender-brussels"]


async def test_a_persona_signs_in_and_comes_back_to_where_one_was(door: Door) -> None:
    async with door.browser() as browser:
        answer = await browser.choose("sender-brussels", back="/intake/own?a=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/own?a=1")
        cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("zorgspoor_session="))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie
        assert UUID((await browser.asks())["id"]) == SENDER.id
        assert (await browser.get("/intake/own")).status_code == 200
        (row,) = await rows("sessions")
        assert row["secret_hash"] == hashed(browser.secret or "")
        assert str(browser.secret) not in str(row)
        assert "eyJ" not in f"{answer.headers} {answer.text} {row}", "the provider's tokens go no further"


async def test_over_https_the_cookie_is_bound_to_the_host(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async with door.browser() as browser:
        where = await browser.return_address("ops")
        attempt = browser.home.cookies["zorgspoor_session_attempt"]
        monkeypatch.setattr("shared.web.sign_in._secure", lambda: True)
        monkeypatch.setattr("shared.web.sign_in.cookie_name", lambda _: "__Host-zorgspoor")
        answer = await browser.home.get(where, cookies={"__Host-zorgspoor_attempt": attempt})
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-zorgspoor="))
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", ""])
async def test_one_never_comes_back_somewhere_else(door: Door, back: str) -> None:
    async with door.browser() as browser:
        assert (await browser.choose("ops", back=back)).headers["location"] == "/"


async def test_an_attempt_works_once(door: Door) -> None:
    async with door.browser() as browser:
        where = await browser.return_address("ops")
        attempt = browser.home.cookies["zorgspoor_session_attempt"]
        assert (await browser.home.get(where)).status_code == 303
        browser.home.cookies.set("zorgspoor_session_attempt", attempt)
        assert (await browser.home.get(where)).status_code == 400
        assert len(await rows("sessions")) == 1


async def test_another_browser_cannot_finish_an_attempt(door: Door) -> None:
    async with door.browser() as one, door.browser() as other:
        where = await one.return_address("ops")
        await other.home.get("/sign-in")
        answer = await other.home.get(where)
        assert answer.status_code == 400
        assert "Inloggen is niet gelukt" in answer.text
        assert other.secret is None
        assert await rows("sessions") == []


@pytest.mark.parametrize("changed", [{"state": "made up"}, {"code": "made up"}, {"state": None}, {"code": None, "error": "access_denied"}])
async def test_what_comes_back_changed_signs_nobody_in(door: Door, changed: dict[str, str | None]) -> None:
    async with door.browser() as browser:
        parts = urlsplit(await browser.return_address("ops"))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
        sent = urlencode({name: value for name, value in query.items() if value is not None})
        answer = await browser.home.get(urlunsplit(parts._replace(query=sent)))
        assert answer.status_code == 400
        assert browser.secret is None


NOW = int(time.time())


@pytest.mark.parametrize("said", [{}, {"auth_time": NOW - 3_600}, {"azp": None}, {"acr": "whatever"}], ids=str)
async def test_an_id_token_for_this_attempt_signs_somebody_in(door: Door, telling: Callable[..., None], said: dict[str, Any]) -> None:
    telling(**said)
    async with door.browser() as browser:
        assert (await browser.choose("ops")).status_code == 303


@pytest.mark.parametrize(
    "said",
    [
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["zorgspoor", "another-client"], "azp": "another-client"},
        {"iss": "https://evil.example"},
        {"exp": NOW - 120},
        {"sub": None},
        {"auth_time": NOW - 13 * 3_600},
        {"typ": "at+jwt"},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_attempt_signs_nobody_in(
    door: Door, telling: Callable[..., None], said: dict[str, Any]
) -> None:
    telling(**said)
    async with door.browser() as browser:
        assert (await browser.choose("ops")).status_code == 400
        assert browser.secret is None
    assert await rows("sessions") == []


@pytest.mark.parametrize(("acr", "status"), [("high", 303), ("substantial", 303), ("low", 400), (None, 400)])
async def test_where_the_settings_ask_it_one_must_have_signed_in_strongly(
    door: Door, telling: Callable[..., None], monkeypatch: pytest.MonkeyPatch, acr: str | None, status: int
) -> None:
    monkeypatch.setenv("ZORGSPOOR_IDENTITY_ACR", "high substantial")
    settings.cache_clear()
    telling(acr=acr)
    async with door.browser() as browser:
        assert "acr_values=high+substantial" in (await browser.home.get("/sign-in")).headers["location"]
        assert (await browser.choose("ops")).status_code == status


async def test_another_site_signs_nobody_in_without_a_click_here(door: Door) -> None:
    async with door.browser() as browser:
        page = await browser.home.get("/sign-in?next=/intake/own", headers={"Sec-Fetch-Site": "cross-site"})
        assert page.status_code == 200
        assert 'href="/sign-in?next=/intake/own"' in page.text
        assert "set-cookie" not in page.headers
        assert await rows("sign_ins") == []
        for own in ("same-origin", "none"):
            assert (await browser.home.get("/sign-in?next=/intake/own", headers={"Sec-Fetch-Site": own})).status_code == 303


async def test_signing_in_and_out_is_logged_and_so_is_what_came_to_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    logger = CapturingLogger()
    monkeypatch.setattr(sign_in, "log", logger)
    async with door.browser() as browser:
        await browser.choose("zone-lead")
        await browser.send("/sign-out")
        await browser.home.get(await browser.return_address("ops") + "x", params={"state": "made up"})
    who = str(LEAD.id)
    assert [(call.args[0], call.kwargs) for call in logger.calls] == [
        ("signed in", {"who": who, "by": "provider", "again": False}),
        ("signed out", {"who": who, "everywhere": False}),
        ("sign-in refused", {"reason": "no such attempt"}),
    ]


async def test_a_person_has_ten_sessions_at_most_and_the_one_unused_longest_ends(door: Door) -> None:
    async with door.browser() as first, door.browser() as other:
        await first.choose("ops")
        await other.choose("zone-lead")
        await grow_older(timedelta(minutes=5))
        for _ in range(sessions.MOST):
            async with door.browser() as browser:
                await browser.choose("ops")
        assert (await first.home.get("/intake/api/zones")).status_code == 401
        assert (await other.home.get("/intake/api/zones")).status_code == 200
        assert len(await rows("sessions")) == sessions.MOST + 1


def test_commands_end_the_sessions_of_one_person_and_of_everybody(door: Door) -> None:
    import asyncio

    from services.cli import main

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["sessions", *words])
        assert done.exit_code == 0, done.output
        forget()
        return done.output.strip()

    async def of_two() -> list[str | None]:
        async with door.browser() as one, door.browser() as two:
            await one.choose("ops")
            await two.choose("zone-lead")
            return [one.secret, two.secret]

    async def status(secret: str | None) -> int:
        async with door.browser() as browser:
            return (await browser.home.get("/intake/api/zones", headers={"Authorization": f"Bearer {secret}"})).status_code

    ops, lead = asyncio.run(of_two())
    assert run("end", str(PERSONAS["ops"].id)) == "1 ended"
    assert [asyncio.run(status(secret)) for secret in (ops, lead)] == [401, 200]
    assert run("end-all") == "1 ended"
    assert asyncio.run(status(lead)) == 401


async def test_an_attempt_ends_after_ten_minutes(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async with door.browser() as browser:
        with monkeypatch.context() as patch:
            patch.setattr("shared.access.sign_ins.LIFE", timedelta(seconds=-1))
            where = await browser.return_address("ops")
        assert (await browser.home.get(where)).status_code == 400
        assert browser.secret is None


async def test_a_new_sign_in_ends_the_session_the_browser_had(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        before = browser.secret
        await browser.choose("zone-lead")
        assert browser.secret != before
        browser.home.cookies.set("zorgspoor_session", before or "", domain="127.0.0.1", path="/")
        browser.home.cookies.clear()
        answer = await browser.home.get("/intake/api/zones", headers={"Cookie": f"zorgspoor_session={before}"})
        assert answer.status_code == 401
        assert len(await rows("sessions")) == 1


async def test_a_session_that_an_attacker_chose_is_never_taken_up(door: Door) -> None:
    async with door.browser() as browser:
        browser.home.cookies.set("zorgspoor_session", f"{sessions.PREFIX}chosen-by-somebody", domain="127.0.0.1", path="/")
        await browser.choose("ops")
        assert {row["secret_hash"] for row in await rows("sessions")}.isdisjoint({hashed(f"{sessions.PREFIX}chosen-by-somebody")})


async def test_with_two_organisations_one_chooses_and_can_change_it(door: Door) -> None:
    async with door.browser() as browser:
        answer = await browser.choose("sender")
        assert answer.headers["location"] == "/organisation?next=%2Fintake%2Fown"
        assert (await browser.asks())["roles"] == []
        assert (await browser.get("/intake/own")).headers["location"] == "/organisation?next=%2Fintake%2Fown"
        page = await browser.get("/organisation?next=/intake/own")
        assert {value for name, value in Forms(page.text).buttons if name == "organisation"} == {str(PRACTICE), str(DOCTORS_AALTER)}
        secrets = [browser.secret]
        for organisation in (DOCTORS_AALTER, PRACTICE):
            answer = await browser.send("/organisation", organisation=str(organisation), next="/intake/own")
            assert (answer.status_code, answer.headers["location"]) == (303, "/intake/own")
            assert UUID((await browser.asks())["organisation"]) == organisation
            assert (await browser.asks())["roles"] == ["sender"]
            secrets.append(browser.secret)
        assert len(set(secrets)) == 3, "a new secret with each change"
        assert 'href="/organisation"' in (await browser.get("/intake/own")).text
        assert len(await rows("sessions")) == 1


@pytest.mark.parametrize("organisation", ["dede0000-0000-4000-8000-000000000102", "nonsense", ""])
async def test_an_organisation_one_does_not_belong_to_cannot_be_chosen(door: Door, organisation: str) -> None:
    async with door.browser() as browser:
        await browser.choose("sender")
        assert (await browser.send("/organisation", organisation=organisation, next="/")).status_code == 404
        assert (await browser.asks())["roles"] == []


async def test_signing_out_ends_the_session_for_every_process(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        secret = browser.secret
        answer = await browser.send("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-out/done")
        assert browser.secret is None
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        page = await browser.get("/sign-out/done")
        assert "U bent uitgelogd" in page.text
        assert f"{settings().identity_issuer}/end-session?" in page.text
        forget()
        assert (await browser.home.get("/intake/api/zones", headers={"Authorization": f"Bearer {secret}"})).status_code == 401


async def test_signing_out_everywhere_ends_the_sessions_of_all_browsers_of_that_person(door: Door) -> None:
    async with door.browser() as one, door.browser() as two, door.browser() as other:
        await one.choose("ops")
        await two.choose("ops")
        await other.choose("zone-lead")
        await one.send("/sign-out/everywhere")
        assert (await two.home.get("/intake/api/zones")).status_code == 401
        assert (await other.asks())["id"] == str(LEAD.id)


async def test_what_another_process_ended_works_five_seconds_at_most(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        await browser.asks()
        async with connected() as connection:
            await connection.execute("delete from sessions")
        now = time.monotonic()
        monkeypatch.setattr("shared.access.sessions.time.monotonic", lambda: now + 4.9)
        assert (await browser.home.get("/intake/api/zones")).status_code == 200
        monkeypatch.setattr("shared.access.sessions.time.monotonic", lambda: now + 5.1)
        assert (await browser.home.get("/intake/api/zones")).status_code == 401


@pytest.mark.parametrize(
    ("passed", "column", "status"),
    [
        (timedelta(minutes=29), "used_at", 200),
        (timedelta(minutes=31), "used_at", 401),
        (timedelta(hours=11), "ends_at", 200),
        (timedelta(hours=13), "ends_at", 401),
    ],
)
async def test_a_session_ends_after_half_an_hour_unused_and_twelve_hours_in_all(
    door: Door, passed: timedelta, column: str, status: int
) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        await grow_older(passed, column)
        assert (await browser.home.get("/intake/api/zones")).status_code == status


async def test_using_a_session_keeps_it_alive(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        for _ in range(3):
            await grow_older(timedelta(minutes=20))
            assert (await browser.home.get("/intake/api/zones")).status_code == 200


async def test_using_a_session_keeps_it_alive_while_a_page_refreshes_itself(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        for _ in range(3):
            await grow_older(timedelta(minutes=20))
            for refreshed in ({"X-Refresh": "1"}, {}):
                assert (await browser.home.get("/intake/api/zones", headers=refreshed)).status_code == 200


async def test_what_has_ended_is_deleted_in_time(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        await grow_older(timedelta(hours=13), "ends_at")
        await browser.choose("zone-lead")
        assert [row["person_id"] for row in await rows("sessions")] == [LEAD.id]
        assert await rows("sign_ins") == []


async def test_while_sessions_cannot_be_read_nobody_is_told_that_they_are_not_signed_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with door.browser() as browser:
        await browser.choose("ops")
        forget()
        monkeypatch.setenv("ZORGSPOOR_ACCESS_DSN", "postgresql://nobody@127.0.0.1:1/access")
        settings.cache_clear()
        for path in ("/intake/api/zones", "/intake/own", "/intake/nothing"):
            answer = await browser.home.get(path)
            assert answer.status_code == (404 if path.endswith("nothing") else 503), path
