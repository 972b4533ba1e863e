"""The HTML of every page: valid, each reference held, a title of its own (A10, A12).

The parser is that of the WHATWG specification, and tells each of its parse errors. What
it cannot tell is in docs/accessibility.md: the W3C's checker was run by hand.
"""

import collections
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.conf import settings
from django.forms import BaseForm, BoundField, CheckboxInput
from django.template.loader import render_to_string
from tinyhtml5.parser import HTMLParser

from opus.lib.forms.base import BOXES
from tests.cases import each_case
from tests.pages import (
    ALONE,
    BY_REGISTER,
    NO_PAGE,
    OF_A_ROW,
    audience,
    quick_and_thorough,
    read_pages,
    title_of,
)
from tests.test_access_matrix import TABLE
from tests.walk import addresses

# Addresses that answer with a PDF, and the words of what opens a tab.
PDF = re.compile(r"(\.pdf|/pdf/)(?=$|[?#])")
TAB = re.compile(r"\(nouvel onglet\)|nouvelle fenêtre")
# Attributes that name other elements of the page.
REFERENCES = (
    *("aria-activedescendant", "aria-controls", "aria-describedby", "aria-details"),
    *("aria-errormessage", "aria-flowto", "aria-labelledby", "aria-owns", "for"),
    *("form", "headers", "list"),
)
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?"
)
LANDMARKS = {"main", "header", "footer"}
# What one says of oneself is filled by the browser (RGAA 11.13, WCAG 1.3.5).
TOKENS = {
    "identifier": "username",
    "password": "current-password",
    "old_password": "current-password",
    "new_password": "new-password",
    "new_password1": "new-password",
    "new_password2": "new-password",
    "code": "one-time-code",
}
# Of these the reading of the criteria says that no page holds any (rgaa.toml).
NOWHERE = {
    *("applet", "area", "audio", "blink", "canvas", "embed", "frame", "iframe", "map"),
    *("marquee", "object", "video"),
}
# So many pages at least: an empty walk would hold nothing.
LEAST = {
    "anonymous": 15,
    "adviser": 70,
    "password_only": 15,
    "stranger": 40,
    "rgc": 60,
    "first_day": 40,
    "ft_admin": 100,
}


def faults(html: str) -> Iterator[str]:
    """What is wrong in a page, whichever it is."""
    parser = HTMLParser(namespace_html_elements=False)
    root = parser.parse(html)
    for _, code, details in parser.errors:
        yield f"parse error: {code} {details}"
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    yield from faults_of_references(elements)
    yield from faults_of_tabs(elements)
    yield from faults_of_outline(root, elements)
    yield from faults_of_tables(elements)
    yield from faults_of_attributes(elements)
    yield from faults_of_times(elements)
    yield from faults_of_forms(elements)
    yield from (f"{one.tag}: what of it?" for one in elements if one.tag in NOWHERE)


def faults_of_references(elements: list[Element]) -> Iterator[str]:
    """An id serves once, and whatever is pointed at is there."""
    ids = Counter(one.get("id") for one in elements if one.get("id") is not None)
    yield from (f"id twice: {name}" for name, count in ids.items() if count > 1)
    for one in elements:
        for attribute in REFERENCES:
            for name in (one.get(attribute) or "").split():
                if name not in ids:
                    yield f"{one.tag} {attribute} points at nothing: {name}"
        target = one.get("href", "") if one.tag == "a" else ""
        if target.startswith("#") and len(target) > 1 and target[1:] not in ids:
            yield f"link to nothing: {target}"


def faults_of_tabs(elements: list[Element]) -> Iterator[str]:
    """RGAA 13.2: a PDF opens beside the page, and what opens a tab says so."""
    for one in (one for one in elements if one.tag == "a"):
        is_beside = one.get("target") == "_blank"
        is_kept = "download" in one.attrib  # A file to save takes no page away.
        if PDF.search(one.get("href", "")) and not is_beside and not is_kept:
            yield f"a PDF in the place of the page: {one.get('href')}"
        told = f"{text_of(one)} {one.get('title', '')}"
        is_safe = "noopener" in one.get("rel", "")
        if is_beside and not (TAB.search(told) and is_safe):
            yield f"a tab that nothing announces: {told}"


