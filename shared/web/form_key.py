"""The hidden word of every form: only a page of ours, shown to this very session, knows it. Another site can make a browser send a form, not read one."""

from __future__ import annotations

import hashlib
import hmac
import re
from functools import lru_cache

import jinja2.ext
from starlette.requests import HTTPConnection

from shared.access.actors import token_of
from shared.settings import settings
from shared.web.problems import Problem

FIELD = "_form"  # hidden field of a form
HEADER = b"x-form-key"  # the same, where a script of ours sends JSON with the session cookie
FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
HIDDEN = f'<input type="hidden" name="{FIELD}" value="{{{{ form_key }}}}">'


class InEveryForm(jinja2.ext.Extension):
    """Puts the hidden field into every form of every template that is sent by POST, so that none can be without."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return FORM.sub(lambda form: form[0] + HIDDEN, source)


def key_of(connection: HTTPConnection) -> str:
    """The word for the session of a request: changes with the session, tells nothing about it."""
    return of_credential(token_of(connection))


def of_credential(credential: str | None) -> str:
    """The word for a session by its credential, None for who has none."""
    return _key(settings().token_key.get_secret_value(), credential or "")


def check(connection: HTTPConnection, sent: str | None) -> None:
    """Raises a 403 problem unless the word is that of the session; a request with an Authorization header needs none, no other site can make one."""
    headers = connection.scope["headers"]
    if any(name == b"authorization" for name, _ in headers):
        return
    if not sent:
        sent = next((value.decode("latin-1") for name, value in headers if name == HEADER), "")
    if not sent:
        raise Problem(403, "form_key_missing", "This request does not come from a page of ours.", "Nothing was changed.")
    if not hmac.compare_digest(sent.encode(), key_of(connection).encode()):
        raise Problem(
            403, "form_key_stale", "This form belongs to another session.", "Nothing was changed. Open the page again and send it."
        )


@lru_cache(maxsize=4_096)
def _key(secret: str, credential: str) -> str:
    own = hmac.digest(secret.encode(), b"zorgspoor forms", hashlib.sha256)
    return hmac.new(own, credential.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
