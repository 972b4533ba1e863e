"""Bulk actions at the same instant: U8, R10."""

import threading
import uuid

import pytest
from django.db import OperationalError, transaction

from referrals.acts.act_rights import ActKind
from referrals.bulk import actions
from referrals.candidates.models import Candidate
from referrals.documents.models import Document
from referrals.making.actions import make
from tests.harness import in_parallel
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory


def refer_all(references, person, *, by, key):
    """Make a mise en contact of each, as the action does."""
    pairs = [(reference, person) for reference in references]
    actions.make_acts(pairs, by=by, key=key, plan=lambda *pair: (ActKind.REFERRAL, {}))


@pytest.mark.django_db(transaction=True)
def test_two_advisers_on_the_same_offers_both_have_all_their_acts():
    """U8: nobody holds two offers, so nobody waits in a ring."""
    offers = OfferFactory.create_batch(12)
    references = [offer.pk for offer in offers]
    first, second = CandidateFactory(), CandidateFactory()

    results = in_parallel(
        lambda: refer_all(references, first.pk, by=first.adviser, key=uuid.uuid4()),
        lambda: refer_all(
            references[::-1], second.pk, by=second.adviser, key=uuid.uuid4()
        ),
    )

    assert results == [None, None]
    for candidate in (first, second):
        assert candidate.acts.count() == 12


@pytest.mark.django_db(transaction=True)
def test_in_one_transaction_each_they_would_lock_each_other_out():
    """The control: the same acts, one transaction an adviser, in opposite orders."""
    offers = OfferFactory.create_batch(2)
    people = CandidateFactory(), CandidateFactory()
    half_way = threading.Barrier(2)

    def all_at_once(candidate, order):
        with transaction.atomic():
            for rank, offer in enumerate(order):
                make(
                    ActKind.REFERRAL,
                    offer.pk,
                    candidate.pk,
                    by=candidate.adviser,
                    key=uuid.uuid4(),
                )
                if rank == 0:
                    half_way.wait(timeout=60)

    results = in_parallel(
        lambda: all_at_once(people[0], offers),
        lambda: all_at_once(people[1], offers[::-1]),
    )

    assert sum(isinstance(result, OperationalError) for result in results) == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_each_act_once():
    """R10."""
    offers, key = OfferFactory.create_batch(5), uuid.uuid4()
    candidate = CandidateFactory()
    references = [offer.pk for offer in offers]

    in_parallel(
        *[lambda: refer_all(references, candidate.pk, by=candidate.adviser, key=key)]
        * 2
    )

    assert candidate.acts.count() == Document.objects.count() == 5
    assert Candidate.objects.count() == 1