def faults_of_outline(root: Element, elements: list[Element]) -> Iterator[str]:
    """A10: language, title, landmarks, one h1, no level of title skipped."""
    if root.get("lang") != "fr":
        yield "the page says no language"
    title = " ".join((root.findtext("head/title") or "").split())
    if len(title) < 8:
        yield f"title too short: {title}"
    tags = Counter(one.tag for one in elements)
    yield from (f"{tags[tag]} {tag}" for tag in LANDMARKS if tags[tag] != 1)
    if tags["h1"] != 1:
        yield f"{tags['h1']} h1"
    levels = [int(one.tag[1]) for one in elements if re.fullmatch("h[1-6]", one.tag)]
    for before, after in zip(levels, levels[1:], strict=False):
        if after > before + 1:
            yield f"h{after} after h{before}"


def faults_of_tables(elements: list[Element]) -> Iterator[str]:
    """A8: each table has a title, and heads that say what they head."""
    for table in (one for one in elements if one.tag == "table"):
        caption = table.find("caption")
        named = {"aria-label", "aria-labelledby"} & set(table.attrib)
        if not named and (caption is None or not "".join(caption.itertext()).strip()):
            yield f"a table without a title: {table.attrib}"
        heads = list(table.iter("th"))
        if not heads:
            yield f"a table without heads: {table.attrib}"
        if any(head.get("scope") not in {"col", "row"} for head in heads):
            yield f"a head without its scope: {table.attrib}"


def faults_of_attributes(elements: list[Element]) -> Iterator[str]:
    """A12: HTML has no attribute of a library; what is ours begins with ``data-``."""
    for one in elements:
        for name in one.attrib:
            if str(name).startswith(("hx-", "sse-", "on")):
                yield f"no attribute: {name}"


def faults_of_times(elements: list[Element]) -> Iterator[str]:
    """A10: a day or an instant, as HTML writes them."""
    for one in (one for one in elements if one.tag == "time"):
        if not INSTANT.fullmatch(one.get("datetime", "")):
            yield f"no date: {one.attrib}"


# A box to tick says what it is for.
CHOSEN = {"checkbox", "radio"}
# An appointment's own date: needed if no slot is chosen, and inside that choice.
OF_ANOTHER_DATE = {"day", "hour", "minutes", "mode", "where"}


def faults_of_forms(elements: list[Element]) -> Iterator[str]:
    """A5: what is not required says so, beside what is; a browser may fill it."""
    # The desk's labels are bold where one must answer; it speaks to others.
    is_partners = any(one.get("id") == "contenu" for one in elements)
    for form in (one for one in elements if one.tag == "form" and is_partners):
        fields = {
            one.get("id"): one
            for one in form.iter()
            if one.tag in {"input", "textarea", "select"}
        }
        if not any("required" in one.attrib for one in fields.values()):
            continue
        for label in (one for one in form.iter() if one.tag == "label"):
            field, words = fields.get(label.get("for")), "".join(label.itertext())
            is_typed = (
                field is not None
                and field.get("type") not in CHOSEN
                and field.get("name") not in OF_ANOTHER_DATE
            )
            if is_typed and ("required" in field.attrib) == ("facultatif" in words):
                yield f"said neither required nor optional: {words.strip()}"
    for field in (one for one in elements if one.tag == "input" and is_partners):
        token = TOKENS.get(field.get("name", ""))
        given = field.get("autocomplete", "").split()
        if token and field.get("type") != "hidden" and token not in given:
            yield f"no token {token}: {field.get('name')}"


def faults_of_fields(response: Any, html: str) -> Iterator[str]:
    """A5, RGAA 11.10: each field says what its form asks, in words and to readers."""
    root = HTMLParser(namespace_html_elements=False).parse(html)
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    if not any(one.get("id") == "contenu" for one in elements):
        return  # The desk says what is required instead.
    for form in forms_of(response.context):
        drawn = [
            field
            for field in form.visible_fields()
            if any(field.html_name == one.get("name") for one in elements)
        ]
        for field in drawn:
            yield from faults_of_field(field, elements)
        words = " ".join(getattr(form, "required_words", "").split())
        if drawn and words and words not in text_of(root):
            yield f"{type(form).__name__}: not said: {words}"


