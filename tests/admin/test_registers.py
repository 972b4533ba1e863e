"""What holds for every register: the cost of its list, its sheets, nothing deleted."""

import datetime as dt
import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.users.models.users import User
from offers.files.models import ImportRun
from opus.lib.audit.journal import Action, record
from tests.accounts.factories import AdviserFactory
from tests.admin.registers import MAKERS, list_url, record_url, text_of
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


def test_every_register_is_tried_here() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(MAKERS)


@each_case("label", MAKERS, at_each_run=12)
def test_lists_cost_the_same_whatever_their_length(
    client: Client, ft_admin: User, label: str
) -> None:
    make = MAKERS[label]
    # A session of some age is written now and then.
    sign_in(client, ft_admin)

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(list_url(label))
        assert response.status_code == 200
        return len(queries)

    make()
    count_queries()  # Warms the caches of the site.
    with_one = count_queries()
    make()
    make()

    assert count_queries() == with_one
    assert with_one <= 12


@each_case("label", MAKERS, at_each_run=16)
def test_sheets_open_and_have_a_title(as_ft_admin: Client, label: str) -> None:
    response = as_ft_admin.get(record_url(MAKERS[label]()))

    assert response.status_code == 200
    assert re.search(
        r"<title>\s*\S.* \| Administration d’Opus</title>", text_of(response)
    )


@each_case("label", MAKERS, at_each_run=12)
def test_lists_are_searched(as_ft_admin: Client, label: str) -> None:
    MAKERS[label]()

    response = as_ft_admin.get(list_url(label), {"q": "38086"})

    assert response.status_code == 200


@each_case("label", MAKERS, at_each_run=12)
def test_nothing_is_ever_deleted(as_ft_admin: Client, label: str) -> None:
    """S27."""
    instance = MAKERS[label]()
    model = type(instance)
    url = reverse(f"admin:{label.replace('.', '_')}_delete", args=[instance.pk])

    assert as_ft_admin.get(url).status_code == 403
    assert as_ft_admin.post(url, {"post": "yes"}).status_code == 403
    as_ft_admin.post(
        list_url(label), {"action": "delete_selected", "_selected_action": instance.pk}
    )
    assert model.objects.filter(pk=instance.pk).exists()


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "title"),
    [
        ("accounts.agency", "Ajouter une agence"),
        ("accounts.structure", "Nouveau partenaire"),
        ("accounts.convention", "Ajouter une convention"),
        ("accounts.nomination", "Ajouter une nomination de RGC"),
        ("accounts.user", "Ajouter un compte"),
        ("referrals.outcomecode", "Ajouter une suite codée"),
        ("referrals.slot", "Ajouter un créneau"),
        ("support.question", "Ajouter une question de la FAQ"),
        ("support.certifiedbrowser", "Ajouter un navigateur certifié"),
    ],
)
def test_adding_is_named_alike_in_the_list_and_on_the_page(
    as_ft_admin: Client, label: str, title: str
) -> None:
    url = reverse(f"admin:{label.replace('.', '_')}_add")

    listed = Page.of(as_ft_admin.get(list_url(label))).links()
    # A structure is begun by a path of its own.
    page = Page.of(as_ft_admin.get(url, follow=True))

    assert listed[title].split("?")[0] == url
    assert page.one("h1").words() == title
    assert page.one("li", **{"aria-current": "page"}).words() == title


def test_leaving_a_sheet_and_closing_an_account_do_not_share_a_word(
    as_ft_admin: Client,
) -> None:
    sheet = Page.of(as_ft_admin.get(record_url(AdviserFactory())))
    account = {tag.words() for tag in sheet.all("button")} | sheet.links().keys()
    offer = Page.of(as_ft_admin.get(record_url(OfferFactory()))).links()

    assert "Fermer le compte" in account
    assert offer["Revenir à la liste"] == list_url("offers.offer")
    assert "Fermer" not in account | offer.keys()


def test_a_line_of_the_journal_is_called_by_what_was_done(as_ft_admin: Client) -> None:
    entry = record(Action.SIGN_IN, by=AdviserFactory())

    page = Page.of(as_ft_admin.get(record_url(entry)))

    assert page.one("h1").words().startswith("Connexion, le ")


def test_an_import_is_called_by_its_day_in_paris(as_ft_admin: Client) -> None:
    """R26."""
    run = ImportRun.objects.create(files=["a.jsonl", "b.jsonl"], read=1)
    ImportRun.objects.filter(pk=run.pk).update(
        started_at=dt.datetime(2026, 7, 14, 22, 30, tzinfo=dt.UTC)
    )

    page = Page.of(as_ft_admin.get(record_url(run)))

    assert page.one("h1").words() == "Import du 15 juillet 2026 à 0 h 30"
    assert "a.jsonl, b.jsonl" in page.one("main").words()


def test_what_was_recorded_is_told_in_our_words(as_ft_admin: Client) -> None:
    """U17: Django would speak of an object, and of success."""
    typed = {
        "kind": "information",
        "title": "Recherche par rayon",
        "text": "La liste se trie par distance.",
        "goes_live_on": "",
        "note": "",
        "guide": "",
        "audience": "tous",
        "region": "",
    }

    page = as_ft_admin.post(
        reverse("admin:support_announcement_add"), typed, follow=True
    )

    assert "Enregistré\xa0: Recherche par rayon." in page.text
    assert "avec succès" not in page.text
