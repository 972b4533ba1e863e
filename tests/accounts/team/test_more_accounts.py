"""A full quota leads to an amendment's request; the RGC reads the terms (art. 5.2)."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from opus.support.tickets.models import Ticket, Topic
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
)
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db

MORE_ACCOUNTS = "Demander des comptes de plus"


@pytest.fixture
def team():
    """A structure of two seats, its RGC, no adviser yet."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=2)
    return RgcFactory(structure=structure)


def test_a_full_quota_leads_to_a_prepared_request_of_more_accounts(client, team):
    """Art. 5.2, annexe 2: the contact form, its subject and text filled in."""
    waiting = AdviserFactory(structure=team.structure, suspended=True)
    AdviserFactory.create_batch(2, structure=team.structure)
    sign_in(client, team)
    pages = ["accounts", "account_add", "account_import"]
    urls = [*map(reverse, pages), reverse("account", args=[waiting.public_id])]

    links = {Page.of(client.get(url)).links()[MORE_ACCOUNTS] for url in urls}

    [link] = links
    form = client.get(link).context["form"]
    assert form["topic"].value() == "comptes"
    assert form["subject"].value().startswith("Demande d’avenant")
    number = team.structure.conventions.get().number
    assert f"n°\xa0{number}\xa0: elle prévoit 2 comptes actifs" in form["text"].value()


def test_the_prepared_request_is_sent_as_it_is(client, team):
    sign_in(client, team)
    page = f"{reverse('contact')}?sujet=comptes&modele=plus-de-comptes"
    form = client.get(page).context["form"]

    sent = {field.name: field.value() for field in form}
    response = client.post(page, sent)

    assert response.status_code == 302
    assert Ticket.objects.get().topic == Topic.ACCOUNTS


def test_free_seats_ask_for_no_amendment(client, team):
    sign_in(client, team)

    assert MORE_ACCOUNTS not in client.get(reverse("accounts")).text


def test_the_rgc_reads_the_terms_of_the_agreement(client, team):
    """Art. 4, 6 to 9: price, costs, use, liability, as on the legal notice."""
    terms = render_to_string("components/agreement_terms.html")
    sign_in(client, team)

    for article in ("8", "4, 6 et 7", "9", "9.2"):
        assert f"art.\xa0{article})" in terms
    assert terms in client.get(reverse("accounts")).text
    assert terms in client.get(reverse("legal")).text
