"""Intake: who needs care. Its table of contents."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.routing import BaseRoute

from services.intake.audit import pages as audit_pages
from services.intake.audit import web as audit_web
from services.intake.consents import web as consents_web
from services.intake.covers import handlers as covers
from services.intake.drafts import web as drafts_web
from services.intake.erasures import handlers as erasures
from services.intake.erasures import web as erasures_web
from services.intake.erasures.writing import keep_ledger
from services.intake.glass import pages as glass_pages
from services.intake.glass import web as glass_web
from services.intake.holds import web as holds_web
from services.intake.keys.secrets import check as check_secrets
from services.intake.matches import pages as matches_pages
from services.intake.matches import web as matches_web
from services.intake.operations import counts
from services.intake.operations import web as operations_web
from services.intake.organisations import web as organisations_web
from services.intake.persons import web as persons_web
from services.intake.records import web as records_web
from services.intake.referrals import handlers as referrals
from services.intake.referrals import pages as referrals_pages
from services.intake.referrals import web as referrals_web
from services.intake.referrals.domain import ANSWER_DUE
from services.intake.referrals.progress import NEWS
from services.intake.retention.handlers import RULES
from services.intake.searches import web as searches_web
from services.intake.teams import handlers as teams
from services.intake.zones import web as zones_web
from services.intake.zones.handlers import ensure_shipped_zones
from shared.access.audit.sealing import Sealer
from shared.events import coordination, notifications
from shared.messaging.kernel import Kernel
from shared.messaging.service import Service
from shared.retention import nights
from shared.settings import ACCESS
from shared.web import flow, oauth, own_sessions, retention, sign_in
from shared.web.routing import service_routes

NAME = "intake"


def service() -> Service:
    """What intake listens to, and what its timers do."""
    return Service(
        name=NAME,
        migrations=Path(__file__).with_name("migrations"),
        subscriptions={
            **dict.fromkeys(NEWS, referrals.follow_case),
            coordination.CareTeamJoined: teams.on_care_team_joined,
            coordination.CareTeamLeft: teams.on_care_team_left,
            coordination.CasesCovered: covers.on_cases_covered,
            coordination.PersonErased: erasures.on_coordination_erased,
            notifications.PersonErased: erasures.on_notifications_erased,
        },
        timers={ANSWER_DUE: referrals.on_answer_due, **nights.nightly(RULES)},
        background=(ship_zones, nights.keep_nights, keep_ledger, seal_sign_ins),
        check=check_secrets,
    )


async def ship_zones(kernel: Kernel) -> None:
    """At the start, the zones that come with the product are in the database."""
    async with kernel.transaction() as tx:
        await ensure_shipped_zones(tx)
    await asyncio.Event().wait()


async def seal_sign_ins(kernel: Kernel) -> None:
    """The audit of who signed in is sealed where people sign in."""
    await Sealer(kernel, ACCESS).run()


def routes(kernel: Kernel) -> list[BaseRoute]:
    """Everything under /intake, and the front door: here alone people sign in and machines get their tokens."""
    operations = [
        *referrals_web.OPERATIONS,
        *matches_web.OPERATIONS,
        *persons_web.OPERATIONS,
        *records_web.OPERATIONS,
        *consents_web.OPERATIONS,
        *erasures_web.OPERATIONS,
        *holds_web.OPERATIONS,
        *retention.operations(NAME, RULES),
        *glass_web.OPERATIONS,
        *zones_web.OPERATIONS,
        *counts.OPERATIONS,
        *operations_web.OPERATIONS,
        *audit_web.OPERATIONS,
        *flow.operations(NAME),
    ]
    pages = [
        *referrals_pages.PAGES,
        *matches_pages.PAGES,
        *glass_pages.PAGES,
        *drafts_web.PAGES,
        *searches_web.PAGES,
        *organisations_web.PAGES,
        *consents_web.PAGES,
        *operations_web.PAGES,
        *audit_pages.PAGES,
    ]
    return [*service_routes(NAME, kernel, operations, pages), *sign_in.routes(), *own_sessions.routes(), *oauth.routes()]
