"""What a machine needs to be allowed for which route. A route that is not here is for people only."""

from __future__ import annotations

SCOPES: dict[tuple[str, str], str] = {
    ("POST", "/intake/api/referrals"): "write_referral",
    ("GET", "/intake/api/referrals"): "see_own_referrals",
    ("GET", "/intake/api/referrals/{id:uuid}"): "see_referral",
    ("POST", "/intake/api/referrals/{id:uuid}/information"): "change_referral",
    ("POST", "/intake/api/referrals/{id:uuid}/withdraw"): "change_referral",
    ("POST", "/intake/api/eligibility"): "ask_rules",
    ("GET", "/intake/api/zones"): "see_zones",
}
