"""A browser without JavaScript: follows links, fills in and sends forms, and looks at every page it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

import httpx

from tests.stack import Stack

Fields = dict[str, list[str]]


@dataclass
class Form:
    """A form as it stands on the page: where it goes, how, and what is in it. `buttons` are the named ones, with their text; `typed`: whether something
    can be typed in it."""

    action: str
    method: str
    fields: Fields = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    typed: bool = False


class Page(HTMLParser):
    """What a page offers: its text, links and forms, and what it must not have."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.url = answer.url
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.forbidden: list[str] = []
        self._words: list[str] = []
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._textarea: str | None = None
        self._title = False
        self.title = ""
        self.feed(answer.text)

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return " ".join(" ".join(self._words).split())

    def form(self, action_part: str) -> Form:
        """The one form whose address contains this."""
        found = [form for form in self.forms if action_part in form.action]
        assert len(found) == 1, (action_part, [form.action for form in self.forms])
        return found[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.forbidden += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.forbidden.append(tag)
        if tag in ("a", "link") and "href" in given:
            self.links.append(given["href"])
        if tag == "script" and "src" in given:
            self.links.append(given["src"])
        if tag == "title":
            self._title = True
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        if self.forms:
            self._in_form(tag, given)

    def _in_form(self, tag: str, given: Mapping[str, str]) -> None:
        form, name, value = self.forms[-1], given.get("name", ""), given.get("value", "")
        form.typed |= tag == "textarea" or (tag == "input" and given.get("type") not in ("hidden", "radio", "checkbox"))
        if tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "textarea":
            self._textarea = name
            form.fields[name] = [""]
        elif tag == "select":
            self._select = (name, [])
        elif tag == "option" and self._select:
            self._select[1].append((value, "selected" in given))
        elif tag == "input" and name:
            if given.get("type") not in ("radio", "checkbox"):
                form.fields[name] = [value]
            elif "checked" in given:
                form.fields.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._title = False
        elif tag == "textarea" and self._textarea is not None:
            # a browser leaves out the line feed right after the tag
            self.forms[-1].fields[self._textarea] = [self.forms[-1].fields[self._textarea][0].removeprefix("\n")]
            self._textarea = None
        elif tag == "select" and self._select:
            name, options = self._select
            self.forms[-1].fields[name] = [next((value for value, chosen in options if chosen), options[0][0] if options else "")]
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._title:
            self.title += data
        elif self._textarea is not None:
            self.forms[-1].fields[self._textarea][0] += data
        else:
            self._words.append(data)


class Browser:
    """Somebody at a browser, signed in at the demonstration's identity provider. Remembers where it was."""

    def __init__(self, stack: Stack) -> None:
        self.client = httpx.AsyncClient(base_url=stack.urls["intake"], follow_redirects=True, trust_env=False, timeout=15)
        self.seen: dict[str, Page] = {}

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()

    async def sign_in(self, persona: str) -> Page:
        """Through the page of the provider, as a person does; of several organisations the first."""
        picker = Page(await self.client.get("/sign-in"))
        form = picker.form("/authorize")
        assert ("persona", persona) in form.buttons
        page = await self.send(picker, form, persona=persona)
        if page.url.path != "/organisation":
            return page
        choice = page.form("/organisation")
        return await self.send(page, choice, organisation=choice.buttons[0][1])

    async def get(self, url: str, status: int = 200) -> Page:
        """Open an address."""
        return self._look(await self.client.get(url), status)

    async def send(self, page: Page, form: Form, status: int = 200, **typed: Any) -> Page:
        """Send a form with what stands in it and what is typed over it (`__` in a name is a dot); None leaves a field out."""
        told: dict[str, Any] = {name.replace("__", "."): value for name, value in typed.items()}
        fields = {name: value for name, value in {**form.fields, **told}.items() if value is not None}
        url = urljoin(str(page.url), form.action)
        content = urlencode(fields, doseq=True).replace("%0D%0A", "%0A").replace("%0A", "%0D%0A")  # as browsers send the ends of lines
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self._look(await self.client.post(url, content=content, headers=headers), status)

    def _look(self, answer: httpx.Response, status: int) -> Page:
        assert answer.status_code == status, (answer.status_code, str(answer.url), answer.text[:2000])
        page = Page(answer)
        assert not page.forbidden, (str(answer.url), page.forbidden)
        by_get = [form for form in page.forms if form.method != "post"]
        assert not any(form.typed for form in by_get), (str(answer.url), "what is typed never comes into an address")
        assert page.title.strip()
        self.seen[str(answer.url)] = page
        return page

    async def follow_all(self) -> set[str]:
        """Try every link of this site on every page seen; returns where they go. A link into a page must have its place there."""
        tried: dict[str, str] = {}
        for page in list(self.seen.values()):
            for link in page.links:
                if link.startswith("#"):
                    assert f'id="{link[1:]}"' in page.answer.text, (link, str(page.url))
                    continue
                url, place = urldefrag(urljoin(str(page.url), link))
                if urlsplit(url).netloc != urlsplit(str(self.client.base_url)).netloc:
                    continue
                if url not in tried:
                    answer = await self.client.get(url, follow_redirects=False)
                    assert answer.status_code in (200, 303), (answer.status_code, url, str(page.url))
                    tried[url] = answer.text if answer.status_code == 200 else ""
                if place and tried[url]:
                    assert f'id="{place}"' in tried[url], (url, place, str(page.url))
        return set(tried)
