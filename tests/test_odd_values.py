"""Odd values in every field of every form: never an error of ours (S35, A5).

Drawn from the URL list like ``tests/test_forms_in_error.py``: each form is filled as
somebody would, then sent with one odd value in one field. It is refused in French and
keeps what was typed, or taken, and then the list, the sheet and the public pages can
be read. What was done is undone before the next one.

Each run tries a few fields of a partner's forms, one value each; ``bin/test
--thorough``, all of all roles.
"""

import copy
import dataclasses
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.forms import Form, forms_of
from tests.pages import Look, audience, is_page, read_pages
from tests.refusals import SECRET, Refusal, is_aside, refused_forms

LONG = "Texte. " * 1_500
OTHER_DIGITS = "٠٤٦٥٧١٠٠٠٠"
BACKWARDS = "Dupont\u202eanon"
ODD_TEXTS = ["🙂🙃", OTHER_DIGITS, BACKWARDS, LONG, "'; DROP--", "-1"]
ODD_DAYS = ["0001-01-01", "9999-12-31", "0026-11-28", "2026-02-31", OTHER_DIGITS]
ODD: dict[str, list[str]] = {
    "date": ODD_DAYS,
    "datetime-local": [f"{day}T00:00" for day in ODD_DAYS],
    "time": ["24:00", "99:99", OTHER_DIGITS],
    "number": ["-1", str(10**12), str(10**30), "1e9", OTHER_DIGITS],
    "select": ["'; DROP--", "9" * 20, "\u202e"],
}
TYPED = {"text", "textarea", "email", "tel", "url", "search"}
# How somebody fills in what stands empty, by the kind of the field and by its name.
BY_NAME = {
    "siret": "35600000000048",
    "safir": "38999",
    "postcode": "38000",
    "commune_code": "38185",
    "ft_id": "12345678901",
    "where": "1 rue de l’Essai, Grenoble",
}
BY_KIND = {
    "email": "karine.petit@partenaire.example",
    "tel": "04 65 71 00 00",
    "number": "30",
    "time": "10:00",
    "url": "https://partenaire.example/",
}
# Words of Django, not of Opus.
NOT_OURS = (
    *("This field", "Enter a", "Ensure this", "Select a valid", "violates"),
    "Assurez-vous que cette valeur est",
)
LEAST = {"anonymous": 3, "adviser": 25, "rgc": 15, "ft_admin": 100}


@dataclasses.dataclass(frozen=True)
class Try:
    """One form sent: where it stands, and what is odd in it."""

    page: str
    form: Form
    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.form.action} {self.name} = {self.value[:20]!r}"


def odd_values(form: Form) -> dict[str, list[str]]:
    """The fields that somebody fills in, each with what may be odd in it."""
    return {
        name: ODD_TEXTS if kind in TYPED else ODD[kind]
        for name, kind in form.kinds.items()
        if (kind in TYPED or kind in ODD)
        and name not in form.hidden
        and not any(secret in name for secret in SECRET)
    }


def filled(form: Form) -> dict[str, Any]:
    """The form as somebody would fill it: what stands there, and all that does not."""
    today = timezone.localdate().isoformat()
    days = {"date": today, "datetime-local": f"{today}T10:00"}
    sent: dict[str, Any] = dict(form.values) | form.button
    for name, kind in form.kinds.items():
        if any(form.values.get(name, [])) or kind in {"file", "submit", "checkbox"}:
            continue
        if given := [choice for choice in form.choices.get(name, []) if choice]:
            # The last one often opens other fields: « une autre date ».
            sent[name] = given[-1]
        elif name not in form.choices and kind != "hidden":
            usual = (days | BY_KIND).get(kind, "Essai")
            sent[name] = BY_NAME.get(name, usual)
    return sent


def tries(client: Client, found: list[str], fields: int | None) -> Iterator[Try]:
    """Each kind of form once: some of its fields, or all, each odd value apart."""
    seen = set()
    for path, page in read_pages(client, found):
        for form in forms_of(page):
            kind = (page.resolver_match.route, frozenset(form.names))
            odd = odd_values(form)
            if kind in seen or is_aside(form) or not odd:
                continue
            seen.add(kind)
            if fields is None:
                yield from (
                    Try(path, form, name, value)
                    for name, values in odd.items()
                    for value in values
                )
                yield from reversed_days(path, form)
                continue
            # The same ones in each run, others from form to form. Days come first.
            turn = zlib.crc32(page.resolver_match.route.encode())
            names = sorted(odd, key=lambda name: "date" not in form.kinds[name])
            for number, name in enumerate(names[:fields], turn):
                yield Try(path, form, name, odd[name][number % len(odd[name])])


def reversed_days(path: str, form: Form) -> Iterator[Try]:
    """Each day long before those beside it, within the years."""
    for name, kind in form.kinds.items():
        if kind == "date":
            yield Try(path, form, name, "2001-01-01")
            yield Try(path, form, name, "2099-12-31")


def faults(client: Client, one: Try) -> Iterator[str]:
    """What is wrong with the answer, and with the pages that show what was taken."""
    sent = filled(one.form) | {one.name: [one.value]}
    cookies = copy.deepcopy(client.cookies)
    undone = transaction.atomic()
    undone._from_testcase = True
    with undone:
        response = client.post(one.form.action, sent)
        if response.status_code >= 500:
            yield f"{one}: {response.status_code}"
        elif refused := refused_forms(response) if is_page(response) else []:
            yield from faults_of_refusal(one, response, sent, refused)
        elif response.status_code < 400:
            # What a commit would refuse, it refuses now.
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            where = [one.page, "/etat-du-service/", "/"]
            if response.status_code == 302:
                where.insert(0, response.url)
            for path in where:
                shown = client.get(path, follow=True)
                if shown.status_code >= 500:
                    yield f"{one}: taken, then {path}: {shown.status_code}"
        transaction.set_rollback(True)
    client.cookies = cookies


def faults_of_refusal(
    one: Try, response: Any, sent: dict[str, Any], refused: list[Any]
) -> Iterator[str]:
    told = [
        str(error)
        for form in refused
        for errors in form.errors.values()
        for error in errors
    ]
    if not all(told) or any(words in text for text in told for words in NOT_OURS):
        yield f"{one}: no sentence in French: {told}"
    look = Look.of(one.form.action, response)
    kept = Refusal(look, one.form, sent, refused).kept.values.get(one.name)
    # A list shows no choice that it does not have.
    if one.form.kinds[one.name] != "select" and kept != [one.value]:
        yield f"{one}: lost: {str(kept)[:40]}"


def walk(role: str, fields: int | None) -> tuple[list[str], int]:
    client, found = audience(role)
    client.raise_request_exception = False
    found = [path for path in found if not path.endswith("/history/")]
    wrong, count = [], 0
    for one in tries(client, found, fields):
        sys.stdout.write(f"{one}\n")
        count += 1
        wrong += faults(client, one)
    return wrong, count


@pytest.mark.django_db
@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", ["anonymous", "adviser"])
def test_a_few_odd_values_of_each_form_break_nothing(role: str) -> None:
    """S35, A5."""
    wrong, count = walk(role, fields=2)

    assert wrong == []
    assert count >= LEAST[role]


@pytest.mark.django_db
@pytest.mark.thorough
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("role", LEAST)
def test_no_odd_value_of_any_field_breaks_anything(role: str) -> None:
    """S35, A5."""
    wrong, count = walk(role, fields=None)

    assert wrong == []
    assert count >= LEAST[role]
