"""`zorgspoor up`, `down`, `reset`: the whole stack on this machine."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click

from deploy.embedded import jars, processes, running
from deploy.embedded.infrastructure import Infrastructure
from deploy.embedded.supervisor import PROJECT, Supervisor
from services.commands.options import data_option

_STOP_SECONDS = 15


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8080, show_default=True, help="Of the one address; when taken, the next free one."
)
@data_option
@click.option("--detach", is_flag=True, help="Return when all is ready; `down` stops it.")
@click.option("--only", type=click.Choice(["infrastructure"]), help="Only PostgreSQL and Kafka; prints their addresses.")
def up(port: int, data: Path, detach: bool, only: str | None) -> None:
    """Start PostgreSQL, Kafka and the three services here, and keep them running until Ctrl-C."""
    try:
        if (holder := running.holder_of(data)) is not None:
            _say_where(data, holder, only)
        elif detach:
            _start_detached(data, port, only)
        else:
            Supervisor(data, port=port, only_infrastructure=only is not None, say=click.echo).run()
    except running.Held:
        _say_where(data, running.holder_of(data) or 0, only)
    except (running.Unusable, processes.NotStarted, jars.WrongJar) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@data_option
def down(data: Path) -> None:
    """Stop what runs on a data directory; its data stay."""
    try:
        click.echo("stopped" if _stop(data) else f"nothing runs on {data}")
    except running.Unusable as error:
        raise click.ClickException(str(error)) from error


@click.command()
@data_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(data: Path, yes: bool) -> None:
    """Stop what runs on a data directory and delete it with all data."""
    if not (data / "lock").exists():
        raise click.ClickException(f"{data} is no data directory of Zorgspoor: nothing was deleted.")
    if not yes:
        click.confirm(f"Delete {data} with all persons, referrals and cases in it?", abort=True)
    _stop(data)
    lock = running.hold(data)
    Infrastructure(data).remove()
    shutil.rmtree(data, ignore_errors=True)
    os.close(lock)
    click.echo(f"{data} is deleted")


def _say_where(data: Path, holder: int, only: str | None) -> None:
    """A second `up` is no error: it says where the first one is. Unless that one has less than what is asked."""
    try:
        stack = running.Running.load(data)
    except running.NothingRuns as error:
        click.echo(str(error))
        return
    servers = f"{stack.postgres}, kafka {stack.kafka}"
    if stack.address is None and only is None:
        raise click.ClickException(
            f"Only PostgreSQL and Kafka run on {data} (process {holder}): {servers}. "
            "For the services too, stop them with `./zorgspoor down` and start again; the data stay."
        )
    click.echo(f"It runs already (process {holder}): {stack.address or servers}")


def _start_detached(data: Path, port: int, only: str | None) -> None:
    """Start `up` in a session of its own and show its log until it is ready."""
    os.close(running.make(data))
    log = data / "up.log"
    command = [
        sys.executable,
        "-P",
        "-m",
        "services.cli",
        "up",
        "--port",
        str(port),
        "--data",
        str(data),
        *(["--only", only] if only else []),
    ]
    with log.open("wb") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=data,
            env=os.environ | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        )
    with log.open() as lines:
        ready = False
        try:
            while not ready and child.poll() is None:
                ready = _is_ready(data, child.pid)
                time.sleep(0.1)
                click.echo(lines.read(), nl=False)
        except KeyboardInterrupt:
            child.send_signal(signal.SIGTERM)
            child.wait(_STOP_SECONDS)
        click.echo(lines.read(), nl=False)
    if not ready:
        sys.exit(child.returncode or 1)


def _is_ready(data: Path, supervisor: int) -> bool:
    try:
        return running.Running.load(data).supervisor == supervisor
    except running.NothingRuns:
        return False


def _stop(data: Path) -> bool:
    """Tell the supervisor to stop and wait until it has; whether there was one."""
    holder = running.holder_of(data)
    if holder is None:
        return False
    os.kill(holder, signal.SIGTERM)
    last = time.monotonic() + _STOP_SECONDS
    while running.holder_of(data) == holder:
        if time.monotonic() > last:
            raise click.ClickException(f"process {holder} has not stopped after {_STOP_SECONDS} s; see {data}/up.log")
        time.sleep(0.1)
    return True
