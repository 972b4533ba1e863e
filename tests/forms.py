"""The forms of a page, as a browser would send them: for tests that walk them all."""

import dataclasses
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

# What a person types into; the rest is chosen, or stands there already.
TYPED = {"text", "search", "email", "tel", "url", "password", "textarea"}


@dataclasses.dataclass
class Form:
    """One form that is posted: where to, and what it holds when the page opens."""

    action: str
    values: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    typed: list[str] = dataclasses.field(default_factory=list)
    hidden: list[str] = dataclasses.field(default_factory=list)
    # What is sent by whoever presses Enter: the first button's own word.
    button: dict[str, str] = dataclasses.field(default_factory=dict)
    choices: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    # What the browser shows for each: "date", "number", "textarea", "select"…
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        return {*self.values, *self.choices}

    def data(self, **changes: Any) -> dict[str, Any]:
        """What the browser posts, with some of it typed anew."""
        return self.values | changes


class Reader(HTMLParser):
    """Reads the forms of a page whose method is POST."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here = here
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.field = ""
        self.is_typing = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_posted = given.get("method", "").lower() == "post"
            action = urljoin(self.here, given.get("action", ""))
            # The search of every page of the desk is walked on its own page.
            is_posted &= given.get("role") != "search" or action == self.here
            self.form = Form(action) if is_posted else None
            if self.form:
                self.forms.append(self.form)
        elif self.form and "disabled" not in given:
            self.read_field(self.form, tag, given)

    def read_field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "button" and name and given.get("type", "submit") == "submit":
            form.button = form.button or {name: given.get("value", "")}
        elif tag == "option":
            form.choices[self.field].append(given.get("value", ""))
            if "selected" in given:
                form.values[self.field] = [given.get("value", "")]
        elif not name:
            return
        elif tag == "select":
            self.field = name
            form.kinds[name] = tag
            form.choices[name] = []
        elif tag == "textarea":
            self.field, self.is_typing = name, True
            form.kinds[name] = tag
            form.values[name] = [""]
            form.typed.append(name)
        elif tag == "input":
            kind = given.get("type", "text")
            if "readonly" not in given:
                form.kinds[name] = kind
            if kind in {"checkbox", "radio"}:
                form.choices.setdefault(name, []).append(given.get("value", "on"))
                if "checked" in given:
                    form.values.setdefault(name, []).append(given.get("value", "on"))
            elif kind not in {"submit", "file", "button"}:
                form.values[name] = [given.get("value", "")]
                if kind in TYPED and "readonly" not in given:
                    form.typed.append(name)
                if kind == "hidden":
                    form.hidden.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if tag == "textarea" and self.is_typing and self.form:
            self.is_typing = False
            # The line break after the tag is not of the text.
            values = self.form.values[self.field]
            values[0] = values[0].removeprefix("\n")

    def handle_data(self, data: str) -> None:
        if self.form and self.is_typing:
            self.form.values[self.field][0] += data


def forms_of(response: Any) -> list[Form]:
    """Every form of the page that is posted."""
    return read_forms(response.request["PATH_INFO"], response.content.decode())


def read_forms(path: str, html: str) -> list[Form]:
    reader = Reader(path)
    reader.feed(html)
    return reader.forms


def longest_form(response: Any) -> Form:
    """The page's own form: the menu's, to sign out, has no field."""
    return max(forms_of(response), key=lambda form: len(form.values))
