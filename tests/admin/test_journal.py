"""The journal in words: dates, codes and objects, linked where they open (S37)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from tests.accounts.factories import (
    AgencyFactory,
    AlertFactory,
    ConventionFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.admin.registers import list_url, record_url
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


def test_a_line_says_dates_codes_and_objects_in_words(
    as_ft_admin: Client, ft_admin: User
) -> None:
    convention = ConventionFactory()
    entry = record(
        Action.ADMIN_CHANGED,
        by=ft_admin,
        target=convention,
        details={
            "fields": {"ends_on": ["2026-12-31", "2027-06-01"], "number": None},
            "verb": "signer",
        },
    )

    page = Page.of(as_ft_admin.get(record_url(entry)))
    words = page.one("main").words()

    assert "31 décembre 2026 → 1er juin 2027" in words
    assert "Enregistrer la signature" in words
    assert "ends_on" not in words
    assert "accounts.convention" not in words
    name = f"Convention n° {convention.number}"
    assert page.links()[name] == record_url(convention)
    assert page.links()[ft_admin.identifier] == record_url(ft_admin)
    listed = Page.of(as_ft_admin.get(list_url("lib.auditentry")))
    assert listed.links()[name] == record_url(convention)
    assert listed.links()[ft_admin.identifier] == record_url(ft_admin)


def test_the_parts_of_a_line_are_told_too(as_ft_admin: Client, ft_admin: User) -> None:
    alert, gone = AlertFactory(), StructureFactory()
    parts = [
        {
            "action": "alert_closed",
            "target": f"accounts.alert {alert.pk}",
            "details": {"conclusion": "legitime"},
        },
        {"action": "admin_changed", "target": f"accounts.structure {gone.pk}99"},
    ]
    entry = record(Action.ALERT_CLOSED, by=ft_admin, parts=parts)

    page = Page.of(as_ft_admin.get(record_url(entry)))

    assert page.links()[f"Alerte n° {alert.pk}"] == record_url(alert)
    assert "Usage légitime" in page.one("main").words()
    # What is no more is named, and leads nowhere.
    assert f"Structure n° {gone.pk}99" in page.one("main").words()
    assert f"Structure n° {gone.pk}99" not in page.links()


def test_who_speaks_to_the_whole_country_reads_it(client: Client) -> None:
    """The national direction like the service; no link for anybody else."""
    structure = StructureFactory()
    journal = list_url("lib.auditentry")
    of_country = FtAdminFactory(agency=AgencyFactory(kind="national"))
    of_region = FtAdminFactory(agency=AgencyFactory(safir="38001", kind="dr"))
    structure.agency.parent = of_region.agency
    structure.agency.save()
    for reader, code in ((of_country, 200), (of_region, 403)):
        sign_in(client, reader)
        assert client.get(journal).status_code == code
        shown = client.get(record_url(structure))
        assert ("Journal du partenaire" in shown.text) == (code == 200)


def test_the_history_of_an_object_is_named_in_its_filter(as_ft_admin: Client) -> None:
    structure = StructureFactory()
    url = reverse("admin:accounts_structure_history", args=[structure.pk])

    page = Page.of(as_ft_admin.get(url, follow=True))

    assert f"Structure {structure.name}" in page.one("h1").words()
    assert page.all("a", href=record_url(structure))
