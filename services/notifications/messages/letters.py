"""The mails themselves: plain text in the recipient's language, with a reference and a link and nothing about the person."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from string import Template
from uuid import UUID

from services.notifications.directory.domain import is_email

TEXTS = Path(__file__).with_name("texts")


class Unsendable(Exception):
    """A mail cannot be written to this address or with this reference; both must be plain, on one line."""


def compose(
    *,
    sender: str,
    address: str,
    event_id: UUID,
    recipient_id: UUID,
    channel: str,
    language: str,
    kind: str,
    reference: str,
    link: str,
    written_at: datetime,
) -> EmailMessage:
    """One mail. Its Message-ID is the same every time it is tried, so that a server or reader can drop a second copy."""
    if not (is_email(address) and reference.isprintable() and link.isprintable()):
        raise Unsendable("the address, reference or link holds what a mail cannot carry")
    subject, body = text(language, kind)
    words = {"reference": reference, "link": link}
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=address)
    mail["Subject"] = subject.substitute(words)
    mail["Date"] = format_datetime(written_at)
    mail["Message-ID"] = f"<{event_id}.{recipient_id}.{channel}@{domain_of(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content(body.substitute(words), cte="quoted-printable")
    mail["Content-Language"] = language  # after the content, which clears what is said about content
    return mail


def domain_of(sender: str) -> str:
    """The domain of an address that may have a display name."""
    return parseaddr(sender)[1].rpartition("@")[2]


@cache
def text(language: str, kind: str) -> tuple[Template, Template]:
    """Subject and body: the first line of the file, and what follows the empty line after it."""
    subject, _, body = (TEXTS / language / f"{kind}.txt").read_text("utf-8").partition("\n\n")
    return Template(subject), Template(body)
