"""`./zorgspoor bench`: how much the three services can take, and how that compares with the bare floor."""

from __future__ import annotations

import json
from pathlib import Path

import click


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
@click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the report there as JSON ('-' prints it)."
)
def bench(
    rates: str,
    seconds: float,
    saturation_seconds: float,
    connections: int,
    zones: int,
    coordinators: int,
    floor: Path | None,
    json_file: Path | None,
) -> None:
    """Measure throughput and latency on servers and data of its own."""
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
