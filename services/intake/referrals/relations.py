"""What a referral says of who may do what with it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.intake.referrals.book import Referral
from shared.access.rules import Facts


def facts_of(row: Mapping[str, Any], asker: UUID) -> Facts:
    """The facts of a row as `store` gives it to who asks: the database's function `ties` says what ties this asker to it today, and whether
    there is consent to share what is known of the person.
    """
    return Facts(
        organisation_id=row["sender_organisation_id"],
        zones=frozenset({row["zone"]}),
        to_check=row["check_due_at"] is not None or row["decided_by"] is not None or row["matched"],
        holder_id=row["coordinator_id"] if row["goes_on"] else None,
        offered_to=row["offered_to"] if row["live"] else None,
        covered_by=frozenset({asker} if row["covered"] and row["live"] else ()),
        glass=frozenset({asker} if row["opened"] else ()),
        team=frozenset({asker} if row["sees"] is not None else ()),
        consent=row["consent"],
    )


def facts_of_referral(referral: Referral) -> Facts:
    """The facts that acts of senders and of the zone's intake look at."""
    return Facts(
        organisation_id=referral.sender_organisation_id,
        zones=frozenset({referral.zone}),
        to_check=referral.check_due_at is not None or referral.judgement.decided_by is not None or referral.unsure,
    )
