"""The mails: complete in four languages, harmless headers, nothing about the person."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from uuid import UUID

import pytest

from services.notifications.directory.domain import LANGUAGES
from services.notifications.messages import letters
from services.notifications.messages.domain import Kind
from tests.unit.notifications.builders import NOW

EVENT, RECIPIENT = UUID(int=1), UUID(int=2)
LINK = "https://zorgspoor.example/intake/referrals/00000000-0000-0000-0000-000000000003"
# target groups, programmes and what belongs to them, in the four languages
TELLING = re.compile(
    r"zwanger|perinata|geboorte|baby|moeder|enceinte|grossesse|naissance|schwanger|geburt|pregnan|birth|mother|"
    r"dement|démence|demenz|ouder(e|en)\b|âgé|frail|kwetsba|fragil|gebrechlich|obes|overgewicht|surpoids|übergewicht|gewicht|"
    r"kind\b|kinderen|enfant|kinder\b|child|programm",
    re.IGNORECASE,
)


def a_mail(**changes: Any) -> EmailMessage:
    return letters.compose(
        **(
            {
                "sender": "Zorgspoor <geen-antwoord@zorgspoor.example>",
                "address": "an.peeters@praktijk.be",
                "event_id": EVENT,
                "recipient_id": RECIPIENT,
                "channel": "email",
                "language": "nl",
                "kind": "received",
                "reference": "ZS-2026-0001",
                "link": LINK,
                "written_at": NOW,
            }
            | changes
        )
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_in_every_language_says_reference_and_link_and_nothing_about_the_person(kind: Kind, language: str) -> None:
    mail = message_from_bytes(a_mail(kind=kind, language=language).as_bytes(), policy=default)
    body = mail.get_content()
    assert "ZS-2026-0001" in mail["Subject"]
    assert "ZS-2026-0001" in body
    assert LINK in body.splitlines()
    assert "$" not in mail["Subject"] + body
    assert mail["Content-Language"] == language
    kind_regards = body.replace("Kind regards", "")
    assert not TELLING.search(mail["Subject"] + kind_regards)


def test_no_text_lies_unused() -> None:
    kinds = {f"{kind}.txt" for kind in Kind}
    assert {folder.name: {file.name for file in folder.iterdir()} for folder in letters.TEXTS.iterdir()} == dict.fromkeys(LANGUAGES, kinds)


def test_the_message_id_follows_from_what_is_told_to_whom() -> None:
    assert a_mail()["Message-ID"] == f"<{EVENT}.{RECIPIENT}.email@zorgspoor.example>"
    assert a_mail()["Message-ID"] == a_mail(written_at=NOW.replace(hour=23))["Message-ID"]
    assert a_mail()["Message-ID"] != a_mail(recipient_id=UUID(int=9))["Message-ID"]


def test_it_travels_over_servers_that_know_only_ascii() -> None:
    assert a_mail(language="fr", kind="check").as_bytes().isascii()


HOSTILE = [
    "an@praktijk.be\r\nBcc: all@example.com",
    "an@praktijk.be\nBcc: all@example.com",
    "an@praktijk.be\rX: y",
    "an@praktijk.be%0d%0aBcc: x@y.be",
    "an@praktijk.be, all@example.com",
    "an@praktijk.be;all@example.com",
    "<an@praktijk.be>",
    "An <an@praktijk.be>",
    '"an\r\n"@praktijk.be',
    '"an peeters"@praktijk.be',
    "an@praktijk.be\0",
    "an@praktijk.be ",
    " an@praktijk.be",
    "an@praktijk",
    "an@.be",
    "@praktijk.be",
    "an@",
    "an@-praktijk.be",
    "an@praktijk..be",
    "an..p@praktijk.be",
    ".an@praktijk.be",
    "an.@praktijk.be",
    "an@[127.0.0.1]",
    "an@praktijk.be(x)",
    "añ@praktijk.be",
    "an@prâktijk.be",
    "an@praktijk.be\u202e",
    "an\u2028@praktijk.be",
    "an@praktijk.be\t",
    "a" * 65 + "@praktijk.be",
    "an@" + "a" * 64 + ".be",
    "an@" + "a." * 130 + "be",
    "an@praktijk.b",
    "an@praktijk.1e",
    "an@@praktijk.be",
    "an@praktijk.be\x85",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_that_is_none_gets_no_mail(address: str) -> None:
    with pytest.raises(letters.Unsendable):
        a_mail(address=address)


@pytest.mark.parametrize("text", ["ZS\r\nBcc: all@example.com", "ZS\nX: y", "ZS\rX: y", "ZS\u2028X: y", "ZS\x85X: y", "ZS\0"])
@pytest.mark.parametrize("place", ["reference", "link"])
def test_nothing_that_breaks_a_line_gets_into_a_mail(place: str, text: str) -> None:
    with pytest.raises(letters.Unsendable):
        a_mail(**{place: text})
