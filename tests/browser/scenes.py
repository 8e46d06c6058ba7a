"""Every page in every state that it can be in, as somebody sees it: what axe and vnu judge. A new page gets its line here; a test misses it otherwise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Page, Response

from shared.access.personas import PERSONAS
from shared.web import about, own_sessions, sign_in
from shared.web.routing import PageEndpoint
from tests.unit.web.conftest import real_routes

Filled = Mapping[str, str]
Then = Callable[[Page, Filled], Awaitable[object]]

SESSION = "zorgspoor_session"
LEADS_ON = {"/", "/intake", "/intake/", "/intake/refer", "/coordination/leave"}  # these only show the way to a page


@dataclass(frozen=True)
class Scene:
    """A page, opened. `state` begins with empty: in a house where nothing happened yet. In `address` and `persona` stands what `fill` made, by name."""

    route: str
    state: str
    persona: str | None
    address: str
    then: Then | None = None
    status: int = 200
    stays: bool = False  # what is done leads to no other page

    def __str__(self) -> str:
        return f"{self.route} {self.state}"

    @property
    def empty(self) -> bool:
        return self.state.startswith("empty")


@dataclass(frozen=True)
class Seen:
    """What came: the document as it was sent, with its status, and the address it came from."""

    html: str
    status: int
    path: str


def presses(selector: str) -> Then:
    """Go on by a button or link of the page, wherever it is hidden."""

    async def then(page: Page, filled: Filled) -> None:
        await unfold(page)
        await page.locator(selector).first.click()

    return then


async def unfold(page: Page) -> None:
    """Open all that can be opened and covers nothing else."""
    await page.evaluate("document.querySelectorAll('details:not(.menu)').forEach((each) => { each.open = true })")


def sends(selector: str) -> Then:
    """Send a form without any of its buttons."""

    async def then(page: Page, filled: Filled) -> None:
        await page.locator(selector).first.evaluate("(form) => form.submit()")

    return then


def types(**values: str) -> Then:
    """Fill in fields by name (`__` for a dot) and send their form."""

    async def then(page: Page, filled: Filled) -> None:
        await unfold(page)
        for name, value in values.items():
            field = page.locator(f'[name="{name.replace("__", ".")}"]').first
            await field.fill(value.format_map(filled))
            last = field
        await last.press("Enter")

    return then


def suggested(text: str, field: str = "text") -> Then:
    """Type the beginning of a name, as far as the list of who is meant."""

    async def then(page: Page, filled: Filled) -> None:
        await page.locator(f'[id="{field}"]').fill("")  # what another scene looked for
        await page.locator(f'[id="{field}"]').press_sequentially(text)
        await page.locator(f'[id="{field}-lijst"] [role=option]').first.wait_for()
        await page.keyboard.press("ArrowDown")

    return then


def seeks(words: str) -> Then:
    """Look for an organisation by the button."""

    async def then(page: Page, filled: Filled) -> None:
        await page.locator('[name="caring.sought"]').fill(words)
        await page.locator('button[value="seek"]').click()

    return then


def breaks_glass(reference: str) -> Then:
    """Ask to see a referral in an emergency."""

    async def then(page: Page, filled: Filled) -> None:
        await page.locator('[name="reference"]').fill(reference)
        await page.locator('[name="reason"]').first.check()
        await page.locator('[name="text"]').fill("Acuut gevaar.")
        await page.locator(".form .button.primary").click()

    return then


async def chooses_somebody_gone(page: Page, filled: Filled) -> None:
    """Somebody who covered left the zone meanwhile; then the leave is confirmed."""
    await page.locator(".covers select").first.evaluate("(select, id) => { select.options[0].value = id }", filled["nowhere"])
    await page.locator('button[value="confirm"]').click()


async def leaves_elsewhere(page: Page, _: Filled) -> None:
    """The session ends in another tab; then what was typed here is sent."""
    await page.locator('[name="person.given_name"]').fill("Leyla")
    await page.context.clear_cookies(name=SESSION)
    await page.locator(".form .button.primary").click()


async def becomes_another(page: Page, _: Filled) -> None:
    """Somebody else signs in in another tab; then what was typed here is sent."""
    await page.locator('[name="person.given_name"]').fill("Leyla")
    await page.locator('#wie [name="_form"]').evaluate("(field) => { field.value = 'of-another-session' }")
    await page.locator(".form .button.primary").click()


_REFERRALS, _REFERRAL, _RECEIPT = "/intake/referrals", "/intake/referrals/{id:uuid}", "/intake/referrals/{id:uuid}/receipt"
_CASE, _DAY, _ZONE, _MATCH = (
    "/coordination/cases/{id:uuid}",
    "/coordination/day",
    "/coordination/zones/{code}",
    "/intake/referrals/{id:uuid}/match",
)
_ADD, _TEAM = "/coordination/cases/{id:uuid}/team", "/coordination/teams/{id:uuid}"
_WHO, _NEED, _CHECK, _DISCARD = (f"/intake/refer/{part}/{{id:uuid}}" for part in ("1", "2", "3", "discard"))
_LEAVE, _COVERS = "/coordination/workers/{id:uuid}/leave", "/coordination/workers/{id:uuid}/leave/proposal"
_IN_SPRING = "starts_on=2098-05-01&ends_on=2098-05-05"
_LEAD_BOARD = "/coordination/zones/meetjesland-oost"
_WHAT_IF = "/coordination/zones/{code}/what-if"
_CHANGED = f"{_LEAD_BOARD}/what-if?change=intake:130&change=hire:50:care_coordinator:fr.nl:perinatal.frail:2027-01-04"

SCENES = (
    Scene("/sign-in", "full", None, "/sign-in"),
    Scene("/sign-in/again", "error", None, "/sign-in/again", status=401),
    Scene("/sign-in/back", "error", None, "/sign-in/back?state=none", status=400),
    Scene("/organisation", "full", "sender", "/organisation"),
    Scene("/organisation", "error", None, "/organisation", status=401),
    Scene("/sessions", "full", "sender", "/sessions"),
    Scene("/sessions", "full, one ended", "sender", "/sessions?beeindigd"),
    Scene("/sessions", "error", None, "/sessions", status=401),
    Scene("/sign-out/done", "full", None, "/sign-out/done"),
    Scene("/sign-out/done", "full, still signed in elsewhere", None, "/sign-out/done?elders"),
    Scene("/accessibility", "empty", None, "/accessibility"),
    Scene("/accessibility", "full", None, "/accessibility"),
    Scene("/help", "empty", None, "/help"),
    Scene("/help", "full", "coordinator", "/help"),
    Scene(_REFERRALS, "empty", "sender", "/intake/referrals"),
    Scene(_REFERRALS, "full", "sender", "/intake/referrals#bewaard"),
    Scene(_REFERRALS, "full, thrown away", "sender", "/intake/referrals#weggegooid"),
    Scene(_REFERRALS, "error: not for this role", "coordinator", "/intake/referrals", status=403),
    *(
        Scene(_REFERRAL, f"full, {state}", "sender", f"/intake/referrals/{{{state}}}")
        for state in (
            *("offered", "assigned", "late", "met", "paused", "closed", "waiting"),
            *("refused", "needed", "withdrawn", "checked", "violence"),
        )
    ),
    Scene(_REFERRAL, "full, information added", "sender", "/intake/referrals/{assigned}#aangevuld"),
    Scene(_REFERRAL, "error: nothing added", "sender", "/intake/referrals/{offered}", presses('form[action$="/information"] .button'), 422),
    Scene(_REFERRAL, "error: facts", "sender", "/intake/referrals/{needed}", types(facts__belrai__total="veel"), 422),
    Scene(_REFERRAL, "full, to be checked", "zone-intake", "/intake/referrals/{checked}#nakijken"),
    Scene(
        _REFERRAL,
        "error: not answered",
        "zone-intake",
        "/intake/referrals/{checked}",
        presses('form[action$="/check-answer"] .button'),
        422,
    ),
    Scene(_REFERRAL, "error: not there", "sender", "/intake/referrals/{nowhere}", status=404),
    *(
        Scene(_RECEIPT, f"full, {state}", "sender", f"/intake/referrals/{{{state}}}/receipt")
        for state in ("offered", "violence", "needed", "refused", "checked")
    ),
    Scene(_RECEIPT, "error: not there", "sender", "/intake/referrals/{nowhere}/receipt", status=404),
    Scene(_REFERRALS, "full, filtered", "sender", "/intake/referrals?stand=closed&volgorde=received"),
    Scene(_REFERRALS, "empty: nothing fits", "sender", "/intake/referrals?stand=paused&programma=obesity"),
    Scene("/intake/checks", "empty", "zone-intake", "/intake/checks"),
    Scene("/intake/checks", "full, filtered", "zone-intake", "/intake/checks?volgorde=due&programma=unknown"),
    Scene("/intake/checks", "full, nothing fits", "zone-intake", "/intake/checks?programma=obesity"),
    Scene("/intake/checks", "full", "zone-intake", "/intake/checks#beantwoord"),
    Scene("/intake/checks", "error: not for this role", "sender", "/intake/checks", status=403),
    Scene(_MATCH, "full", "zone-intake", "/intake/referrals/{matched}/match"),
    Scene(
        _MATCH,
        "error: not answered",
        "zone-intake",
        "/intake/referrals/{matched}/match",
        presses('form[action$="/match-answer"] .button'),
        422,
    ),
    Scene(_MATCH, "error: not there", "zone-intake", "/intake/referrals/{nowhere}/match", status=404),
    Scene("/intake/audit", "empty", "privacy-officer", "/intake/audit"),
    Scene("/intake/audit", "full", "privacy-officer", "/intake/audit", types(sought="{assigned_reference}")),
    Scene("/intake/audit", "error: nothing of that name", "privacy-officer", "/intake/audit", types(sought="XX-26-1-A"), 422),
    Scene("/intake/audit/sign-ins", "empty", "privacy-officer", "/intake/audit/sign-ins?worker={nowhere}"),
    Scene("/intake/audit/sign-ins", "full", "privacy-officer", "/intake/audit/sign-ins"),
    Scene("/intake/audit/sign-ins", "error: not there", "privacy-officer", "/intake/audit/sign-ins?worker=nobody", status=404),
    Scene("/intake/emergency", "full", "coordinator", "/intake/emergency"),
    Scene("/intake/emergency", "error: nothing typed", "coordinator", "/intake/emergency", presses(".form .button.primary"), 422),
    Scene("/intake/emergency", "error: no such referral", "coordinator", "/intake/emergency", breaks_glass("XX-26-1-A"), 404),
    Scene("/intake/glass", "empty", "privacy-officer", "/intake/glass"),
    Scene("/intake/glass", "full", "privacy-officer", "/intake/glass"),
    Scene(_WHO, "empty", "sender", "/intake/refer"),
    Scene(_WHO, "full", "sender", "/intake/refer/1/{draft_whole}"),
    Scene(_WHO, "full, found", "sender", "/intake/refer", types(text="amina")),
    Scene(_WHO, "full, nobody found", "sender", "/intake/refer", types(text="nooitgezien")),
    Scene(_WHO, "full, with suggestions", "sender", "/intake/refer", suggested("ami"), stays=True),
    Scene(_WHO, "error: nothing to look for", "sender", "/intake/refer", presses(".search .button"), 422),
    Scene(_WHO, "error: nothing typed", "sender", "/intake/refer", presses(".form .button.primary")),
    Scene(_WHO, "error: signed out meanwhile", "sender", "/intake/refer", leaves_elsewhere, 401),
    Scene(_WHO, "error: somebody else meanwhile", "sender", "/intake/refer", becomes_another, 403),
    Scene(_NEED, "full, before a choice", "sender", "/intake/refer/2/{draft}"),
    *(
        Scene(_NEED, f"full, {programme}", "sender", f"/intake/refer/2/{{draft_{programme}}}#voorstel")
        for programme in ("perinatal", "frail", "obesity", "unknown")
    ),
    Scene(_NEED, "full, with a proposal", "sender", "/intake/refer/2/{draft_whole}"),
    Scene(_NEED, "full, organisations found", "sender", "/intake/refer/2/{draft_whole}", seeks("de")),
    Scene(
        _NEED, "full, organisations suggested", "sender", "/intake/refer/2/{draft_whole}", suggested("brug", "caring.sought"), stays=True
    ),
    Scene(_NEED, "error: nothing typed", "sender", "/intake/refer/2/{draft}", presses('button[value="next"]')),
    Scene(_NEED, "error: facts", "sender", "/intake/refer/2/{draft_frail}?nakijken=1"),
    Scene(_CHECK, "full", "sender", "/intake/refer/3/{draft_whole}"),
    Scene(_CHECK, "error: changed meanwhile", "sender", "/intake/refer/3/{draft_whole}?gewijzigd=1"),
    Scene(_DISCARD, "full", "sender", "/intake/refer/discard/{draft}"),
    Scene("/operations", "empty, and a service is away", "ops", "/operations"),
    Scene("/operations", "full", "ops", "/operations"),
    Scene("/operations", "error: not for this role", "sender", "/operations", status=403),
    Scene("/operations/{service}/parked/{id:int}/discard", "full", "ops", "/operations/coordination/parked/{parked}/discard"),
    Scene(_DAY, "empty", "coordinator", "/coordination/day"),
    Scene(_DAY, "full", "{offered_by}", "/coordination/day"),
    Scene(_DAY, "full, with answers to take back", "{again_by}", "/coordination/day#aanvaard"),
    Scene(_DAY, "full, declined", "{again_by}", "/coordination/day#geweigerd"),
    Scene(_DAY, "full, late", "{late_by}", "/coordination/day#terug"),
    Scene(_DAY, "error: no reason", "{offered_by}", "/coordination/day", sends('form[action$="/decline"]'), 422),
    Scene(_DAY, "error: no such day", "{offered_by}", "/coordination/day", types(away_from="31/02/2027"), 422),
    Scene(_DAY, "error: too late", "coordinator", "/coordination/day?let_op=offer_ended"),
    Scene("/coordination/cases", "empty", "coordinator", "/coordination/cases"),
    Scene("/coordination/cases", "full", "{met_by}", "/coordination/cases"),
    Scene("/coordination/cases", "full, closed", "{closed_by}", "/coordination/cases?stand=closed"),
    Scene("/coordination/cases", "full, of the zone", "zone-lead", "/coordination/cases?volgorde=-points"),
    Scene("/coordination/cases", "full, nothing fits", "zone-lead", "/coordination/cases?stand=returned&zone=meetjesland-oost"),
    *(
        Scene(_CASE, f"full, {state}", f"{{{state}_by}}", f"/coordination/cases/{{{state}_case}}#gelukt")
        for state in ("assigned", "late", "met", "paused", "closed", "again", "offered", "danger")
    ),
    Scene(_CASE, "full, waiting", "zone-lead", "/coordination/cases/{waiting_case}"),
    Scene(_CASE, "error: first contact", "{assigned_by}", "/coordination/cases/{assigned_case}", types(day="31/02/2026"), 422),
    Scene(_CASE, "error: no reason to rest", "{met_by}", "/coordination/cases/{met_case}", presses('form[action$="/pause"] .button'), 422),
    Scene(_CASE, "error: no outcome", "{met_by}", "/coordination/cases/{met_case}", presses('form[action$="/close"] .button'), 422),
    Scene(_CASE, "error: not there", "zone-lead", "/coordination/cases/{nowhere}", status=404),
    Scene(_ADD, "full", "{met_by}", "/coordination/cases/{met_case}/team"),
    Scene(_ADD, "full, found by name", "{met_by}", "/coordination/cases/{met_case}/team", types(words="Eeklo")),
    Scene(_ADD, "full, nobody found", "{met_by}", "/coordination/cases/{met_case}/team", types(words="Nergens")),
    Scene(
        _ADD,
        "error: nobody chosen",
        "{met_by}",
        "/coordination/cases/{met_case}/team",
        presses('form[action$="/team"] .button.primary'),
        422,
    ),
    Scene(_ADD, "error: not there", "{met_by}", "/coordination/cases/{nowhere}/team", status=404),
    Scene("/coordination/teams", "empty", "care-team", "/coordination/teams"),
    Scene("/coordination/teams", "full", "care-team", "/coordination/teams"),
    Scene("/coordination/teams", "error: not for this role", "coordinator", "/coordination/teams", status=403),
    Scene(_TEAM, "full", "care-team", "/coordination/teams/{met_case}"),
    Scene(_TEAM, "error: not there", "care-team", "/coordination/teams/{assigned_case}", status=404),
    Scene(_LEAVE, "empty", "coordinator", "/coordination/leave"),
    Scene(_LEAVE, "full", "{met_by}", "/coordination/workers/{away}/leave?verlof={leave}#bewaard"),
    Scene(_LEAVE, "full, of a colleague", "zone-lead", "/coordination/workers/{away}/leave#terug"),
    Scene(_LEAVE, "error: nothing typed", "{met_by}", "/coordination/workers/{away}/leave", presses(".form .button.primary"), 422),
    Scene(_LEAVE, "error: known already", "{met_by}", "/coordination/leave", types(starts_on="01/03/2098", ends_on="02/03/2098"), 422),
    Scene(_LEAVE, "error: not there", "zone-lead", "/coordination/workers/{nowhere}/leave", status=404),
    Scene(_COVERS, "empty", "zone-intake", f"/coordination/workers/{PERSONAS['zone-intake'].id}/leave/proposal?{_IN_SPRING}"),
    Scene(_COVERS, "full", "{met_by}", f"/coordination/workers/{{away}}/leave/proposal?{_IN_SPRING}"),
    Scene(
        _COVERS,
        "error: no longer there",
        "{met_by}",
        f"/coordination/workers/{{away}}/leave/proposal?{_IN_SPRING}",
        chooses_somebody_gone,
        422,
    ),
    Scene("/coordination/zones", "empty", "zone-lead", "/coordination/zones"),
    Scene("/coordination/zones", "full", "zone-lead", "/coordination/zones"),
    Scene(_ZONE, "empty", "zone-lead", _LEAD_BOARD),
    Scene(_ZONE, "full", "zone-lead", _LEAD_BOARD),
    Scene(_ZONE, "full, ordered", "zone-lead", f"{_LEAD_BOARD}?volgorde=reason&reden=language"),
    Scene(_ZONE, "full, load ordered", "zone-lead", f"{_LEAD_BOARD}?belasting-volgorde=name#belasting"),
    Scene(_ZONE, "full, nothing fits", "zone-lead", f"{_LEAD_BOARD}?reden=role"),
    Scene(_ZONE, "full, seen by the intake", "zone-intake", _LEAD_BOARD),
    Scene(_ZONE, "error: not there", "zone-lead", "/coordination/zones/nowhere", status=404),
    Scene(_WHAT_IF, "empty", "zone-lead", f"{_LEAD_BOARD}/what-if"),
    Scene(_WHAT_IF, "full", "zone-lead", f"{_LEAD_BOARD}/what-if"),
    Scene(_WHAT_IF, "full, with changes", "zone-lead", f"{_CHANGED}&change=fte:{{what_if_worker}}:50"),
    Scene(_WHAT_IF, "error: no day", "zone-lead", f"{_LEAD_BOARD}/what-if", types(starts_on="31/02/2027"), 422),
    Scene(_WHAT_IF, "error: no such change", "zone-lead", f"{_LEAD_BOARD}/what-if?change=intake:lots", status=422),
    Scene(_WHAT_IF, "error: not there", "zone-lead", "/coordination/zones/nowhere/what-if", status=404),
)


def page_routes() -> set[str]:
    """Every address where a page can be opened."""
    own = {route.path for route in real_routes() if isinstance(route.endpoint, PageEndpoint) and "GET" in (route.methods or ())}
    beside = [*sign_in.routes(), *own_sessions.routes(), *about.routes()]
    return own | {route.path for route in beside if "GET" in route.methods}  # type: ignore[attr-defined]


async def opened(page: Page, scene: Scene, site: str, filled: Filled) -> Seen:
    """Go there, and on as the scene tells; what was sent last."""
    documents: list[Response] = []

    def keep(response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == page.main_frame and not 300 <= response.status < 400:
            documents.append(response)

    page.on("response", keep)
    try:
        address = site + scene.address.format_map(filled)
        if page.url.partition("#")[0] == address.partition("#")[0]:
            await page.goto("about:blank")  # an address that differs only behind the # would open nothing
        await page.goto(address)
        if scene.then and scene.stays:
            await scene.then(page, filled)
        elif scene.then:
            async with page.expect_navigation(wait_until="load"):
                await scene.then(page, filled)
        return Seen(await documents[-1].text(), documents[-1].status, urlsplit(page.url).path)
    finally:
        page.remove_listener("response", keep)
