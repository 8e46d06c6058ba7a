"""`./zorgspoor simulate`: the main job on a real population, through a running stack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import click
import httpx

from deploy.demo.identity import asking
from deploy.demo.people import people
from deploy.embedded import running
from deploy.simulation import need, referrals, run, senders
from deploy.simulation.population import BRUSSELS_PEOPLE, Doorstep, Town, WrongFile, read_population, with_people
from services.commands.options import data_option
from services.intake.zones import places, zone_file
from services.intake.zones.domain import Candidates, Zone, ZoneMap, shipped_zones
from shared import clock
from shared.csv_files import Problem
from shared.working_time import BRUSSELS

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--population", required=True, type=FILE, help="CSV of people by municipality (nis_2019) and age band (0-4, 5-11, … 90-100+)."
)
@click.option("--zones", "zones_file", type=FILE, help="CSV of zones as `zones import` takes it, for other borders than the shipped ones.")
@click.option("--referrals", "count", default=2_000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--rounds", default=4, show_default=True, help="How often every coordinator looks at offers and cases.")
@click.option("--seed", default=1, show_default=True, help="The same seed and day give the same referrals.")
@click.option("--connections", default=8, show_default=True, type=click.IntRange(1, 64), help="Senders at once.")
@click.option("--patience", default=60.0, show_default=True, help="Seconds a round waits until answers can no longer be undone.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there as JSON ('-' prints it)."
)
@data_option
def simulate(
    population: Path,
    zones_file: Path | None,
    count: int,
    rounds: int,
    seed: int,
    connections: int,
    patience: float,
    json_file: Path | None,
    data: Path,
) -> None:
    """Refer people out of a population, let the demonstration's coordinators answer, and show what became of everybody."""

    def say(text: str) -> None:
        click.echo(text, err=json_file == Path("-"))

    try:
        stack = running.Running.load(data)
        towns = with_people(served_towns(zones_of(zones_file)), read_population(population.read_bytes()))
    except (running.NothingRuns, WrongFile) as error:
        raise click.ClickException(str(error)) from error
    made = referrals.generate(towns, count, seed, clock.now().astimezone(BRUSSELS).date())
    notes = _notes(towns, count)
    for note in notes:
        say(note)
    try:
        tokens = asking.tokens_for(stack.settings(), list(people()), run.HOURS)
        simulation = run.Simulation(stack.address or "", tokens, run.Plan(rounds, connections, seed, patience), say)
        report = asyncio.run(simulation.run(made))
    except (asking.NoToken, senders.NotAnswered, httpx.HTTPError) as error:
        raise click.ClickException(str(error)) from error
    say("")
    for line in run.lines(report):
        say(line)
    found = json.dumps({"notes": notes, "seed": seed, "rounds": rounds, **report.as_json()}, indent=2, ensure_ascii=False)
    if json_file == Path("-"):
        click.echo(found)
    elif json_file:
        json_file.write_text(found + "\n", encoding="utf-8")


def served_towns(zones: Sequence[Zone]) -> list[Town]:
    """The municipalities of these zones with their postcodes, still without people."""
    index = ZoneMap(zones)
    towns = []
    served = {nis: zone for zone in index.zones.values() for nis in [*zone.municipalities, *[part.nis for part in zone.parts]]}
    for nis, zone in sorted(served.items()):
        place = places.municipalities()[nis]
        doors = [_doorstep(index, postcode, nis) for postcode in place.postcodes]
        towns.append(Town(nis, place.name_nl, zone.entity, tuple(door for door in doors if door.zones), {}))
    return towns


def _doorstep(index: ZoneMap, postcode: str, nis: str) -> Doorstep:
    here, anywhere = index.candidates(postcode, nis), index.candidates(postcode)
    zones = tuple(zone.code for zone in here.zones) if isinstance(here, Candidates) else ()
    return Doorstep(postcode, zones, isinstance(anywhere, Candidates) and len(anywhere.municipalities) > 1)


def zones_of(file: Path | None) -> list[Zone]:
    """The shipped zones; those that the file names too, with the file's municipalities."""
    shipped = {zone.code: zone for zone in shipped_zones()}
    if file is None:
        return list(shipped.values())
    read = zone_file.read_zone_file(file.read_bytes())
    if read.problems:
        raise WrongFile(read.problems)
    used = {zone.code: zone for zone in read.zones if zone.code in shipped}
    if not used:
        raise WrongFile([Problem(2, None, "no_zone", f"at least one zone that is served here: {', '.join(shipped)}")])
    return list((shipped | used).values())


def _notes(towns: Sequence[Town], count: int) -> list[str]:
    a_year = need.a_year(towns)
    people = {entity: sum(sum(town.ages.values()) for town in towns if town.entity == entity) for entity in ("flanders", "brussels")}
    return [
        f"{count} referrals: what {people['flanders'] + people['brussels']:,.0f} people give in {count / a_year * 12:.1f} months "
        f"({a_year:,.0f} a year by the assumptions in deploy/simulation/need.py).",
        f"Flanders: {people['flanders']:,.0f} people by municipality and age, from the population file.",
        f"Brussels: no ages are at hand. {BRUSSELS_PEOPLE:,} people (an assumption) in equal shares per municipality, with the ages of all Flanders.",
        "Languages, shares of what is not eligible or not complete, and how coordinators answer are assumptions too (deploy/simulation).",
    ]
