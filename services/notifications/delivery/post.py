"""Handing mails to the SMTP server: one connection for several mails, every failure turned into a result."""

from __future__ import annotations

import asyncio
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib

from services.notifications.delivery.domain import SERVER_AWAY, Result
from services.notifications.messages.letters import domain_of
from shared.settings import Settings

SECONDS_PER_MAIL = 15.0  # connecting included

Try = tuple[Result, str | None]


class Line:
    """A connection to the mail server that opens when a mail needs it and opens anew after trouble."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.client: aiosmtplib.SMTP | None = None

    async def send(self, mail: EmailMessage) -> Try:
        """Hand over one mail. The reason is a code of ours or the server's number, never its text, which may hold an address."""
        try:
            async with asyncio.timeout(SECONDS_PER_MAIL):
                if self.client is None:
                    try:
                        self.client = await self._connected()
                    except (aiosmtplib.SMTPException, OSError, TimeoutError):
                        return Result.AWAY, SERVER_AWAY
                await self.client.sendmail(parseaddr(self.settings.mail_from)[1], [str(mail["To"])], mail.as_bytes())
        except Exception as error:
            connecting = self.client is None
            self.drop()
            if connecting and isinstance(error, TimeoutError):
                return Result.AWAY, SERVER_AWAY
            return result_of(error)
        return Result.DELIVERED, None

    async def _connected(self) -> aiosmtplib.SMTP:
        # the name in EHLO is given, because finding the host's own name may block on DNS
        client = aiosmtplib.SMTP(
            hostname=self.settings.smtp_host,
            port=self.settings.smtp_port,
            timeout=SECONDS_PER_MAIL,
            local_hostname=domain_of(self.settings.mail_from),
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client

    def drop(self) -> None:
        """Forget the connection without waiting for the server."""
        if self.client is not None:
            self.client.close()
            self.client = None

    async def close(self) -> None:
        """Take leave of the server, if it still listens."""
        if self.client is not None:
            try:
                async with asyncio.timeout(1):
                    await self.client.quit()
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                self.drop()
            self.client = None


def result_of(error: Exception) -> Try:
    """What an error while handing over a mail means. 4xx: later. 5xx: never. Anything else: nobody knows whether it was taken, so later."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return result_of(error.recipients[0])
        case aiosmtplib.SMTPResponseException():
            return (Result.REFUSED if error.code >= 500 else Result.NOT_NOW), f"smtp_{error.code}"
        case TimeoutError():
            return Result.NOT_NOW, "timeout"
        case aiosmtplib.SMTPServerDisconnected() | OSError():
            return Result.NOT_NOW, "disconnected"
        case aiosmtplib.SMTPException():
            return Result.NOT_NOW, "smtp_error"
    raise error
