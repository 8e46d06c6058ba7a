"""PostgreSQL: one pool per process and database, and which of its errors pass by themselves."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg

Pool: TypeAlias = "asyncpg.pool.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Transaction: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

ACQUIRE_SECONDS = 2.0
STATEMENT_SECONDS = 10.0

TRANSIENT = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, a statement over its time
    asyncpg.LockNotAvailableError,
    OSError,
    TimeoutError,
)

# how asyncpg says that a connection broke while it was being used; what else it calls internal does not pass by itself
BROKEN = ("cannot switch to state", "not connected")


def is_transient(error: BaseException) -> bool:
    """Whether an error is the database's or the network's state rather than the fault of what was asked."""
    # a closed connection is an InterfaceError; an argument of the wrong type is one too, but also a ValueError
    closed = isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    broken = isinstance(error, asyncpg.InternalClientError) and str(error).startswith(BROKEN)
    return closed or broken or was_undone(error) or isinstance(error, TRANSIENT)


def was_undone(error: BaseException) -> bool:
    """Whether PostgreSQL undid this only because of what went on beside it: the same again passes at once."""
    # a partition came while its row was on the way to the default one; a rule of ours that was broken has a name
    rerouted = isinstance(error, asyncpg.CheckViolationError) and error.constraint_name is None
    return rerouted or isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


def will_pass(error: BaseException) -> bool:
    """Whether the same again may be expected to pass: transient, but not a statement that took too long, for it will do so again.

    Who waits for somebody's lock is told that no lock was available, which does pass.
    """
    return is_transient(error) and not isinstance(error, asyncpg.QueryCanceledError)


def session(application: str) -> dict[str, str]:
    """The settings of every connection of a service; `application` names it to who looks at the server."""
    return {
        "application_name": application,
        "timezone": "UTC",
        # every statement goes by an index; a plan made while a table was small would be kept while it grows
        "enable_seqscan": "off",
        "jit": "off",
    }


async def _keep_session(_: Any) -> None:
    """Sessions hold no state between uses, so nothing is reset when one is given back: saves a round trip."""


async def open_pool(dsn: str, *, size: int, application: str, statement_seconds: float = STATEMENT_SECONDS) -> Pool:
    """A pool that opens its first connection only when one is asked for, so that a service starts while its database is away."""
    longest = round(statement_seconds * 1e3)
    return await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_SECONDS,
        command_timeout=statement_seconds + 5,
        max_inactive_connection_lifetime=60,
        reset=_keep_session,
        server_settings=session(application)
        | {
            "statement_timeout": f"{longest}ms",
            "lock_timeout": f"{longest // 2}ms",  # the shorter one, so that waiting for others never looks like taking too long
        },
    )
