"""Coordination: who coordinates. Its table of contents."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import BaseRoute

from services.coordination.additions import handlers as additions
from services.coordination.cases import counts
from services.coordination.cases import handlers as cases
from services.coordination.cases import web as cases_web
from services.coordination.leave import handlers as leave
from services.coordination.leave import web as leave_web
from services.coordination.offers import handlers as offers
from services.coordination.offers import web as offers_web
from services.coordination.sharing import handlers as sharing
from services.coordination.sharing import web as sharing_web
from services.coordination.tasks import web as tasks_web
from services.coordination.team import web as team_web
from services.coordination.whatif import web as whatif_web
from services.coordination.workforce import handlers as workforce
from services.coordination.workforce import web as workforce_web
from shared.events.intake import (
    ConsentGiven,
    ConsentWithdrawn,
    HoldLifted,
    HoldSet,
    InformationAdded,
    PersonErased,
    ReferralAccepted,
    ReferralMoved,
    ReferralWithdrawn,
)
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from shared.retention import holds, nights
from shared.retention.kernel import KERNEL_RULES
from shared.web import flow, retention
from shared.web.routing import service_routes

NAME = "coordination"


def service() -> Service:
    """What coordination listens to, and what its timers do."""
    return Service(
        name=NAME,
        migrations=Path(__file__).with_name("migrations"),
        subscriptions={
            ReferralAccepted: cases.on_referral_accepted,
            ReferralMoved: cases.on_referral_moved,
            ReferralWithdrawn: cases.on_referral_withdrawn,
            InformationAdded: additions.on_information_added,
            ConsentWithdrawn: sharing.on_consent_withdrawn,
            ConsentGiven: sharing.on_consent_given,
            PersonErased: sharing.on_person_erased,
            HoldSet: holds.on_hold_set,
            HoldLifted: holds.on_hold_lifted,
        },
        timers={
            "offer_deadline": offers.on_offer_deadline,
            "offer_final": offers.on_offer_final,
            "offer_again": cases.on_offer_again,
            "waiting_late": cases.on_waiting_late,
            "rest_unseen": cases.on_rest_unseen,
            "first_weeks_over": cases.on_first_weeks_over,
            "worker_turns": workforce.on_worker_turns,
            "leave_begins": leave.on_leave_begins,
            "absence_asked": leave.on_absence_asked,
            sharing.FORGET_AGAIN: sharing.forget_again,
            **nights.nightly(KERNEL_RULES),
        },
        background=(nights.keep_nights,),
    )


def routes(kernel: Kernel) -> list[BaseRoute]:
    """Everything under /coordination."""
    operations = [
        *cases_web.OPERATIONS,
        *counts.OPERATIONS,
        *leave_web.OPERATIONS,
        *offers_web.OPERATIONS,
        *tasks_web.OPERATIONS,
        *team_web.OPERATIONS,
        *workforce_web.OPERATIONS,
        *whatif_web.OPERATIONS,
        *sharing_web.OPERATIONS,
        *retention.operations(NAME, KERNEL_RULES),
        *flow.operations(NAME),
    ]
    pages = [
        *offers_web.PAGES,
        *cases_web.PAGES,
        *leave_web.PAGES,
        *tasks_web.PAGES,
        *team_web.PAGES,
        *workforce_web.PAGES,
        *whatif_web.PAGES,
    ]
    return list(service_routes(NAME, kernel, operations, pages))
