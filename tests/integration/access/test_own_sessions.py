"""A person sees where they are signed in, and ends one of their sessions or all others; nobody else's."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from shared.access import browsers
from shared.access.personas import PERSONAS, PRACTICE
from tests.integration.access.rig import Browser, Door, grow_older, rows

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"


async def signed_in(browser: Browser, persona: str, user_agent: str) -> None:
    browser.home.headers["user-agent"] = user_agent
    await browser.choose(persona)


async def of(persona: str) -> list[UUID]:
    """The ids of somebody's sessions in the order in which they began."""
    found = sorted((row["started_at"], row["id"]) for row in await rows("sessions") if row["person_id"] == PERSONAS[persona].id)
    return [id for _, id in found]


async def test_one_sees_the_own_sessions_with_this_one_marked_and_nobody_elses(door: Door) -> None:
    async with door.browser() as here, door.browser() as there, door.browser() as other:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        await signed_in(other, "zone-lead", FIREFOX)
        page = (await here.home.get("/sessions")).text
        first, second = await of("ops")
        assert [page.count(f"<strong>{name}</strong>") for name in ("Firefox", "Safari")] == [1, 1]
        assert page.index("Firefox") < page.index(">hier<") < page.index("Safari"), "this one first, and marked"
        assert f"/sessions/{second}/end" in page
        assert f"/sessions/{first}/end" not in page, "this one is signed out of by its own button"
        assert str((await of("zone-lead"))[0]) not in page
        assert "rv:140" not in str(await rows("sessions")), "the family and no more"
        assert 'href="/sessions"' in page, "it stands in the menu of the person"
        await grow_older(timedelta(minutes=31))
        assert (await other.home.get("/sessions")).status_code == 401


async def test_one_that_ended_by_itself_is_not_listed(door: Door) -> None:
    async with door.browser() as here, door.browser() as there:
        await signed_in(there, "ops", SAFARI)
        await grow_older(timedelta(minutes=31))
        await signed_in(here, "ops", FIREFOX)
        page = (await here.home.get("/sessions")).text
    assert ("Firefox" in page, "Safari" in page, "behalve hier" in page) == (True, False, False)


async def test_one_ends_one_of_them_and_it_is_audited(door: Door) -> None:
    async with door.browser() as here, door.browser() as there, door.browser() as third:
        for browser in (here, there, third):
            await signed_in(browser, "ops", FIREFOX)
        _, ended, _ = await of("ops")
        answer = await here.send(f"/sessions/{ended}/end")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sessions?beeindigd")
        assert [(await browser.home.get("/intake/api/zones")).status_code for browser in (here, there, third)] == [200, 401, 200]
        assert "Daar bent u uitgelogd." in (await here.home.get("/sessions?beeindigd")).text
        assert (await here.send(f"/sessions/{ended}/end")).status_code == 404
    (told,) = [row for row in await rows("audit") if row["action"] == "sessions.end"]
    assert (told["subject_id"], told["actor_id"]) == (ended, PERSONAS["ops"].id)


async def test_one_ends_all_others_and_stays_here(door: Door) -> None:
    async with door.browser() as here, door.browser() as there, door.browser() as third, door.browser() as other:
        for browser in (here, there, third):
            await signed_in(browser, "ops", FIREFOX)
        await signed_in(other, "zone-lead", FIREFOX)
        await here.send("/sessions/others/end")
        statuses = [(await browser.home.get("/intake/api/zones")).status_code for browser in (here, there, third, other)]
        assert statuses == [200, 401, 401, 200]
    assert len([row for row in await rows("audit") if row["action"] == "sessions.end"]) == 2


async def test_nobody_ends_a_session_of_somebody_else_nor_without_the_word_of_the_form(door: Door) -> None:
    async with door.browser() as mine, door.browser() as theirs, door.browser() as nobody:
        await signed_in(mine, "ops", FIREFOX)
        await signed_in(theirs, "zone-lead", SAFARI)
        (foreign,) = await of("zone-lead")
        (own,) = await of("ops")
        assert (await mine.send(f"/sessions/{foreign}/end")).status_code == 404
        assert (await mine.send(f"/sessions/{own}/end")).status_code == 404, "that is signing out"
        for path in (f"/sessions/{foreign}/end", "/sessions/others/end"):
            assert (await theirs.home.post(path, data={"a": "1"})).status_code == 403
            assert (await nobody.send(path)).status_code in (401, 403)
        assert (await nobody.home.get("/sessions")).status_code == 401
    assert len(await rows("sessions")) == 2


