"""What notifications lets go of at night."""

from __future__ import annotations

from services.notifications.retention import store
from shared.retention.kernel import KERNEL_RULES
from shared.retention.rounds import Rule

RULES = (Rule("messages", store.old_messages, store.strip), *KERNEL_RULES)
