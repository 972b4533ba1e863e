"""Every form of Opus, sent as somebody would who fills it badly (A5).

A form is sent twice: with nothing in it, and with something odd in each field. What was
done all the same is undone before the next one.
"""

import copy
import dataclasses
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.forms import BaseForm
from django.forms.formsets import BaseFormSet
from django.test import Client
from django.urls import resolve, reverse

from tests.forms import Form, forms_of, read_forms
from tests.pages import Look, is_page, read_pages

# What is never sent back to a page: secrets, and codes that serve once.
SECRET = ("password", "code", "secret")


@dataclasses.dataclass(frozen=True)
class Refusal:
    """A form that came back: where from, what was sent, what was answered."""

    look: Look
    form: Form
    sent: dict[str, Any]
    refused: list[BaseForm]

    @property
    def kept(self) -> Form:
        """The same form, as it came back."""
        return max(
            read_forms(self.look.path, self.look.html),
            key=lambda other: len(other.kinds.items() & self.form.kinds.items()),
        )


def refusals(client: Client, found: list[str], routes: str = "") -> Iterator[Refusal]:
    """The forms of these pages that refuse; each kind of form once.

    Sent to any route, or to those that an expression fits.
    """
    seen = set()
    for _, page in read_pages(client, found):
        for form in forms_of(page):
            kind = (page.resolver_match.route, frozenset(form.kinds.items()))
            if kind in seen or is_aside(form) or not goes_to(form, routes):
                continue
            seen.add(kind)
            for sent in (nothing_in(form), oddities_in(form)):
                response = send(client, form, sent)
                if not is_page(response):
                    continue
                if refused := refused_forms(response):
                    yield Refusal(Look.of(form.action, response), form, sent, refused)


def goes_to(form: Form, routes: str) -> bool:
    route = resolve(urlsplit(form.action).path).route if routes else ""
    return bool(re.search(routes, f"/{route}"))


def is_aside(form: Form) -> bool:
    """The way out, and the rows that a list ticks: neither asks anything."""
    ways_out = {reverse("logout"), reverse("admin:logout")}
    return form.action in ways_out or "select_across" in form.values


def nothing_in(form: Form) -> dict[str, Any]:
    """Its keys and its steps, which nobody types."""
    return {name: form.values[name] for name in form.hidden} | form.button


def oddities_in(form: Form) -> dict[str, Any]:
    """A word of its own in each field, the last choice of each list."""
    sent = nothing_in(form)
    for name, choices in form.choices.items():
        if choices:
            sent[name] = [choices[-1]]
    for number, name in enumerate(form.typed):
        sent[name] = [f"Essai no {number}"]
    return sent


def send(client: Client, form: Form, sent: dict[str, Any]) -> Any:
    cookies = copy.deepcopy(client.cookies)
    undone = transaction.atomic()
    # As that of a test case: what must be written at once does not refuse it.
    undone._from_testcase = True
    with undone:
        response = client.post(form.action, sent)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def refused_forms(response: Any) -> list[BaseForm]:
    """The forms of the answer's context that say what is wrong."""
    found: dict[int, BaseForm] = {}
    for layer in response.context or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else ():
            for one in forms_in(value):
                if one.is_bound and one.errors:
                    found[id(one)] = one
    return list(found.values())


def forms_in(value: Any) -> Iterator[BaseForm]:
    """A form, those of a set, the one of the admin's frame."""
    if isinstance(value, BaseForm):
        yield value
    elif isinstance(value, BaseFormSet):
        yield from value.forms
    elif isinstance(value, list | tuple):
        for one in value[:50]:
            yield from forms_in(one)
    elif isinstance(form := getattr(value, "form", None), BaseForm):
        yield form