OLD = timedelta(minutes=11)
FIRST = "Opnieuw inloggen"


@pytest.mark.parametrize("path", ["/sessions/{other}/end", "/sessions/others/end"])
async def test_who_signed_in_long_ago_shows_first_who_they_are(door: Door, path: str) -> None:
    async with door.browser() as here, door.browser() as there:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        own, other = await of("ops")
        path = path.format(other=other)
        page = (await here.home.get("/sessions")).text
        assert (path in page, FIRST in page) == (True, False)
        await grow_older(OLD, "shown_at")
        page = (await here.home.get("/sessions")).text
        assert (path in page, FIRST in page, "/sign-in/again?next=%2Fsessions" in page) == (False, True, True)
        assert 'action="/sign-out"' in page, "here one may always"
        answer = await here.send(path)  # of a page that stayed open
        assert (answer.status_code, answer.headers["location"]) == (303, "/sessions")
        assert await of("ops") == [own, other]
        before = here.secret
        back = await here.show_again("ops")
        assert (back.status_code, back.headers["location"]) == (303, "/sessions")
        assert here.secret != before
        assert (await there.home.get("/intake/api/zones", headers={"Authorization": f"Bearer {before}"})).status_code == 401
        assert await of("ops") == [own, other], "the session goes on"
        assert (await here.send(path)).headers["location"] == "/sessions?beeindigd"
        assert await of("ops") == [own]
    shown = [row for row in await rows("audit") if row["action"] == "sessions.renew"]
    assert [(row["subject_id"], row["actor_id"], row["outcome"]) for row in shown] == [(own, PERSONAS["ops"].id, "done")]


async def test_who_worked_for_one_of_several_organisations_still_does_after_showing_who_they_are(door: Door) -> None:
    async with door.browser() as browser:
        await browser.choose("sender")
        await browser.send("/organisation", organisation=str(PRACTICE), next="/")
        back = await browser.show_again("sender", back="/intake/own?a=1")
        assert back.headers["location"] == "/intake/own?a=1"
        assert UUID((await browser.asks())["organisation"]) == PRACTICE


async def test_a_session_is_as_fresh_as_the_provider_says_that_somebody_signed_in(door: Door, telling: Callable[..., None]) -> None:
    telling(auth_time=int(time.time()) - 3_600)  # known there since then, and asked nothing now
    async with door.browser() as here, door.browser() as there:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        assert FIRST in (await here.home.get("/sessions")).text
        await here.send("/sessions/others/end")
    assert len(await of("ops")) == 2


@pytest.mark.parametrize(
    "said", [{"auth_time": int(time.time()) - 300}, {"auth_time": None}, {"auth_time": 0}], ids=["long ago", "unsaid", "never"]
)
async def test_a_provider_that_asked_nobody_anew_is_not_believed_and_one_is_told_what_to_do(
    door: Door, telling: Callable[..., None], said: dict[str, Any]
) -> None:
    async with door.browser() as here, door.browser() as there:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        await grow_older(OLD, "shown_at")
        before = await rows("sessions")
        telling(**said)
        answer = await here.show_again("ops")
        assert answer.status_code in (400, 403)
        if said["auth_time"] != 0:  # older than any sign-in may be, which is refused as such
            assert (answer.status_code, "Log uit, ook bij die dienst, en log dan weer in." in answer.text) == (403, True)
            assert 'action="/sign-out"' in answer.text
            refusals = [row for row in await rows("audit") if row["action"] == "sign_ins.finish"]
            assert [(row["outcome"], row["actor_id"], row["subject_id"]) for row in refusals] == [
                ("not_again", PERSONAS["ops"].id, (await of("ops"))[0])
            ]
        assert [row["shown_at"] for row in await rows("sessions")] == [row["shown_at"] for row in before]
        await here.send("/sessions/others/end")
        assert (await here.home.get("/intake/api/zones")).status_code == 200
    assert len(await of("ops")) == 2


