"""Who of the staff may change which field: ``docs/access.md``, form by form."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.structures.models import Agency
from accounts.users.models import User
from tests.accounts.factories import AgencyFactory, AgentFactory, FtAdminFactory
from tests.admin.registers import record_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.forms import forms_of
from tests.test_edit_forms import editable_registers, row_of

pytestmark = pytest.mark.django_db

DOCS = Path(__file__).resolve().parent.parent / "docs" / "access.md"
ROLES = ("agent", "territoire", "national")
LINE = re.compile(r"^\| `([\w.]+)` \| (ajout|fiche) \| (.*) \|$", re.MULTILINE)
NOTHING = "—"


def documented() -> dict[tuple[str, str], tuple[str, ...]]:
    """Register and page → what each role may change there."""
    return {
        (found[1], found[2]): tuple(found[3].split(" | "))
        for found in LINE.finditer(DOCS.read_text())
    }


def staff() -> dict[str, User]:
    """Three members of the staff who see the same rows."""
    territory = AgencyFactory(kind="dt")
    below = Agency.objects.exclude(pk=territory.pk).filter(kind="agence")
    below.update(parent=territory)
    return {
        "agent": AgentFactory(agency=territory),
        "territoire": FtAdminFactory(agency=territory),
        "national": FtAdminFactory(),
    }


def fields_of(client: Client, url: str, label: str) -> str:
    """The fields of that page's form that belong to the row, in its order."""
    response = client.get(url)
    if response.status_code != 200:
        return NOTHING
    [model] = [
        model for model in admin.site._registry if model._meta.label_lower == label
    ]
    known = {field.name for field in model._meta.get_fields()}
    form = response.context["adminform"].form
    posted = {name for one in forms_of(response) for name in one.names}
    names = [
        name
        for name in form.fields
        if name in known and any(sent.startswith(name) for sent in posted)
    ]
    return ", ".join(f"`{name}`" for name in names) or NOTHING


def measured(label: str) -> dict[tuple[str, str], tuple[str, ...]]:
    row = row_of(label)
    pages = {
        "ajout": reverse(f"admin:{label.replace('.', '_')}_add"),
        "fiche": record_url(row),
    }
    found: dict[tuple[str, str], list[str]] = {(label, page): [] for page in pages}
    for user in staff().values():
        client = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
        sign_in(client, user)
        for page, url in pages.items():
            found[label, page].append(fields_of(client, url, label))
    return {key: tuple(values) for key, values in found.items()}


@each_case("label", sorted(editable_registers()), at_each_run=12)
def test_each_role_changes_what_the_documentation_says(label: str):
    expected = {key: row for key, row in documented().items() if key[0] == label}

    assert measured(label) == expected


def test_the_documentation_names_every_form_and_no_other():
    assert {label for label, _ in documented()} == editable_registers()
