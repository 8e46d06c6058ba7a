"""Notifications: who is told, how, and whether it arrived. Its table of contents."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute

from services.notifications.delivery import rounds
from services.notifications.directory import web as directory
from services.notifications.messages import domain
from services.notifications.messages import handlers as messages
from services.notifications.messages import web as messages_web
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from shared.web import flow
from shared.web.routing import service_routes

NAME = "notifications"


def service() -> Service:
    """What notifications listens to, and its endless work of sending."""
    return Service(
        name=NAME,
        migrations=Path(__file__).with_name("migrations"),
        subscriptions=dict.fromkeys(domain.TOLD, messages.record),
        background=(rounds.deliver,),
    )


def routes(kernel: Kernel) -> list[BaseRoute]:
    """Everything under /notifications."""
    return list(service_routes(NAME, kernel, [*messages_web.OPERATIONS, *directory.OPERATIONS, *flow.operations(NAME)], []))
