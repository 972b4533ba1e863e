"""The lists of acts: by name, employer, outcome, awaited gesture, in any order."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from referrals.direct.models import Referral
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
    end,
)
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db

MAKERS = {
    "/mises-en-contact/": ReferralFactory,
    "/mises-en-contact/preselection/": ScreenedReferralFactory,
    "/demandes-de-cv/": CvRequestFactory,
    "/convocations/": AppointmentFactory,
}


def shown(client, url):
    """The numbers of the listed acts, in order."""
    response = client.get(url)
    assert response.status_code == 200
    return [act.number for act in response.context["page"]]


@pytest.mark.parametrize("url", MAKERS)
def test_an_empty_list_says_what_to_do(as_adviser, url):
    assert "pour l’instant" in as_adviser.get(url).text
    assert "dans cet état" in as_adviser.get(url, {"etat": "a-refaire"}).text


@pytest.mark.parametrize("url", MAKERS)
def test_a_name_is_posted_and_leads_to_its_persons(as_adviser, adviser, url):
    """V17: no name in an address; S24: my own persons only."""
    make = MAKERS[url]
    mine = make(candidate__adviser=adviser, candidate__last_name="Bénali-Roux")
    make(candidate__adviser=adviser, candidate__last_name="Diallo")
    make(candidate__last_name="Benali")

    found = as_adviser.post(f"{url}?tri=personne", {"who": "roux BENALI"})
    nobody = as_adviser.post(url, {"who": "Martin"})

    assert found["Location"] == f"{url}?tri=personne&personne={mine.candidate_id}"
    assert shown(as_adviser, found["Location"]) == [mine.number]
    assert nobody.status_code == 200
    assert "Aucune proposition de cette liste n’est à ce nom" in nobody.text
    assert 'value="Martin"' in nobody.text
    assert "<title>Erreur" in nobody.text


@pytest.mark.parametrize("url", MAKERS)
def test_a_list_of_twenty_costs_eight_queries(as_adviser, adviser, url):
    """P8: as a list of two, filtered or not.

    Three of every page; counts, rows, tabs with employers; two of the journal.
    """

    def count(query):
        with CaptureQueriesContext(connection) as queries:
            as_adviser.get(url + query)
        return sum("SAVEPOINT" not in one["sql"] for one in queries)

    make, query = MAKERS[url], "?tri=personne"
    for _ in range(2):
        make(candidate__adviser=adviser)
    count(query)
    of_two = count(query)
    for _ in range(18):
        make(candidate__adviser=adviser)

    assert count(query) == of_two == 8


def test_by_employer_outcome_and_silence(as_adviser, adviser):
    """An employer is named by an offer: it may be a person."""
    person = CandidateFactory(adviser=adviser)
    bakery = ReferralFactory(
        candidate=person, handed_over=True, offer=OfferFactory(company="Le Fournil")
    )
    silent = ReferralFactory(
        candidate=person, handed_over=True, offer=OfferFactory(company="Halles")
    )
    end(bakery)
    gone = ReferralFactory(candidate=person, offer=OfferFactory(company="Fermé"))
    withdraw(gone.offer)
    long_ago = timezone.now() - dt.timedelta(days=20)
    Referral.objects.filter(pk=silent.pk).update(created_at=long_ago)
    url = "/mises-en-contact/"

    response = as_adviser.get(url)

    assert [tab["count"] for tab in response.context["kinds"]] == [2, 0, 0, 0]
    options = {tag.words(): tag["value"] for tag in Page.of(response).all("option")}
    assert options.keys() == {"Tous", "Halles", "Le Fournil", "Toutes", "Embauche"}
    assert shown(as_adviser, f"{url}?employeur={options['Le Fournil']}") == [
        bakery.number
    ]
    assert shown(as_adviser, f"{url}?suite={bakery.outcome.code_id}") == [bakery.number]
    assert shown(as_adviser, f"{url}?etat=sans-nouvelles") == [silent.number]
    assert shown(as_adviser, f"{url}?employeur=rien&suite=rien") == []


def test_the_order_is_the_newest_the_nearest_due_or_the_person(as_adviser, adviser):
    today = timezone.localdate()
    names = {"candidate__adviser": adviser}
    late = CvRequestFactory(
        **names, candidate__last_name="Émond", due_on=today + dt.timedelta(days=1)
    )
    new = CvRequestFactory(
        **names, candidate__last_name="Zola", due_on=today + dt.timedelta(days=5)
    )
    type(late).objects.filter(pk=late.pk).update(
        created_at=timezone.now() - dt.timedelta(days=2)
    )
    url = "/demandes-de-cv/"

    assert shown(as_adviser, url) == [new.number, late.number]
    assert shown(as_adviser, f"{url}?tri=echeance") == [late.number, new.number]
    assert shown(as_adviser, f"{url}?tri=personne") == [late.number, new.number]
    assert shown(as_adviser, f"{url}?tri=rien") == [new.number, late.number]


def test_the_agenda_of_convocations_goes_day_by_day(as_adviser, adviser):
    noon = timezone.localtime().replace(hour=12, minute=0)
    days = [noon + dt.timedelta(days=number) for number in (4, 2, 2)]
    made = [AppointmentFactory(candidate__adviser=adviser, at=at) for at in days]

    url = "/convocations/?tri=agenda&etat=a-venir"
    headings = Page.of(as_adviser.get(url)).all("li", **{"class": "opus-day"})

    assert len(headings) == 2
    assert shown(as_adviser, url)[-1] == made[0].number
