"""Signing in with a real Keycloak 26 and the realm of deploy/keycloak.

Runs where one is: `ZORGSPOOR_TEST_KEYCLOAK` is the address of a running one (as the compose profile `keycloak` has it), with the password of its
personas in `ZORGSPOOR_TEST_KEYCLOAK_PASSWORD`; or `KEYCLOAK_HOME` is the folder of an unpacked distribution, which is then started. Skipped elsewhere.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.embedded import processes
from shared.access import provider
from shared.access.personas import DOCTORS_AALTER, PERSONAS, PRACTICE
from shared.settings import settings
from tests.databases import ROOT, Databases
from tests.integration.access.rig import HOME, Browser, Door, a_door

PASSWORD = "of-this-test-only-7f3a"
START_SECONDS = 600  # it builds itself first


@pytest.fixture(scope="module")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The issuer, and the password of its personas."""
    if "ZORGSPOOR_TEST_KEYCLOAK" in os.environ:
        yield f"{os.environ['ZORGSPOOR_TEST_KEYCLOAK']}/realms/zorgspoor", os.environ["ZORGSPOOR_TEST_KEYCLOAK_PASSWORD"]
        return
    if "KEYCLOAK_HOME" not in os.environ:
        pytest.skip("no Keycloak here: neither ZORGSPOOR_TEST_KEYCLOAK nor KEYCLOAK_HOME is set")
    home, port = tmp_path_factory.mktemp("keycloak") / "home", processes.free_port()
    shutil.copytree(os.environ["KEYCLOAK_HOME"], home)
    (home / "data" / "import").mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "deploy" / "keycloak" / "realm.json", home / "data" / "import")
    address, log = f"http://127.0.0.1:{port}", home / "keycloak.log"
    words = ["start-dev", "--import-realm", "--http-host=127.0.0.1", f"--http-port={port}", f"--hostname={address}"]
    environment = os.environ | {"KEYCLOAK_PERSONAS_PASSWORD": PASSWORD, "JAVA_OPTS_APPEND": "-XX:TieredStopAtLevel=1"}
    with log.open("wb") as output:
        child = subprocess.Popen([home / "bin" / "kc.sh", *words], env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        processes.until(lambda: _answers(address), child, name="Keycloak", log=log, seconds=START_SECONDS)
        yield f"{address}/realms/zorgspoor", PASSWORD
    finally:
        child.terminate()
        child.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address + "/realms/zorgspoor" + provider.DISCOVERY, trust_env=False, timeout=5).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture
async def keycloak_door(keycloak: tuple[str, str], databases: Databases, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    values = {"identity_issuer": keycloak[0], "identity_keys": ""}
    async with a_door(await databases.fresh("access"), values, monkeypatch) as door:
        yield door


async def sign_in(browser: Browser, persona: str, password: str) -> tuple[httpx.Response, str]:
    """Through Keycloak's own page; the answer of Zorgspoor."""
    begun = await browser.home.get("/sign-in", params={"next": "/intake/own"})
    page = await browser.away.get(begun.headers["location"])
    assert page.status_code == 200, page.text
    action = unescape(page.text.partition('id="kc-form-login"')[2].partition('action="')[2].partition('"')[0])
    # Keycloak's cookies are Secure: a browser sends them over http to this machine too, the client here does not
    cookies = "; ".join(cookie.partition(";")[0] for cookie in page.headers.get_list("set-cookie"))
    typed = {"username": persona, "password": password, "credentialId": ""}
    sent = await browser.away.post(action, data=typed, headers={"Cookie": cookies})
    assert sent.status_code == 302, sent.text
    back = sent.headers["location"]
    return await browser.home.get(back), back


@pytest.mark.timeout(START_SECONDS + 60)
@pytest.mark.parametrize("persona", ["coordinator", "zone-lead", "zone-intake", "privacy-officer", "ops"])
async def test_a_persona_of_the_realm_signs_in_as_whom_it_is(keycloak_door: Door, keycloak: tuple[str, str], persona: str) -> None:
    async with keycloak_door.browser() as browser:
        answer, _ = await sign_in(browser, persona, keycloak[1])
        assert (answer.status_code, answer.headers["location"]) == (303, "/intake/own"), answer.text
        told = await browser.asks()
        actor = PERSONAS[persona]
        assert (UUID(told["id"]), set(told["roles"]), UUID(told["organisation"])) == (actor.id, set(actor.roles), actor.organisation_id)
        assert len(told["zones"]) == (2 if persona == "coordinator" else len(actor.zones))
        await browser.send("/sign-out")
        farewell = await browser.get("/sign-out/done")
        assert f"{keycloak[0]}/protocol/openid-connect/logout?" in unescape(farewell.text)


async def test_the_sender_of_the_realm_chooses_between_two_organisations(keycloak_door: Door, keycloak: tuple[str, str]) -> None:
    async with keycloak_door.browser() as browser:
        answer, _ = await sign_in(browser, "sender", keycloak[1])
        assert answer.headers["location"].startswith("/organisation?")
        for organisation in (DOCTORS_AALTER, PRACTICE):
            await browser.send("/organisation", organisation=str(organisation), next="/")
            assert UUID((await browser.asks())["organisation"]) == organisation


async def test_a_bearer_token_of_the_realm_is_taken_and_its_id_token_is_not(
    keycloak_door: Door, keycloak: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    got: dict[str, Any] = {}
    exchange = provider.Provider.exchange

    async def kept(self: provider.Provider, code: str, **more: str) -> dict[str, Any]:
        got.update(await exchange(self, code, **more))
        return got

    monkeypatch.setattr(provider.Provider, "exchange", kept)
    async with keycloak_door.browser() as browser:
        await sign_in(browser, "coordinator", keycloak[1])
    async with keycloak_door.browser() as machine:
        for name, status in (("access_token", 200), ("id_token", 401)):
            answer = await machine.home.get("/intake/api/zones", headers={"Authorization": f"Bearer {got[name]}"})
            assert answer.status_code == status, name
    assert settings().identity_issuer == keycloak[0]
    assert settings().public_url == HOME


def test_the_realm_holds_no_password() -> None:
    text = (Path(ROOT) / "deploy" / "keycloak" / "realm.json").read_text()
    assert text.count('"value": "${KEYCLOAK_PERSONAS_PASSWORD}"') == text.count('"username"')
