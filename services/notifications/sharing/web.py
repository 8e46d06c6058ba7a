"""What a restore brought back of persons who were erased."""

from __future__ import annotations

from services.notifications.sharing import store
from shared.web import returned

OPERATIONS = returned.operations("notifications", store.returned)
