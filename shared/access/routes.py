"""The one table of routes: what each does, and with `GRANTS` who may. A route that is not here cannot be served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from shared.access.rules import Action
from shared.settings import SERVICES

Actions: TypeAlias = Mapping[tuple[str, str], Action]  # (method, path as Starlette writes it) → action

_INTAKE: Actions = {
    ("GET", "/"): Action.START,
    ("GET", "/intake"): Action.START,
    ("GET", "/intake/"): Action.START,
    ("GET", "/intake/api/referrals"): Action.SEE_OWN_REFERRALS,
    ("POST", "/intake/api/referrals"): Action.WRITE_REFERRAL,
    ("GET", "/intake/api/referrals/{id:uuid}"): Action.SEE_REFERRAL,
    ("POST", "/intake/api/referrals/{id:uuid}/information"): Action.CHANGE_REFERRAL,
    ("POST", "/intake/api/referrals/{id:uuid}/withdraw"): Action.CHANGE_REFERRAL,
    ("POST", "/intake/api/referrals/{id:uuid}/check-answer"): Action.ANSWER_CHECK,
    ("GET", "/intake/api/referrals/{id:uuid}/match"): Action.ANSWER_MATCH,
    ("POST", "/intake/api/referrals/{id:uuid}/match-answer"): Action.ANSWER_MATCH,
    ("GET", "/intake/api/matches"): Action.ANSWER_MATCH,
    ("POST", "/intake/api/eligibility"): Action.ASK_RULES,
    ("POST", "/intake/api/fragments"): Action.SEE_PERSON,
    ("POST", "/intake/api/additions"): Action.SEE_PERSON,
    ("POST", "/intake/api/summaries"): Action.SEE_OFFERED_SUMMARY,
    ("GET", "/intake/api/zones"): Action.SEE_ZONES,
    ("POST", "/intake/api/zones/import"): Action.IMPORT_ZONES,
    ("GET", "/intake/referrals"): Action.SEE_OWN_REFERRALS,
    ("GET", "/intake/referrals/{id:uuid}"): Action.SEE_REFERRAL,
    ("GET", "/intake/referrals/{id:uuid}/receipt"): Action.SEE_OWN_REFERRALS,
    ("POST", "/intake/referrals/{id:uuid}/information"): Action.CHANGE_REFERRAL,
    ("POST", "/intake/referrals/{id:uuid}/withdraw"): Action.CHANGE_REFERRAL,
    ("POST", "/intake/referrals/{id:uuid}/check-answer"): Action.ANSWER_CHECK,
    ("GET", "/intake/referrals/{id:uuid}/match"): Action.ANSWER_MATCH,
    ("POST", "/intake/referrals/{id:uuid}/match-answer"): Action.ANSWER_MATCH,
    ("POST", "/intake/api/glass"): Action.BREAK_GLASS,
    ("GET", "/intake/api/glass"): Action.SEE_BROKEN_GLASS,
    ("GET", "/intake/emergency"): Action.BREAK_GLASS,
    ("POST", "/intake/emergency"): Action.BREAK_GLASS,
    ("GET", "/intake/glass"): Action.SEE_BROKEN_GLASS,
    ("GET", "/intake/api/audit/events"): Action.SEE_AUDIT,
    ("GET", "/intake/api/audit/sign-ins"): Action.SEE_AUDIT,
    ("GET", "/intake/audit"): Action.SEE_AUDIT,
    ("GET", "/intake/audit/sign-ins"): Action.SEE_AUDIT,
    ("POST", "/intake/audit"): Action.SEE_AUDIT,
    ("GET", "/intake/api/referrals/{id:uuid}/consent"): Action.SEE_CONSENT,
    ("POST", "/intake/api/referrals/{id:uuid}/consent/withdraw"): Action.WITHDRAW_CONSENT,
    ("POST", "/intake/api/persons/{id:uuid}/consent/withdraw"): Action.WITHDRAW_CONSENT,
    ("POST", "/intake/referrals/{id:uuid}/no-consent"): Action.WITHDRAW_CONSENT,
    ("POST", "/intake/api/erasures"): Action.ERASE,
    ("GET", "/intake/api/erasures/{id:uuid}"): Action.ERASE,
    ("POST", "/intake/api/holds"): Action.ERASE,
    ("POST", "/intake/api/holds/lift"): Action.ERASE,
    ("GET", "/intake/checks"): Action.ANSWER_CHECK,
    ("GET", "/intake/refer"): Action.WRITE_REFERRAL,
    ("GET", "/intake/refer/1/{id:uuid}"): Action.WRITE_REFERRAL,
    ("POST", "/intake/refer/1/{id:uuid}"): Action.WRITE_REFERRAL,
    ("GET", "/intake/refer/2/{id:uuid}"): Action.WRITE_REFERRAL,
    ("POST", "/intake/refer/2/{id:uuid}"): Action.WRITE_REFERRAL,
    ("GET", "/intake/refer/3/{id:uuid}"): Action.WRITE_REFERRAL,
    ("POST", "/intake/refer/3/{id:uuid}"): Action.WRITE_REFERRAL,
    ("GET", "/intake/refer/discard/{id:uuid}"): Action.WRITE_REFERRAL,
    ("POST", "/intake/refer/discard/{id:uuid}"): Action.WRITE_REFERRAL,
}

_OPERATIONS: Actions = {
    ("GET", "/operations"): Action.COUNT,
    ("GET", "/operations/api/reconciliation"): Action.COUNT,
    ("GET", "/operations/{service}/parked/{id:int}/discard"): Action.REPAIR,
    ("POST", "/operations/{service}/{kind}/{id}/{act}"): Action.REPAIR,
}

_COORDINATION: Actions = {
    ("GET", "/coordination/api/cases"): Action.SEE_CASE,
    ("GET", "/coordination/api/cases/{id:uuid}"): Action.SEE_CASE,
    ("POST", "/coordination/api/cases/{id:uuid}/first-contact"): Action.MOVE_CASE,
    ("POST", "/coordination/api/cases/{id:uuid}/close"): Action.MOVE_CASE,
    ("POST", "/coordination/api/cases/{id:uuid}/pause"): Action.MOVE_CASE,
    ("POST", "/coordination/api/cases/{id:uuid}/resume"): Action.MOVE_CASE,
    ("POST", "/coordination/api/cases/{id:uuid}/interpreter"): Action.ARRANGE_INTERPRETER,
    ("POST", "/coordination/api/cases/{id:uuid}/interpreter/cancel"): Action.ARRANGE_INTERPRETER,
    ("GET", "/coordination/api/offers"): Action.SEE_OFFERS,
    ("POST", "/coordination/api/offers/{id:uuid}/accept"): Action.ANSWER_OFFER,
    ("POST", "/coordination/api/offers/{id:uuid}/decline"): Action.ANSWER_OFFER,
    ("POST", "/coordination/api/offers/{id:uuid}/undo"): Action.ANSWER_OFFER,
    ("GET", "/coordination/api/tasks"): Action.SEE_ZONE_BOARD,
    ("POST", "/coordination/api/tasks/{id:uuid}/done"): Action.DO_TASK,
    ("GET", "/coordination/api/workforce"): Action.SEE_WORKFORCE,
    ("POST", "/coordination/api/workforce/import"): Action.IMPORT_WORKFORCE,
    ("POST", "/coordination/api/workforce/{id:uuid}/absences"): Action.NOTE_ABSENCE,
    ("POST", "/coordination/api/workforce/{id:uuid}/absences/cancel"): Action.NOTE_ABSENCE,
    ("GET", "/coordination/day"): Action.SEE_DAY,
    ("POST", "/coordination/offers/{id:uuid}/accept"): Action.ANSWER_OFFER,
    ("POST", "/coordination/offers/{id:uuid}/decline"): Action.ANSWER_OFFER,
    ("POST", "/coordination/offers/{id:uuid}/undo"): Action.ANSWER_OFFER,
    ("GET", "/coordination/cases"): Action.SEE_CASE,
    ("GET", "/coordination/cases/{id:uuid}"): Action.SEE_CASE,
    ("POST", "/coordination/cases/{id:uuid}/first-contact"): Action.MOVE_CASE,
    ("POST", "/coordination/cases/{id:uuid}/close"): Action.MOVE_CASE,
    ("POST", "/coordination/cases/{id:uuid}/pause"): Action.MOVE_CASE,
    ("POST", "/coordination/cases/{id:uuid}/resume"): Action.MOVE_CASE,
    ("POST", "/coordination/cases/{id:uuid}/interpreter"): Action.ARRANGE_INTERPRETER,
    ("POST", "/coordination/cases/{id:uuid}/interpreter/cancel"): Action.ARRANGE_INTERPRETER,
    ("POST", "/coordination/tasks/{id:uuid}/done"): Action.DO_TASK,
    ("GET", "/coordination/zones"): Action.SEE_ZONE_BOARD,
    ("GET", "/coordination/zones/{code}"): Action.SEE_ZONE_BOARD,
}

_NOTIFICATIONS: Actions = {
    ("GET", "/notifications/api/messages"): Action.SEE_MESSAGES,
    ("POST", "/notifications/api/messages/{id:uuid}/retry"): Action.REPAIR,
    ("GET", "/notifications/api/contacts"): Action.SEE_CONTACTS,
    ("GET", "/notifications/api/directory"): Action.SEE_CONTACTS,
    ("GET", "/notifications/api/directory/export"): Action.MOVE_CONTACTS,
    ("POST", "/notifications/api/directory/import"): Action.MOVE_CONTACTS,
}

# What every service has under its own name.
_EACH: Actions = {
    ("GET", "api/counts"): Action.COUNT,
    ("GET", "live"): Action.HEAR_CHANGES,
    ("GET", "api/flow"): Action.COUNT,
    ("POST", "api/flow/published"): Action.COUNT,
    ("POST", "api/flow/not-arrived"): Action.COUNT,
    ("POST", "api/flow/parked"): Action.COUNT,
    ("POST", "api/audit/entries"): Action.SEE_AUDIT,
    ("GET", "api/retention"): Action.SEE_KEPT,
    ("POST", "api/retention"): Action.ERASE,
    ("POST", "api/parked/{id:int}/replay"): Action.REPAIR,
    ("POST", "api/parked/{id:int}/discard"): Action.REPAIR,
    ("POST", "api/stopped-timers/{id:uuid}/replay"): Action.REPAIR,
    ("GET", "api/openapi.json"): Action.OPEN,
    ("GET", "livez"): Action.OPEN,
    ("GET", "readyz"): Action.OPEN,
    ("GET", "static/{hash}/{name}"): Action.OPEN,
}

_SIGN_IN: Actions = {
    ("GET", "/static/{hash}/{name}"): Action.OPEN,
    ("GET", "/sign-in"): Action.OPEN,
    ("GET", "/sign-in/back"): Action.OPEN,
    ("GET", "/organisation"): Action.OPEN,
    ("POST", "/organisation"): Action.OPEN,
    ("POST", "/language"): Action.OPEN,
    ("GET", "/sessions"): Action.OPEN,
    ("POST", "/sessions/others/end"): Action.OPEN,
    ("POST", "/sessions/{id:uuid}/end"): Action.OPEN,
    ("POST", "/sign-out"): Action.OPEN,
    ("POST", "/sign-out/everywhere"): Action.OPEN,
    ("GET", "/sign-out/done"): Action.OPEN,
    ("POST", "/oauth/token"): Action.OPEN,
}

ROUTES: Actions = {
    **_SIGN_IN,
    **_INTAKE,
    **_OPERATIONS,
    **_COORDINATION,
    **_NOTIFICATIONS,
    **{(method, f"/{service}/{path}"): action for service in SERVICES for (method, path), action in _EACH.items()},
}
