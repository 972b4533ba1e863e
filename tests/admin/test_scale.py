"""Every register with a country in it: 400 structures, 2 000 accounts."""

import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.agreements.models.conventions import Convention, Partnership
from accounts.agreements.models.letters import Letter
from accounts.structures.models import Agency, Structure
from accounts.users.models.users import User
from opus.desk.queues import QUEUES
from opus.lib.audit.journal import Action, record
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    LetterFactory,
    StructureFactory,
)
from tests.admin.registers import MAKERS, list_url, record_url
from tests.conftest import sign_in
from tests.opus.page import Page
from tests.tables import analyze

pytestmark = pytest.mark.django_db

STRUCTURES, ACCOUNTS_EACH = 400, 5
MOST_ROWS, MOST_QUERIES = 50, 12
# The desk reads the arrival of the offers too; a hub has ten lists, each bounded.
MOST_ON_THE_DESK, MOST_ON_A_HUB = 14, 30
LISTS_OF_ONE = ("accounts.user", "accounts.letter", "accounts.nomination")


def people_the_country(by: User) -> Agency:
    """Make one region of ten agencies, and all that hangs on them."""
    region = AgencyFactory(kind="dr", name="Région")
    direction = AgencyFactory(kind="dt", name="Direction", parent=region)
    agencies = AgencyFactory.create_batch(10, parent=direction)
    for number in range(STRUCTURES):
        StructureFactory(name=f"Structure {number}", agency=agencies[number % 10])
    conventions = list(Convention.objects.select_related("structure"))
    for convention in conventions:
        User.objects.bulk_create(
            AdviserFactory.build_batch(ACCOUNTS_EACH, structure=convention.structure)
        )
    Letter.objects.bulk_create(
        LetterFactory.build(convention=convention, rank=1, made_by=by)
        for convention in conventions
    )
    analyze(Agency, Structure, Partnership, Convention, Letter, User)
    return region


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_no_list_grows_with_the_country(client: Client, ft_admin: User) -> None:
    region = people_the_country(ft_admin)
    assert User.objects.count() >= STRUCTURES * ACCOUNTS_EACH
    sign_in(client, ft_admin)
    faults = []

    def visit(label: str, **query: Any) -> None:
        look(list_url(label), **query)

    def look(path: str, most: int = MOST_QUERIES, **query: Any) -> None:
        first = client.get(path, query)  # Warms the caches of the site.
        assert first.status_code == 200, f"{path} {query}: {first.status_code}"
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path, query)
        page = Page.of(response)
        rows = len([tag for tag in page.all("tr") if "tbody" in tag.within])
        size = len(response.content) // 1024
        line = f"{path} {query}: {len(queries)} queries, {rows} rows, {size} KiB"
        sys.stdout.write(line + "\n")
        if response.status_code != 200 or len(queries) > most:
            faults.append(line)
        if rows > MOST_ROWS or size > 200:
            faults.append(line)

    for label, make in MAKERS.items():
        make()
        visit(label)
    for label in ("structure", "convention", "user", "letter"):
        visit(f"accounts.{label}", territoire=region.pk, q="Structure", o="1")
    structure = Structure.objects.get(name="Structure 7")
    for label in LISTS_OF_ONE:
        visit(label, structure=structure.pk)
    for row in (structure, *structure.conventions.all(), *structure.users.all()):
        record(Action.ADMIN_CHANGED, by=ft_admin, target=row)
    visit("lib.auditentry", objet=f"accounts.structure {structure.pk}")
    for queue in QUEUES:
        look(queue.list_url)
    look("/admin/", MOST_ON_THE_DESK)
    look(record_url(structure), MOST_ON_A_HUB)
    look(reverse("activity"), vue=structure.pk)
    assert faults == []
