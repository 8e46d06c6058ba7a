"""A mail server for tests: real SMTP, and a list of what came."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Sink:
    """Keeps every mail it takes."""

    def __init__(self, port: int) -> None:
        self.mails: list[EmailMessage] = []
        self.port = port

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    @property
    def message_ids(self) -> list[str]:
        """One for every mail that came, copies included."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    def to(self, address: str, containing: str = "") -> list[EmailMessage]:
        """The mails to an address whose text holds something."""
        return [mail for mail in self.mails if address in str(mail["to"]) and containing in str(mail["subject"]) + mail.get_content()]