async def test_somebody_else_cannot_show_it_for_another(door: Door) -> None:
    async with door.browser() as here, door.browser() as there:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        await grow_older(OLD, "shown_at")
        answer = await here.show_again("zone-lead")
        assert (answer.status_code, "Dat was een andere naam" in answer.text) == (403, True)
        assert UUID((await here.asks())["id"]) == PERSONAS["ops"].id, "who is signed in stays it"
        await here.send("/sessions/others/end")
    assert (len(await of("ops")), await of("zone-lead")) == (2, [])
    refusals = [row for row in await rows("audit") if row["action"] == "sign_ins.finish"]
    assert [(row["outcome"], row["subject_id"]) for row in refusals] == [("somebody_else", (await of("ops"))[0])]


async def test_who_has_other_rights_by_now_does_not_go_on_with_the_old_ones(door: Door, telling: Callable[..., None]) -> None:
    async with door.browser() as here:
        await signed_in(here, "ops", FIREFOX)
        (before,) = await of("ops")
        telling(zorgspoor=[{"organisation": str(PRACTICE), "organisation_name": "Praktijk", "roles": ["sender"], "zones": []}])
        await here.show_again("ops")
        assert (await here.asks())["roles"] == ["sender"]
        assert before not in await of("ops")


async def test_who_has_no_role_any_more_is_signed_out(door: Door, telling: Callable[..., None]) -> None:
    async with door.browser() as here:
        await signed_in(here, "ops", FIREFOX)
        telling(zorgspoor=[])
        assert (await here.show_again("ops")).status_code == 403
        assert (await here.home.get("/intake/api/people")).status_code == 401
    assert await of("ops") == []


async def test_what_ended_meanwhile_does_not_go_on(door: Door) -> None:
    async with door.browser() as here:
        await signed_in(here, "ops", FIREFOX)
        where = await here.return_address("ops", "/sessions", "/sign-in/again")
        await here.send("/sign-out")
        assert (await here.home.get(where)).status_code == 403
        assert here.secret is None
    assert await rows("sessions") == []


async def test_signing_out_never_asks_and_everywhere_ends_here_at_least(door: Door) -> None:
    async with door.browser() as here, door.browser() as there:
        await signed_in(here, "ops", FIREFOX)
        await signed_in(there, "ops", SAFARI)
        await grow_older(OLD, "shown_at")
        answer = await here.send("/sign-out/everywhere")
        assert (answer.status_code, answer.headers["location"], here.secret) == (303, "/sign-out/done?elders", None)
        assert 'href="/sign-in?again&amp;next=/sessions"' in (await here.home.get("/sign-out/done?elders")).text
        assert 'href="/sign-in?again&amp;next=/sessions"' not in (await here.home.get("/sign-out/done")).text
        way = await here.home.get("/sign-in?again&next=/sessions")
        assert parse_qs(urlsplit(way.headers["location"]).query)["prompt"] == ["login"], (
            "who is known there would come back as stale as before"
        )
        assert len(await of("ops")) == 1
        await there.send("/sign-out")
    assert await of("ops") == []


async def test_only_who_is_signed_in_shows_it_again_and_no_other_site_makes_them(door: Door) -> None:
    async with door.browser() as browser:
        assert (await browser.home.get("/sign-in/again?next=/sessions")).status_code == 401
        await signed_in(browser, "ops", FIREFOX)
        page = await browser.home.get("/sign-in/again?next=/sessions", headers={"Sec-Fetch-Site": "cross-site"})
        assert (page.status_code, 'href="/sign-in/again?next=/sessions"' in page.text) == (200, True)
        answer = await browser.home.get("/sign-in/again?next=https://evil.example")
        assert parse_qs(urlsplit(answer.headers["location"]).query)["prompt"] == ["login"]
    assert {row["back"] for row in await rows("sign_ins")} == {"/"}


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        (FIREFOX, "Firefox"),
        (SAFARI, "Safari"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet",
        ),
        ("Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox"),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_known_by_its_family_only(user_agent: str, family: str) -> None:
    assert browsers.family(user_agent) == family
