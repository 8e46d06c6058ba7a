from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest

from shared.web import forms, lists, pages
from tests.unit.web.conftest import Configure, browsing

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
VOID = {"input", "br", "meta", "link", "hr"}
EVIL = '<script>"&'
STAGES = [
    {"state": "done", "text": "Ontvangen", "at": datetime(2026, 11, 18, 9, tzinfo=UTC)},
    {"state": "now", "late": True, "text": "Eerste contact", "note": "vandaag 11:00"},
    {"state": "", "text": "Afgesloten"},
]
FITTING = [
    {"name": "Hanne Wijffels (ik)", "load": 7380, "case": 600, "capacity": 10000, "ratio": 0.798, "chosen": True, "note": "eerste jaar"}
]
LIVE = {"service": "intake", "position": 7, "address": "/intake/referrals?stand=1"}
ASKED = lists.read(
    lists.Shape(("", "days", "-days"), {"stand": ("waiting",)}, rows=10),
    "/coordination/cases",
    {"stand": "waiting", "volgorde": "-days", "pagina": "3"},
    {"taak-pagina": "2"},
)
USES: dict[str, str] = {
    "icon": "parts.icon('check')",
    "status": "parts.status('late', evil)",
    "mini": "parts.mini(stages, 'Stap 2 van 5')",
    "stages": "parts.stages(stages)",
    "form_steps": "parts.form_steps([{'text': 'Wie', 'url': '/a'}, {'text': 'Wat', 'url': '/b'}, {'text': evil}], 2)",
    "problem": "parts.problem({'weken': 'Vul in.', 'b': evil}, {'weken': 'Weken'})",
    "once_key": "parts.once_key()",
    "field": "parts.field('phone', 'Telefoon', evil, 'Vul in.', hint='Liefst vast', unit='weken', inputmode='numeric', placeholder='x', maxlength=20, "
    "suggestions=[('9060', evil)])",
    "textarea": "parts.textarea('worries', 'Wat baart u zorgen?', evil, optional=True, hint='Twee zinnen')",
    "select": "parts.select('language', 'Taal', [{'value': 'nl', 'text': 'Nederlands'}, {'value': 'fr', 'text': evil}], 'fr', empty='Kies')",
    "options": "parts.options('needs', 'Wat?', [{'value': 'a', 'text': evil, 'hint': 'h'}, {'value': 'b', 'text': 'B'}], ['b'], many=True, boxed=True)",
    "facts": "parts.facts([{'term': 'Rol', 'value': evil, 'note': 'n', 'url': '/x'}], 'answers')",
    "reasons": "parts.reasons([{'text': evil, 'fits': True}, {'text': 'x', 'fits': False}])",
    "note": "parts.note('Let op.', evil, 'soon')",
    "meter": "parts.meter(0.27, soon=True)",
    "load": "parts.load(7980, 10000, [{'text': 'Vast', 'points': 1500, 'fill': 'fill-fixed'}, {'text': evil, 'points': 6480, 'fill': 'fill'}], 7500)",
    "decision": "parts.decision(evil, fitting, [{'name': 'Els', 'reason': evil}], 'Beslist')",
    "timeline": "parts.timeline([{'at': now, 'state': 'done', 'title': 'Aanvaard', 'by': evil, 'text': 'x'}])",
    "tiles": "parts.tiles([{'value': 14, 'label': evil, 'late': True}, {'value': '75 %', 'label': 'x'}])",
    "bars": "parts.bars('last', 'Belasting', 'per coördinator', [{'name': evil, 'of': 80, 'filled': 68.4, 'value': '86 %', 'note': '0,8 VTE'}])",
    "weeks": "parts.weeks({'id': 'komen', 'title': 'Nieuw', 'text': evil, 'scale': 10, 'now': 3, 'limit': 50, 'first': now, 'last': now, "
    "'columns': [{'x': 1, 'width': 6, 'y': 30, 'height': 70, 'fill': 'fill'}]})",
    "bands": "parts.bands({'id': 'wachten', 'title': 'Wie wacht', 'text': evil, 'scale': 10, 'last': 12, 'bands': [{'kind': 'now', 'columns': "
    "[{'x': 1, 'width': 6, 'y': 30, 'height': 70}], 'lines': [{'x1': 1, 'y1': 2, 'x2': 3, 'y2': 4}]}, {'kind': 'then', 'columns': [], 'lines': []}]})",
    "refreshing": "'<main'|safe ~ parts.refreshing(['coordination'], 300) ~ '></main>'|safe",
    "leave_quickly": "parts.leave_quickly()",
    "shortcuts": "parts.shortcuts((('J', evil),))",
    "key_table": "parts.key_table((('J', evil),), 'Mijn dag')",
    "shortcuts_button": "parts.shortcuts_button()",
    "saved_by_itself": "parts.saved_by_itself()",
    "toast": "parts.toast('aanvaard', 'Aanvaard.', evil, undo='/undo')",
    "blank": "parts.blank('Geen aanbod', evil, {'text': 'Verder', 'url': '/x', 'primary': True})",
    "table": "parts.table('Wachtlijst', [{'text': 'Dossier'}, {'text': 'Wacht', 'number': True}], "
    "[[{'text': '2026-1', 'url': '/c', 'note': evil}, {'text': '14 dagen', 'status': 'late'}], ['x', 3]])",
    "heads": "'<table>'|safe ~ parts.heads([{'text': evil, 'order': '-days', 'number': True}, {'text': 'Doen', 'hidden': True}], asked) ~ '</table>'|safe",
    "filters": "parts.filters(asked, [{'name': 'stand', 'label': evil, 'options': [{'value': 'waiting', 'text': evil}]}], "
    "[{'value': '', 'text': 'x'}], by_heads=True)",
    "leaves": "parts.leaves(asked, asked.leaf(243))",
}


