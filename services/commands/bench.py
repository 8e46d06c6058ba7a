"""`./zorgspoor bench`: how much the three services can take, and how that compares with the bare floor."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import click

from services.commands.options import data_option


@click.command()
@click.option("--rates", default="50,200,1000", show_default=True, help="Referrals a second, open loop, one load after the other.")
@click.option("--seconds", default=8.0, show_default=True, help="Of each of these loads.")
@click.option(
    "--saturation", "saturation_seconds", default=10.0, show_default=True, help="Seconds as fast as it is answered; 0 leaves it out."
)
@click.option("--connections", default=64, show_default=True)
@click.option("--zones", default=65, show_default=True)
@click.option("--coordinators", default=10, show_default=True, help="Per zone.")
@click.option(
    "--floor",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the bare floor, to be measured in the same run.",
)
@click.option("--pages", is_flag=True, help="Only the pages of the demonstration that runs here, at the first rate: how long they take.")
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there as JSON ('-' prints it)."
)
@data_option
def bench(
    rates: str,
    seconds: float,
    saturation_seconds: float,
    connections: int,
    zones: int,
    coordinators: int,
    floor: Path | None,
    pages: bool,
    json_file: Path | None,
    data: Path,
) -> None:
    """Measure throughput and latency on servers and data of its own; with --pages, those of `up`."""
    if pages:
        _pages(float(rates.split(",", maxsplit=1)[0]), seconds, data)
        return
    from deploy.bench.run import Plan, measure

    plan = Plan(
        tuple(int(rate) for rate in rates.split(",") if rate),
        seconds,
        saturation_seconds or 10.0,
        connections,
        zones,
        coordinators,
        floor=floor,
        saturation=saturation_seconds > 0,
    )
    report = measure(plan, lambda text: click.echo(text, err=json_file == Path("-")))
    if report["ratio"] is not None:
        click.echo(f"ratio to the bare floor at saturation: {report['ratio']}", err=json_file == Path("-"))
    if json_file == Path("-"):
        click.echo(json.dumps(report))
    elif json_file:
        json_file.write_text(json.dumps(report, indent=2) + "\n")


def _pages(rate: float, seconds: float, data: Path) -> None:
    """A line for each page."""
    from deploy.bench.pages import measure
    from deploy.demo.identity import asking
    from deploy.demo.people import people
    from deploy.embedded import running

    try:
        stack = running.Running.load(data)
        tokens = asking.tokens_for(stack.settings(), list(people()))
    except (running.NothingRuns, asking.NoToken) as error:
        raise click.ClickException(str(error)) from error
    for each in asyncio.run(measure(stack.address or "", people(), tokens, rate, seconds)):
        click.echo(
            f"{each.page}: {each.asked} in {seconds:.0f} s, {each.failed} failed; p50 {each.p50:.0f} ms, p95 {each.p95:.0f} ms, most {each.most:.0f} ms"
        )