def forms_of(context: Any) -> list[BaseForm]:
    layers = [layer.dicts for layer in context or ()]
    values = [one for dicts in layers for each in dicts for one in each.values()]
    forms = {id(one): one for one in values if isinstance(one, BaseForm)}
    return list(forms.values())


def faults_of_field(field: BoundField, elements: list[Element]) -> Iterator[str]:
    controls = [one for one in elements if field.html_name == one.get("name")]
    name = f"{type(field.form).__name__}.{field.name}"
    widget = field.field.widget
    # A group of boxes needs one of them, no matter which: HTML cannot say it.
    is_required = field.field.required and not isinstance(widget, BOXES)
    if is_required != any("required" in one.attrib for one in controls):
        yield f"{name}: required for the form or for the reader alone"
    labels = [
        one
        for one in elements
        if one.get("id") == f"{field.auto_id}_legend"
        or one.tag == "label"
        and one.get("for") == field.id_for_label
    ]
    is_marked = any(
        "opus-optional" in each.get("class", "") and text_of(each) == "(facultatif)"
        for label in labels
        for each in label.iter()
    )
    is_silent = getattr(field.form, "all_optional", False)
    is_silent |= isinstance(widget, CheckboxInput)
    if is_marked == (field.field.required or is_silent):
        yield f"{name}: « (facultatif) » is missing, or false"


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


# A person of somebody else is left out of an address, without a word.
WHOSE_ELSE = re.compile(r"[?&]personne=[0-9a-f-]{36}")


@pytest.mark.django_db
@pytest.mark.parametrize("role", quick_and_thorough(*LEAST))
def test_every_page_is_valid_and_has_its_outline(role: str) -> None:
    """A8, A10, A12."""
    wrong, read = [], 0
    titles = collections.defaultdict(set)
    given = set()

    for path, response in read_pages(*audience(role)):
        read += 1
        html = response.content.decode()
        wrong += [(path, fault) for fault in faults(html)]
        wrong += [(path, fault) for fault in faults_of_fields(response, html)]
        if response.status_code == 200:
            # What is being prepared shares a title with what it will be.
            titles[title_of(html)].add(WHOSE_ELSE.sub("", path))
            given.add(("GET", response.resolver_match.route))

    assert not wrong, "\n".join(
        sorted({f"{path[:60]}: {fault}" for path, fault in wrong})
    )
    # What one offer refuses is read from another.
    refused = {door for door, told in TABLE.items() if told.get(role) == "409"}
    assert {door for door in refused if door[0] == "GET"} <= given
    assert {title: of for title, of in titles.items() if len(of) > 1} == {}
    assert read >= LEAST[role]


@pytest.mark.parametrize("status", [400, 404, 405, 413, 500, 503])
def test_the_page_of_a_breakdown_is_valid_and_has_its_outline(status: int) -> None:
    """A10: 500 stands alone, without the frame of the others."""
    assert list(faults(render_to_string(f"{status}.html"))) == []


def test_every_address_of_the_desk_is_toured() -> None:
    """A16: a page that the admin gains is read here too."""
    told = {*ALONE, *OF_A_ROW, *NO_PAGE}
    names = {
        one.name
        for one in addresses()
        if one.is_admin and not one.name.endswith(BY_REGISTER)
    }

    assert names == told


def test_every_table_of_a_document_has_its_title() -> None:
    """A8, A9: letters and PDFs are no pages, and are read from their templates."""
    tables = [
        (f"{path.parent.name}/{path.name}", tag)
        for path in sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
        if {"documents", "letters", "emails"} & set(path.parts)
        for tag in re.findall(r"<table\b[^>]*>", path.read_text(encoding="utf-8"))
    ]
    without = [one for one in tables if not re.search(' aria-label="..', one[1])]

    assert {"letters/avenant.html", "documents/person.html"} <= dict(tables).keys()
    assert without == []


