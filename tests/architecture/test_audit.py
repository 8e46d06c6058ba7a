"""What writes the audit cannot be gone round: every command has somebody who asked, and every batch handler was thought about."""

from __future__ import annotations

import ast

from services.coordination import app as coordination
from services.intake import app as intake
from services.notifications import app as notifications
from shared.access.audit.entries import action_of
from tests.architecture import tree

# Batch handlers that use no person's data, and what they do instead; all others write an entry per item.
COPIES_ONLY = {
    "covers.on_cases_covered": "copies who covers which case",
    "referrals.follow_case": "copies the state that coordination told",
    "workforce.on_worker_turns": "workers, not persons in care",
    "teams.on_care_team_joined": "copies who is in the care team, which coordination recorded",
    "teams.on_care_team_left": "copies who left it, which coordination recorded",
    "leave.on_absence_asked": "workers, not persons in care",
    "leave.on_leave_begins": "asks the zone lead about cases by id",
    "messages.record": "queues messages by id and code",
    "erasures.on_coordination_erased": "notes in the ledger who confirmed",
    "erasures.on_notifications_erased": "notes in the ledger who confirmed",
    "sharing.on_consent_given": "marks that there is consent again",
    "sharing.forget_again": "empties what the entry of the erasure tells of",
    "retention.on_hold_set": "copies the hold that intake set",
    "retention.on_hold_lifted": "copies that intake lifted it",
}
WRITES = {
    "referrals.on_answer_due", "cases.on_referral_accepted", "cases.on_referral_moved", "cases.on_referral_withdrawn",
    "additions.on_information_added", "offers.on_offer_deadline", "offers.on_offer_final", "cases.on_offer_again", "cases.on_rest_unseen",
    "cases.on_waiting_late",
    "cases.on_first_weeks_over", "sharing.on_consent_withdrawn", "sharing.on_person_erased", "retention.on_night",
}  # fmt: skip


def test_every_batch_handler_writes_entries_or_is_known_not_to_need_any():
    services = [app.service() for app in (intake, coordination, notifications)]
    handlers = {action_of(handler) for service in services for handler in (*service.subscriptions.values(), *service.timers.values())}
    assert handlers == WRITES | COPIES_ONLY.keys()


def test_a_command_reaches_the_kernel_only_with_who_asked():
    """`Call.decide` hands over who asks; `kernel.submit` and `kernel.transact` themselves do not."""
    found = [
        f"{tree.named(path)}:{call.lineno}"
        for path in tree.modules("services")
        for call in tree.calls(tree.parsed(path))
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"submit", "transact"} and "kernel" in ast.unparse(call.func.value)
    ]
    assert [place for place in found if not place.startswith("services/notifications/delivery/")] == []
