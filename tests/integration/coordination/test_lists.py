"""Lists of cases: filter, order and page in the address, within what who asks may see."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from services.coordination.cases import shapes
from tests.integration.coordination.rig import Office
from tests.unit.coordination.builders import ZONE, a_lead, a_worker

CASES, BOARD = "/coordination/cases", f"/coordination/zones/{ZONE}"


@pytest.fixture(autouse=True)
def _two_on_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = shapes.cases
    monkeypatch.setattr(shapes, "cases", lambda zones: replace(cases(zones), rows=2))
    monkeypatch.setattr(shapes, "WAITING", replace(shapes.WAITING, rows=2))


async def listed(client: httpx.AsyncClient, address: str) -> list[int]:
    """The numbers of the cases in the order of the page."""
    answer = await client.get(address)
    assert answer.status_code == 200, answer.text
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/coordination/cases/[\w-]+">\d{4}-(\d+)', answer.text)]


async def received(office: Office) -> list[int]:
    """Five cases, a minute after each other: the second waits for its language, the fourth is urgent and weighs more; their numbers."""
    for changes in ({}, {"languages": ("ps",)}, {}, {"urgency": "high", "programme": "perinatal"}, {}):
        await office.receive(1, **changes)
        office.clock.pass_by(minutes=1)
    return [int(row["reference"].partition("-")[2]) for row in await office.rows("select reference from cases order by received_at")]


async def test_cases_are_filtered_ordered_and_come_in_pages(office: Office) -> None:
    worker, lead = a_worker(), a_lead()
    await office.hire(worker, lead)
    first, foreign, third, high, last = await received(office)
    async with office.asking(lead, "zone_lead") as client:
        assert await listed(client, CASES) == [high, first]
        assert await listed(client, f"{CASES}?pagina=2") == [foreign, third]
        assert await listed(client, f"{CASES}?volgorde=-received") == [last, high]
        assert await listed(client, f"{CASES}?volgorde=-points&pagina=3") == [last]
        assert (await listed(client, f"{CASES}?volgorde=points&pagina=3")) == [high]
        assert await listed(client, f"{CASES}?stand=waiting") == [foreign]
        assert await listed(client, f"{CASES}?stand=offered&programma=perinatal") == [high]
        assert await listed(client, f"{CASES}?stand=closed") == []
        assert await listed(client, f"{CASES}?zone={ZONE}&stand=waiting") == [foreign]
        assert await listed(client, f"{CASES}?stand=';drop&volgorde=name&zone=elders") == [high, first]
        answer = await client.get(f"{CASES}?volgorde=due&pagina=8")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{CASES}?volgorde=due&pagina=3")
        page = (await client.get(f"{CASES}?volgorde=-points")).text
        assert 'aria-sort="descending"><a class="head" href="/coordination/cases?volgorde=points">' in page
        assert "1–2 van 5" in page


async def test_who_holds_nothing_finds_nothing_by_any_filter(office: Office) -> None:
    await office.hire(a_worker(), a_lead())
    await received(office)
    stranger = a_worker(zones=frozenset({"elders"}))
    async with office.asking(stranger, "coordinator") as client:
        for query in ("", "?stand=waiting", "?programma=frail", f"?zone={ZONE}", "?volgorde=-due&pagina=2"):
            answer = await client.get(f"{CASES}{query}", follow_redirects=True)
            assert re.findall(r"\d{4}-\d{4}", answer.text) == [], query
            assert " van 5" not in answer.text
    assert await office.value("select count(*) from audit where action = 'cases.listing'") == 0


async def test_only_the_rows_of_the_page_of_the_waiting_list_are_seen(office: Office) -> None:
    lead = a_lead()
    await office.hire(lead)
    for _ in range(5):
        await office.receive(1, languages=("ps",))
        office.clock.pass_by(minutes=1)
    first, second, third, *_ = [
        int(row["reference"].partition("-")[2]) for row in await office.rows("select reference from cases order by received_at")
    ]
    async with office.asking(lead, "zone_lead") as client:
        assert await listed(client, BOARD) == [first, second]
        assert await office.value("select count(*) from audit where action = 'workforce.zone'") == 2
        assert (await listed(client, f"{BOARD}?pagina=2"))[0] == third
        assert len(await listed(client, f"{BOARD}?pagina=3")) == 1
        assert await listed(client, f"{BOARD}?volgorde=-since&pagina=3") == [first]
        assert await listed(client, f"{BOARD}?reden=capacity") == []
        assert len(re.findall('<circle class="fill', (await client.get(f"{BOARD}?reden=capacity")).text)) == 5, (
            "the picture shows everybody"
        )


async def test_the_load_of_a_zone_is_ordered_by_codes_in_the_address(office: Office) -> None:
    lead, eva, anke = a_lead(), a_worker(name="Eva"), a_worker(name="Anke", fte=50, languages=frozenset({"ps"}))
    await office.hire(lead, eva)
    await office.receive(2)
    await office.hire(anke)

    async def names(query: str) -> tuple[list[str], str]:
        answer = await client.get(BOARD + query)
        assert answer.status_code == 200
        section = answer.text.partition('id="belasting"')[2]
        bars = re.findall(r"<p><span>(\w+)</span>", section)
        assert re.findall(r'<th scope="row">(Eva|Anke)</th>', section) == bars, "the table and its picture have one order"
        return bars, section

    async with office.asking(lead, "zone_lead") as client:
        assert (await names(""))[0] == ["Eva", "Anke"]
        assert (await names("?belasting-volgorde=name"))[0] == ["Anke", "Eva"]
        assert (await names("?belasting-volgorde=recent"))[0] == ["Anke", "Eva"]
        assert (await names("?belasting-volgorde=-free&volgorde=reason"))[0] == ["Eva", "Anke"]
        assert (await names("?belasting-volgorde=Anke"))[0] == ["Eva", "Anke"], "no name is an order"
        _, section = await names("?belasting-volgorde=free&reden=language")
    assert f'href="{BOARD}?reden=language&amp;belasting-volgorde=-free#belasting"' in section, "pressed again it turns"
    assert '<details class="more" open>' in section, "who orders the table sees it"
    assert 'name="reden" value="language"' in section, "the form keeps what is asked of the waiting list"
