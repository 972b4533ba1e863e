"""Whom nothing has come of yet (domain row 31)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals.candidates.models import Candidate
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(adviser):
    return CandidateFactory(adviser=adviser, last_name="Sanssolution")


def made(factory, candidate, days, **traits):
    """An act of so many days ago."""
    act = factory(candidate=candidate, **traits)
    at = timezone.now() - dt.timedelta(days=days)
    type(act).objects.filter(pk=act.pk).update(created_at=at)
    return act


def without():
    return set(Candidate.objects.without_solution())


def test_who_was_tried_for_over_a_month_without_a_hire(as_adviser, person):
    """Neither who was tried long ago and no more, nor only of late."""
    page = as_adviser.get(reverse("candidates"), {"filtre": "sans-solution"})
    assert "Aucun candidat dans cette liste" in page.text
    long_ago = CandidateFactory()
    made(ReferralFactory, long_ago, 200)
    made(ReferralFactory, person, 20)
    assert without() == set()
    made(CvRequestFactory, person, 40)

    assert without() == {person}


def test_who_was_hired_is_not(person):
    act = made(ReferralFactory, person, 40, handed_over=True)
    made(ReferralFactory, person, 10)
    end(act)

    assert without() == set()


def test_the_list_keeps_them_and_counts_them(as_adviser, adviser, person):
    made(ReferralFactory, person, 40)
    CandidateFactory(adviser=adviser, last_name="Autre")
    made(ReferralFactory, CandidateFactory(last_name="Ailleurs"), 40)

    everybody = as_adviser.get(reverse("candidates"))
    filtered = as_adviser.get(reverse("candidates"), {"filtre": "sans-solution"})

    assert "Sans solution (1)" in everybody.text
    assert list(filtered.context["page"]) == [person]
    assert "Autre" not in filtered.text
    assert "Ailleurs" not in filtered.text
