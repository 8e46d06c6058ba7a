"""The one fact that others hear of a decision on a referral. Ids, codes and times only. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.intake.referrals.book import Book, Referral
from shared.events import intake
from shared.items import PersonEvent


def accepted(book: Book, referral: Referral) -> intake.ReferralAccepted:
    care, judged = book.care[referral.id], referral.judgement
    return intake.ReferralAccepted(
        person_id=referral.person_id,
        referral_id=referral.id,
        reference=referral.reference,
        programme=referral.programme,
        role=str(judged.role),
        level=str(judged.level),
        zone=referral.zone,
        nis=referral.nis,
        languages=care.languages,
        interpreter=care.interpreter,
        needs=referral.needs,
        urgency=referral.urgency,
        sender_id=referral.sender_id,
        sender_organisation_id=referral.sender_organisation_id,
        caring_organisation_ids=care.caring_organisation_ids,
        household_id=care.household_id,
        received_at=referral.received_at,
        rule_version=judged.rule_version,
    )


def refused(book: Book, referral: Referral) -> intake.ReferralRefused:
    return intake.ReferralRefused(
        person_id=referral.person_id,
        referral_id=referral.id,
        reference=referral.reference,
        zone=referral.zone,
        sender_id=referral.sender_id,
        programme=referral.programme,
        rule_version=referral.judgement.rule_version,
    )


def information_needed(book: Book, referral: Referral) -> intake.InformationNeeded:
    return intake.InformationNeeded(
        person_id=referral.person_id,
        referral_id=referral.id,
        reference=referral.reference,
        zone=referral.zone,
        sender_id=referral.sender_id,
        missing=referral.judgement.missing,
    )


def check_requested(book: Book, referral: Referral) -> intake.CheckRequested:
    assert referral.check_due_at is not None  # noqa: S101 - set by whoever asks for the check
    return intake.CheckRequested(
        person_id=referral.person_id,
        referral_id=referral.id,
        reference=referral.reference,
        zone=referral.zone,
        sender_id=referral.sender_id,
        due_at=referral.check_due_at,
    )


# by what happened, as the history names it
ANNOUNCED: Mapping[str, Callable[[Book, Referral], PersonEvent]] = {
    "received": accepted,
    "information_needed": information_needed,
    "not_eligible": refused,
    "check_requested": check_requested,
}
