"""What notifications publishes on `notifications.events`. A fact about a message is keyed by its recipient: it is about no person in care."""

from __future__ import annotations

from uuid import UUID

from shared.items import Event, PersonEvent


class MessageEvent(Event):
    """A fact about one message to one recipient over one channel."""

    message_id: UUID
    caused_by: UUID  # the event that people were told about
    recipient_id: UUID
    channel: str

    @property
    def key(self) -> UUID:
        return self.recipient_id


class MessageDelivered(MessageEvent):
    """The recipient's server took the message."""

    type = "notifications.message_delivered.v1"


class MessageFailed(MessageEvent):
    """The message could not be delivered and is not tried again by itself."""

    type = "notifications.message_failed.v1"
    reason: str


class PersonErased(PersonEvent):
    """Notifications erased what it held about this person."""

    type = "notifications.person_erased.v1"
