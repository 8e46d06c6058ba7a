"""Which errors of the database pass by themselves: waiting for one that does not stops a partition, parking for one that does blames a person's event."""

from __future__ import annotations

import asyncpg
import pytest

from shared import db


def _broken(constraint: str | None) -> asyncpg.CheckViolationError:
    error = asyncpg.CheckViolationError("new row violates a constraint")
    error.constraint_name = constraint
    return error


PASSING = [
    _broken(None),  # that of a partition, which has no name
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError('cannot switch to state 12; protocol is in the "failed" state'),
    asyncpg.InternalClientError("not connected"),
    asyncpg.CrashShutdownError("terminating connection because of crash of another server process"),
    asyncpg.DeadlockDetectedError("deadlock detected"),
    asyncpg.LockNotAvailableError("canceling statement due to lock timeout"),
    ConnectionResetError(),
    TimeoutError(),
]
STAYING = [
    asyncpg.InternalClientError("no decoder for OID 4711"),
    asyncpg.DataError("invalid input for query argument $1"),
    _broken("coordinators_fte_check"),
    ValueError(),
]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_passes(error: Exception) -> None:
    assert db.is_transient(error)
    assert db.will_pass(error)


@pytest.mark.parametrize("error", STAYING, ids=repr)
def test_stays(error: Exception) -> None:
    assert not db.is_transient(error)
    assert not db.will_pass(error)


def test_what_was_undone_for_something_beside_it_passes_at_once() -> None:
    assert db.was_undone(_broken(None))
    assert db.was_undone(asyncpg.DeadlockDetectedError("deadlock detected"))
    assert not db.was_undone(_broken("coordinators_fte_check"))
    assert not db.was_undone(ConnectionResetError())


def test_a_statement_over_its_time_is_the_databases_matter_and_does_not_pass() -> None:
    error = asyncpg.QueryCanceledError("canceling statement due to statement timeout")
    assert db.is_transient(error)
    assert not db.will_pass(error)
