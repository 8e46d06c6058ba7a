"""Notifications: who is told, how, and whether it arrived. Its table of contents."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute

from services.notifications.delivery import rounds as delivery
from services.notifications.directory import web as directory
from services.notifications.messages import domain
from services.notifications.messages import handlers as messages
from services.notifications.messages import web as messages_web
from services.notifications.organisations import web as organisations_web
from services.notifications.retention.handlers import RULES
from services.notifications.sharing import handlers as sharing
from services.notifications.sharing import web as sharing_web
from shared.events.intake import ConsentGiven, ConsentWithdrawn, HoldLifted, HoldSet, PersonErased
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from shared.retention import holds, nights
from shared.web import flow, retention
from shared.web.routing import service_routes

NAME = "notifications"


def service() -> Service:
    """What notifications listens to, and its endless work of sending."""
    return Service(
        name=NAME,
        migrations=Path(__file__).with_name("migrations"),
        subscriptions={
            **dict.fromkeys(domain.TOLD, messages.record),
            ConsentWithdrawn: sharing.on_consent_withdrawn,
            ConsentGiven: sharing.on_consent_given,
            PersonErased: sharing.on_person_erased,
            HoldSet: holds.on_hold_set,
            HoldLifted: holds.on_hold_lifted,
        },
        timers={sharing.FORGET_AGAIN: sharing.forget_again, **nights.nightly(RULES)},
        background=(delivery.deliver, nights.keep_nights),
    )


def routes(kernel: Kernel) -> list[BaseRoute]:
    """Everything under /notifications."""
    operations = [
        *messages_web.OPERATIONS,
        *directory.OPERATIONS,
        *organisations_web.OPERATIONS,
        *sharing_web.OPERATIONS,
        *retention.operations(NAME, RULES),
        *flow.operations(NAME),
    ]
    return list(service_routes(NAME, kernel, operations, []))
