"""Letting somebody in to an action, or saying why not: before anything is looked for."""

from __future__ import annotations

from starlette.requests import Request

from shared.access.actors import Actor, token_of
from shared.access.rules import GRANTS, Action, admits
from shared.web import problems


def admit(action: Action, who: Actor | None, request: Request) -> None:
    """Raises a 401 problem for nobody, a 403 for a role that may not; everybody may do what is open."""
    if action is Action.OPEN:
        return
    if who is None:
        raise problems.unauthenticated(token_of(request) is not None)
    if not admits(who, action):
        raise problems.forbidden(GRANTS[action])


def admit_person(who: Actor | None) -> None:
    """Raises a 403 problem for a machine."""
    if who is not None and who.kind == "client":
        raise problems.out_of_scope(None)