@each_case(
    ("html", "fault"),
    [
        ("<p><div></div></p>", "parse error: unexpected-end-tag"),
        ('<i id="a"></i><i id="a"></i>', "id twice: a"),
        ('<label for="b">B</label>', "label for points at nothing: b"),
        ('<p aria-describedby="c"></p>', "p aria-describedby points at nothing: c"),
        ('<a href="#d">D</a>', "link to nothing: #d"),
        ("<h1>E</h1><h3>E</h3>", "h3 after h1"),
        ("<a href=/e.pdf>E</a>", "a PDF in the place of the page: /e.pdf"),
        ("<a href=/ target=_blank rel=noopener>E</a>", "a tab that nothing announces"),
        ("<a href=/ target=_blank>(nouvel onglet)</a>", "a tab that nothing announces"),
        ("<main></main>", "0 header"),
        ("<table><tr><th scope=col>F</table>", "a table without a title"),
        ("<table><caption>G</caption><tr><td>G</table>", "a table without heads"),
        ("<table><caption>H</caption><tr><th>H</table>", "a head without its scope"),
        ("<time datetime='2026-11-26T06:47:086:47 matin'></time>", "no date"),
        ("<time datetime=2026-11-26T06:47:08.123456Z></time>", "no date"),
        ("<a href=/ hx-get=/>I</a>", "no attribute: hx-get"),
        ("<p onclick=K>J</p>", "no attribute: onclick"),
        ("<iframe></iframe>", "iframe"),
        (
            "<main id=contenu><form><label for=i>Nom</label><input id=i required>"
            "<label for=j>Ville</label><input id=j></form></main>",
            "said neither required nor optional",
        ),
        ("<main id=contenu><input name=code></main>", "no token one-time-code"),
    ],
)
def test_a_fault_is_seen(html: str, fault: str) -> None:
    """The walk above would pass without eyes."""
    page = f"<!DOCTYPE html><html lang=fr><title>Essai – Opus</title>{html}</html>"

    assert any(one.startswith(fault) for one in faults(page))


TEMPLATES = Path(settings.BASE_DIR, "templates")
URL = re.compile(r"""{%\s*url ["'](?:admin:)?(\w+)["'][^%]*?(?:\bas (\w+)\s*)?%}""")


def plain_links(template: str, pdfs: set[str]) -> Iterator[str]:
    """The tags of a template that lead to a PDF by themselves."""
    names = {found[2] for found in URL.finditer(template) if found[1] in pdfs} - {None}
    for tag in re.findall(r"<(?:a|form|button)\b(?:{%.*?%}|{{.*?}}|[^>])*>", template):
        is_kept = re.search(r"\sdownload\b", tag)
        to_pdf = any(found[1] in pdfs for found in URL.finditer(tag))
        to_name = set(re.findall(r"{{\s*(\w+)\s*}}", tag)) & names
        if (to_pdf or to_name) and not is_kept:
            yield tag


def test_each_link_to_a_pdf_goes_through_the_one_tag() -> None:
    """``pdf_link``: the walk above sees only pages that its rows happen to make."""
    pdfs = {one.name for one in addresses() if PDF.search(one.path)}
    found = {
        str(path.relative_to(TEMPLATES)): tags
        for path in TEMPLATES.rglob("*.html")
        if (tags := list(plain_links(path.read_text(), pdfs)))
    }

    assert found == {}
    assert {"document_pdf", "print_job_pdf", "agreement_document"} < pdfs


@pytest.mark.parametrize(
    "template",
    [
        """<a class="x{% if y %} z{% endif %}" href="{% url 'a_pdf' b.pk %}">C</a>""",
        """{% url "a_pdf" b.pk as c %}<a href="{{ c }}">D</a>""",
        """<form action="{% url 'admin:a_pdf' b.pk %}">""",
    ],
)
def test_a_link_of_its_own_to_a_pdf_is_seen(template: str) -> None:
    assert len(list(plain_links(template, {"a_pdf"}))) == 1
