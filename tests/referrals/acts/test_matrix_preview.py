"""The dry run: what a structure would see, by the real matrix on the real offers."""

import re

import pytest
from django.urls import reverse

from offers.enums import Mode
from opus.lib.audit.models import AuditEntry
from referrals.acts.act_rights import ActKind
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AmendmentFactory,
    ConventionFactory,
    amend,
)
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw

pytestmark = pytest.mark.django_db

BOTH = {"consultation": "on", "referrals": "on"}


@pytest.fixture
def offers():
    OfferFactory.create_batch(3)
    OfferFactory(published=False)
    OfferFactory.create_batch(2, delegated_preselection=True)
    OfferFactory(preselection=True)
    withdraw(OfferFactory())


def preview(client, convention=None, **asked):
    convention = convention or ConventionFactory()
    url = reverse("admin:convention_preview", args=[convention.pk])
    return client.get(url, asked)


def verdicts(response):
    """Act → for each mode, whether the answer is yes."""
    return {
        label: [answer.is_allowed for answer in answers]
        for label, answers in response.context["acts"]
    }


def test_the_offers_are_counted_by_mode_without_the_withdrawn(as_ft_admin, offers):
    response = preview(as_ft_admin, **BOTH, reading="A")

    counts = {column.mode: column.count for column in response.context["columns"]}
    assert counts == {Mode.DIRECT: 4, Mode.DELEGATED: 2, Mode.PRESELECTED: 1}
    page = response.content.decode()
    assert "<strong>7 offres</strong>, dont 1 non publiée ailleurs." in page


@pytest.mark.parametrize(
    ("asked", "yes"),
    [
        (BOTH | {"reading": "A"}, ["Yn", "nY", "nnY", "nnY"]),
        (BOTH | {"reading": "B"}, ["Y", "nYY", "nYY", "nYY"]),
        ({"consultation": "on", "reading": "A"}, ["n", "n", "n", "n"]),
        ({"referrals": "on", "reading": "B"}, ["n", "n", "n", "n"]),
    ],
)
def test_the_matrix_is_that_of_article_3_2(as_ft_admin, asked, yes):
    """The same function as pages and actions ask."""
    expected = {
        kind.label: [mark == "Y" for mark in marks.ljust(3, "n")]
        for kind, marks in zip(ActKind, yes, strict=True)
    }

    assert verdicts(preview(as_ft_admin, **asked)) == expected


def test_every_no_has_its_reason_and_its_article(as_ft_admin):
    page = preview(as_ft_admin, **BOTH, reading="A").content.decode()

    cells = re.findall(r"<td>Non[^<]*</td>", page)
    assert len(cells) == 12 - 4
    assert [cell for cell in cells if "3.2" not in cell] == []


def test_without_consultation_there_is_no_offer_to_read(as_ft_admin, offers):
    page = preview(as_ft_admin, referrals="on", reading="A").content.decode()

    assert "<strong>Aucune offre</strong>" in page
    assert "annexe 1, art. 3.1" in page


def test_it_opens_on_what_is_in_force_today(as_ft_admin, settings):
    """Art. 5.2: amendments included."""
    settings.ACTS_READING = "B"
    convention = ConventionFactory()
    amend(convention, referrals=False)

    response = preview(as_ft_admin, convention)

    form = response.context["form"]
    assert form.cleaned_data == {
        "consultation": True,
        "referrals": False,
        "reading": "B",
    }
    assert "Ce sont les services en vigueur." in response.content.decode()


def test_it_opens_on_what_an_amendment_would_bring(as_ft_admin):
    amendment = AmendmentFactory(
        convention=ConventionFactory(grants_referrals=False), referrals=True
    )

    response = preview(as_ft_admin, amendment.convention, amendment=amendment.pk)

    assert response.context["form"].cleaned_data["referrals"]
    assert "Ce ne sont pas les services en vigueur." in response.content.decode()


@pytest.mark.parametrize("odd", [{"amendment": "x"}, {"reading": "Z"}, {"reading": ""}])
def test_odd_words_in_the_address_break_nothing(as_ft_admin, odd):
    assert preview(as_ft_admin, **odd).status_code == 200


def test_it_writes_nothing(as_ft_admin, offers):
    convention = ConventionFactory(draft=True)
    before = AuditEntry.objects.count()

    response = preview(as_ft_admin, convention, **BOTH, reading="A")

    assert "La convention n’est pas en vigueur" in response.content.decode()
    assert AuditEntry.objects.count() == before
    url = reverse("admin:convention_preview", args=[convention.pk])
    assert as_ft_admin.post(url).status_code == 405


def test_it_is_of_ones_territory_and_of_staff(client):
    """S20, S27."""
    ours = ConventionFactory(agency=AgencyFactory(safir="38086"))
    theirs = ConventionFactory(agency=AgencyFactory(safir="69001"))
    sign_in(client, AgentFactory(agency=ours.agency))
    assert preview(client, ours).status_code == 200
    assert preview(client, theirs).status_code == 404
    sign_in(
        client, AdviserFactory(structure=ours.structure, structure__convention=None)
    )

    assert preview(client, ours).status_code == 404
