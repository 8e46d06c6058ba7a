"""`zorgspoor keys`: the keys with which personal data are sealed: rotate the master key, dump the data keys apart, put them back."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import click

from deploy.embedded import running
from services.commands.options import data_option
from services.intake.keys import handlers, secrets, store
from services.intake.keys.secrets import KeyFile, UnsafeKey
from shared import db
from shared.access import asking
from shared.settings import Settings, settings

LONGEST_SECONDS = 120.0  # a dump of all keys is one statement
FIRST = UUID(int=0)


@click.group()
def keys() -> None:
    """The keys with which personal data are sealed."""


@keys.command()
@data_option
def rotate(data: Path) -> None:
    """Wrap all data keys by a new master key, while the services run.

    Where the file of master keys has a new first line already, that one is taken; else one is made. Interrupted, it goes on where it was.
    """
    chosen = _settings(data)
    try:
        count, seconds = asyncio.run(_rotate(chosen))
    except UnsafeKey as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"{chosen.master_key_file}: {error.strerror}. Make a new first line where the file is kept "
            "(deploy/init-secrets --new-master-key), then rotate again."
        ) from error
    click.echo(f"{count} data keys wrapped anew in {seconds:.1f} s.")
    click.echo(
        f"The first line of {chosen.master_key_file} wraps from now on. "
        "The lines below it open older dumps of the keys only: take them out when those are gone, after 30 days."
    )


async def _rotate(chosen: Settings) -> tuple[int, float]:
    master = KeyFile(chosen.master_key_file)
    async with _intake(chosen) as pool:
        if await _is_done(pool, master):
            secrets.add_master_key(chosen.master_key_file)
            master = KeyFile(chosen.master_key_file)
        await asyncio.sleep(2 * secrets.LOOK_SECONDS)  # until every process wraps with it
        began, count = time.monotonic(), 0
        while not await _is_done(pool, master):  # what somebody else held during one pass is taken in the next
            count += await _rewrap_all(pool, master)
        return count, time.monotonic() - began


async def _is_done(pool: db.Pool, master: KeyFile) -> bool:
    async with _all_keys(pool) as tx:
        return set(await store.versions(tx)) <= {master.current}


async def _rewrap_all(pool: db.Pool, master: KeyFile) -> int:
    """One pass over all data keys; how many were not wrapped by the current master key."""
    count, after = 0, FIRST
    while True:
        async with _all_keys(pool) as tx:
            batch = await handlers.rewrap(tx, master, after)
        if not batch:
            return count
        after, count = batch[-1], count + len(batch)


@keys.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
def dump(file: Path, data: Path) -> None:
    """Write the wrapped data keys to a new FILE; to be kept apart from other dumps, no longer than 30 days."""
    try:
        output = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}; nothing was written.") from error
    with os.fdopen(output, "wb") as opened:
        count = asyncio.run(_dump(_settings(data), opened))
    click.echo(f"{count} data keys are in {file}.")


async def _dump(chosen: Settings, output: BinaryIO) -> int:
    async with _intake(chosen) as pool, _all_keys(pool) as tx:
        return await store.dump(tx, output)


@keys.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def restore(file: Path, data: Path) -> None:
    """Put the wrapped data keys of FILE into a database that has none."""
    with file.open("rb") as source:
        count = asyncio.run(_restore(_settings(data), source))
    if count is None:
        raise click.ClickException("There are data keys already; a dump is restored into an empty schema only. Nothing was changed.")
    click.echo(f"{count} data keys are restored.")


async def _restore(chosen: Settings, source: BinaryIO) -> int | None:
    async with _intake(chosen) as pool, _all_keys(pool) as tx:
        return None if await store.versions(tx) else await store.restore(tx, source)


@asynccontextmanager
async def _intake(chosen: Settings) -> AsyncIterator[db.Pool]:
    pool = await db.open_pool(chosen.dsn("intake"), size=1, application="keys", statement_seconds=LONGEST_SECONDS)
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def _all_keys(pool: db.Pool) -> AsyncIterator[db.Transaction]:
    """A transaction in which no data key is hidden."""
    async with pool.acquire() as tx, tx.transaction():
        await asking.as_batch(tx, "intake")
        yield tx


def _settings(data: Path) -> Settings:
    """Those of this process where it has a file of master keys (in a container), else of what runs on the data directory."""
    own = settings()
    if own.master_key_file.exists():
        return own
    try:
        return running.Running.load(data).settings()
    except running.NothingRuns as error:
        raise click.ClickException(str(error)) from error