class Balanced(HTMLParser):
    """Collects what is opened and never closed, all ids, and what the content policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.classes: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(tag, attrs)

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.wrong += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        self.wrong += [tag] if tag in ("style", "iframe") or (tag == "script" and "src" not in given) else []
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.classes |= set((given.get("class") or "").split())

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


def shown(expression: str) -> str:
    frame: dict[str, Any] = {"now": NOW, "path": "/coordination/day", "form_key": "k", "live": LIVE}
    parts = pages.environment().get_template("parts.html").make_module(frame)
    template = pages.environment().from_string("{{ " + expression + " }}")
    return template.render(parts=parts, evil=EVIL, stages=STAGES, fitting=FITTING, asked=ASKED, **frame)


def test_every_component_has_a_use_here() -> None:
    parts = pages.environment().get_template("parts.html").make_module({"now": NOW, "path": "/"})
    macros = {name for name, value in vars(parts).items() if isinstance(value, jinja2.runtime.Macro)}
    assert macros == USES.keys()


@pytest.mark.parametrize("component", USES)
def test_a_component_is_whole_escaped_and_within_the_content_policy(component: str) -> None:
    html = shown(USES[component])
    read = Balanced(html)
    assert read.open == []
    assert read.wrong == []
    assert len(set(read.ids)) == len(read.ids)
    assert EVIL not in html
    assert ("&lt;script&gt;" in html) == ("evil" in USES[component])


@pytest.mark.parametrize("path", ["/sign-in", "/nothing"])
async def test_a_whole_page_is_within_the_content_policy(configured: Configure, path: str) -> None:
    async with browsing(persona="coordinator") as client:
        read = Balanced((await client.get(path)).text)
    assert read.open == []
    assert read.wrong == []
    assert len(set(read.ids)) == len(read.ids)


def test_every_class_a_component_uses_is_in_the_stylesheet() -> None:
    css = (pages.OWN.parent / "static" / "zorgspoor.css").read_text()
    known = set(re.findall(r"\.([a-z][a-z-]*)", css))
    used = set().union(*(Balanced(shown(use)).classes for use in USES.values()))
    assert used <= known


def test_a_wrong_field_is_tied_to_what_is_expected() -> None:
    html = shown("parts.field('phone', 'Telefoon', '12', 'Vul in.', hint='Liefst vast')")
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="phone-fout phone-hint"' in html
    assert 'id="phone-fout"' in html
    assert 'value="12"' in html
    assert "aria-" not in shown("parts.field('phone', 'Telefoon')")


def test_the_summary_of_errors_leads_to_each_field() -> None:
    assert '<a href="#weken">Weken: vul in.</a>' in shown("parts.problem({'weken': 'Vul in.'}, {'weken': 'Weken'})")
    assert shown("parts.problem({})").strip() == ""


def test_what_was_chosen_stays_chosen() -> None:
    html = shown("parts.options('a', 'A', [{'value': '1', 'text': 'x'}, {'value': '10', 'text': 'y'}], '10')")
    assert re.findall(r'value="(\d+)" checked', html) == ["10"]
    html = shown("parts.select('a', 'A', [{'value': '1', 'text': 'x'}, {'value': '2', 'text': 'y'}], '2')")
    assert re.findall(r'value="(\d)" selected', html) == ["2"]


def test_a_textarea_keeps_a_first_empty_line() -> None:
    assert ">\n\neerst leeg</textarea>" in shown("parts.textarea('a', 'A', '\neerst leeg')".replace("\n", "\\n"))


def test_the_decision_card_shows_points_and_share_of_each_candidate() -> None:
    html = shown("parts.decision('x', fitting, [], 'y')")
    assert "73,8 + 6 van 100" in html
    assert '<rect class="fill" x="73.8%" width="6.0%" height="12"/>' in html
    assert '<td class="number">0,80</td>' in html


def test_my_points_add_up_to_the_bar() -> None:
    html = shown(USES["load"])
    assert "79,8 <small>van 100</small>" in html
    assert '<rect class="fill" x="15.0%" width="64.8%" height="14"/>' in html
    assert "zone gemiddeld 75" in html
    assert '<span class="number">20,2</span>' in html


def test_a_coordinator_without_hours_breaks_no_bar() -> None:
    assert "van 0" in shown("parts.load(0, 0, [], 5000)")


def test_a_template_that_names_something_unknown_fails() -> None:
    with pytest.raises(jinja2.UndefinedError):
        pages.environment().from_string("{{ forgotten }}").render()


def test_typed_and_errors_serve_a_template_as_they_are() -> None:
    template = pages.environment().from_string("{{ typed['items'] }}|{{ typed['other'] }}|{{ errors['x'] or 'fine' }}")
    assert template.render(typed=forms.Typed(items="a"), errors=forms.Errors()) == "a||fine"


def test_dates_in_a_page_are_those_of_brussels() -> None:
    template = pages.environment().from_string("{{ at | moment }} {{ at | day }} {{ at | clock }} {{ at | iso }} {{ 480 | points }}")
    assert template.render(at=NOW, now=NOW) == "vandaag 9:30 24/11 9:30 2026-11-24T08:30:00+00:00 4,8"


@pytest.mark.parametrize("name", ["offers/nothing.html", "nothing.html", "../routing.py", "offers/../../secret"])
def test_a_template_that_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        pages.environment().get_template(name)


def test_a_noun_finds_its_templates_beside_itself(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "coordination" / "offers" / "templates"
    folder.mkdir(parents=True)
    (folder / "day.html").write_text("found")
    monkeypatch.setattr(pages, "SERVICES", tmp_path)
    loaded = jinja2.Environment(loader=pages.NounLoader(), autoescape=True)
    assert loaded.get_template("offers/day.html").render() == "found"
    other = tmp_path / "intake" / "offers" / "templates"
    other.mkdir(parents=True)
    (other / "day.html").write_text("other")
    with pytest.raises(jinja2.TemplateError, match="more than once"):
        jinja2.Environment(loader=pages.NounLoader(), autoescape=True).get_template("offers/day.html")


def test_a_page_says_where_it_hears_of_changes_and_from_where_on() -> None:
    html = shown(USES["refreshing"])
    assert 'data-live="/intake/live?since=7 /coordination/live"' in html
    assert 'data-hx-get="/intake/referrals?stand=1"' in html


def test_a_head_says_in_which_order_the_table_is_and_leads_to_the_other() -> None:
    head = shown("parts.heads([{'text': 'Dossier'}, {'text': 'Wacht', 'order': '-days'}], asked)")
    assert '<th scope="col">Dossier</th>' in head
    assert (
        '<th scope="col" aria-sort="descending"><a class="head" href="/coordination/cases?taak-pagina=2&amp;stand=waiting&amp;volgorde=days">'
        in head
    )


def test_a_filter_is_sent_by_get_with_codes_only_and_keeps_what_else_was_asked() -> None:
    form = shown("parts.filters(asked, [{'name': 'stand', 'label': 'Stand', 'options': [{'value': 'waiting', 'text': 'Wacht'}]}])")
    assert '<form class="filter" action="/coordination/cases" method="get">' in form
    assert '<input type="hidden" name="taak-pagina" value="2">' in form
    assert '<option value="waiting" selected>' in form
    assert "_form" not in form
    assert "<input" not in form.replace('<input type="hidden"', "")


def test_leaves_say_which_rows_these_are() -> None:
    shown_ = shown("parts.leaves(asked, asked.leaf(243))")
    assert "21–30 van 243" in shown_
    assert 'pagina=3" aria-current="page"' in shown_
    assert 'pagina=4" rel="next"' in shown_
    assert shown("parts.leaves(asked, asked.leaf(4))").strip() == ""
