"""Offers kept for persons: U6, S20, S24, S37, S38."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from opus.lib.audit.models import AuditEntry
from opus.lib.privacy.retention import deletions_allowed
from referrals.caseloads import actions as caseloads_actions
from referrals.favourites import actions
from referrals.favourites.models import Favourite
from referrals.privacy import retention
from tests.accounts.factories import AdviserFactory, RgcFactory, amend
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, FavouriteFactory

pytestmark = pytest.mark.django_db

LIST = "/favoris/"


def keep_url(offer):
    return reverse("favourite_keep", args=[offer.pk])


def keep(client, offer, *people, **data):
    posted = {"personne": [person.pk for person in people], **data}
    return client.post(keep_url(offer), posted)


def kept(**filters):
    return set(Favourite.objects.filter(**filters).values_list("offer", flat=True))


# --- Keeping --------------------------------------------------------------------------


def test_an_offer_is_kept_for_several_persons_in_one_gesture(as_adviser, adviser):
    people = CandidateFactory.create_batch(2, adviser=adviser)
    offer = OfferFactory()

    for _ in range(2):
        response = keep(as_adviser, offer, *people)

    assert response["Location"] == offer.get_absolute_url()
    assert Favourite.objects.count() == 2
    assert {one.candidate for one in Favourite.objects.all()} == set(people)
    entry = AuditEntry.objects.filter(action="favourite_kept").earliest("pk")
    assert (entry.target_id, set(entry.person_ids)) == (
        offer.pk,
        {person.pk for person in people},
    )


def test_an_offer_may_wait_for_its_person(as_adviser, adviser):
    """Nobody yet: the adviser alone sees it; it goes once somebody has it."""
    offer = OfferFactory()
    keep(as_adviser, offer, pour_personne="1")
    assert kept(adviser=adviser) == {offer.pk}

    keep(as_adviser, offer, candidate := CandidateFactory(adviser=adviser))

    assert kept(adviser=adviser) == set()
    assert kept(candidate=candidate) == {offer.pk}


def test_nobody_at_all_is_asked_for_with_what_to_do(as_adviser, candidate):
    response = keep(as_adviser, OfferFactory())

    assert "Cochez un candidat au moins" in response.text
    assert not Favourite.objects.exists()


@pytest.mark.parametrize("whose", ["stranger", "colleague"])
def test_nothing_is_kept_for_somebody_elses_candidate(as_adviser, adviser, whose):
    """S20, S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    other = CandidateFactory(
        **({"adviser": colleague} if whose == "colleague" else {}), last_name="Zzcanari"
    )

    response = keep(as_adviser, OfferFactory(), other)

    assert "n’est plus parmi vos candidats" in response.text
    assert "Zzcanari" not in response.text
    assert not Favourite.objects.exists()


def test_a_withdrawn_offer_is_not_kept(as_adviser, candidate):
    """R1: it leads to the page that says so."""
    offer = OfferFactory(suspended=True)

    assert keep(as_adviser, offer, candidate)["Location"] == offer.get_absolute_url()
    assert not Favourite.objects.exists()
    # Asked again by the action.
    stale = OfferFactory()
    withdraw(Offer.objects.get(pk=stale.pk))
    with pytest.raises(actions.KeepRefused, match="retirée"):
        actions.keep(stale, by=candidate.adviser, candidates=[candidate.pk])


def test_a_person_has_fifty_kept_offers_at_most(as_adviser, candidate):
    FavouriteFactory.create_batch(actions.MOST_KEPT, candidate=candidate)
    other = CandidateFactory(adviser=candidate.adviser)

    response = keep(as_adviser, OfferFactory(), candidate, other)

    assert "50 offres sont déjà gardées pour K. Benali" in response.text
    assert not other.favourites.exists()


def test_a_persons_page_keeps_an_offer_by_its_number(as_adviser, candidate):
    OfferFactory(reference="188VMCV")
    url = reverse("candidate_offers", args=[candidate.pk])

    as_adviser.post(url, {"numero": " 188 vmcv "})

    assert kept(candidate=candidate) == {"188VMCV"}
    page = Page.of(as_adviser.post(url, {"numero": "000XXXX"}))
    assert "Aucune offre ne porte ce numéro" in page.one("main").words()


# --- In the database ------------------------------------------------------------------


def test_the_database_keeps_a_pair_once_for_a_person_or_an_adviser(candidate):
    one = FavouriteFactory(candidate=candidate)
    both = {"candidate": candidate, "adviser": candidate.adviser}

    for owners, rule in (
        ({"candidate": candidate, "offer": one.offer}, "for_a_person"),
        (both | {"offer": OfferFactory()}, "persons_or"),
        ({"offer": one.offer}, "persons_or"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Favourite.objects.create(**owners)


# --- The list -------------------------------------------------------------------------


def test_the_list_goes_person_by_person_with_nobody_last(as_adviser, adviser):
    second = FavouriteFactory(candidate__adviser=adviser, candidate__last_name="Zola")
    first = FavouriteFactory(candidate__adviser=adviser, candidate__last_name="Adda")
    own = FavouriteFactory(candidate=None, adviser=adviser)

    page = Page.of(as_adviser.get(LIST))

    assert [tag.words() for tag in page.all("h2")][:3] == [
        "Pour Karim Adda",
        "Pour Karim Zola",
        "Sans candidat",
    ]
    text = page.one("main").words()
    assert [text.index(one.offer.pk) for one in (first, second, own)] == sorted(
        text.index(one.offer.pk) for one in (first, second, own)
    )


def test_a_withdrawn_offer_stays_without_its_content_and_with_others_like_it(
    as_adviser, candidate
):
    """R1, U6."""
    gone = OfferFactory(title="Zingueur de canari", company="CANARI", place_label="Zz")
    FavouriteFactory(candidate=candidate, offer=gone)
    alike = OfferFactory(title="Chef maçon")
    withdraw(gone)

    for url in (LIST, reverse("candidate_offers", args=[candidate.pk])):
        text = as_adviser.get(url).text
        assert "canari" not in text.lower()
        assert f"n° {gone.pk}" in text.replace("\xa0", " ")
        assert "Offre retirée" in text
        assert alike.title in text
        assert "</strong>/mois" in text
        assert "moins de 1\xa0km" in text
        # Nothing to tick: it can be proposed to nobody.
        assert f'value="{gone.pk}"' not in text


@pytest.mark.parametrize("whose", ["stranger", "colleague"])
def test_what_others_keep_does_not_exist_for_me(as_adviser, adviser, whose):
    """S20, S24: a person's and an adviser's own."""
    other = AdviserFactory(
        **({"structure": adviser.structure} if whose == "colleague" else {})
    )
    theirs = FavouriteFactory(
        candidate__adviser=other,
        candidate__last_name="Zzcanari",
        offer__title="Zzoffre",
    )
    own = FavouriteFactory(candidate=None, adviser=other, offer__title="Zzoffre")

    text = as_adviser.get(LIST).text
    answers = [
        as_adviser.post("/favoris/retirer/", {"favori": one.pk}).status_code
        for one in (theirs, own)
    ]

    # Whole words: a token of the page may hold any two letters.
    assert "Zzcanari" not in text
    assert "Zzoffre" not in text
    assert answers == [404, 404]
    assert Favourite.objects.count() == 2


def test_an_empty_list_says_how_to_fill_it(as_adviser):
    assert "Garder pour…" in as_adviser.get(LIST).text


def test_the_button_lets_one_go_and_comes_back(as_adviser, candidate):
    favourite = FavouriteFactory(candidate=candidate)
    back = reverse("candidate_offers", args=[candidate.pk])

    response = as_adviser.post(
        "/favoris/retirer/", {"favori": favourite.pk, "next": back}
    )

    assert response["Location"] == back
    assert not Favourite.objects.exists()
    assert AuditEntry.objects.get(action="favourite_removed").person_ids == [
        candidate.pk
    ]


@pytest.mark.parametrize("typed", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_letting_go_of_what_is_not_there_is_a_404(as_adviser, typed):
    assert as_adviser.post("/favoris/retirer/", {"favori": typed}).status_code == 404


def test_a_structure_that_only_reads_keeps_offers_and_proposes_none(as_adviser):
    """Annexe 1: consultation without delegation."""
    amend(Convention.objects.get(), consultation=True, referrals=False)
    offer = OfferFactory()

    keep(as_adviser, offer, pour_personne="1")

    text = as_adviser.get(LIST).text
    assert offer.title in text
    assert "Proposer les offres cochées" not in text


# --- What becomes of them -------------------------------------------------------------


def test_they_go_with_the_person_to_who_takes_over(client, adviser, candidate):
    """Nothing is left behind, and the leaver's own list goes."""
    favourite = FavouriteFactory(candidate=candidate)
    FavouriteFactory(candidate=None, adviser=adviser)
    successor = AdviserFactory(structure=adviser.structure)

    caseloads_actions.close(
        adviser,
        by=RgcFactory(structure=adviser.structure),
        reason="depart",
        acts_to=successor,
        others_to=successor,
    )

    assert list(Favourite.objects.visible_to(successor)) == [favourite]
    assert not Favourite.objects.visible_to(adviser).exists()
    sign_in(client, successor)
    assert favourite.offer.title in client.get(LIST).text


def test_they_leave_with_the_offer_and_with_the_person(candidate):
    """U6."""
    by_offer = FavouriteFactory(candidate=candidate)
    FavouriteFactory(candidate=candidate)

    with writing_offers():
        by_offer.offer.delete()
    assert Favourite.objects.count() == 1

    with deletions_allowed():
        candidate.delete()
    assert not Favourite.objects.exists()


@pytest.mark.parametrize(("days", "stays"), [(29, True), (31, False)])
def test_a_withdrawal_of_a_month_ago_takes_them_away(candidate, days, stays):
    """A suspended offer may come back: until then it is told."""
    favourite = FavouriteFactory(candidate=candidate)
    other = FavouriteFactory(candidate=candidate)
    withdraw(favourite.offer)
    with writing_offers():
        Offer.objects.filter(pk=favourite.offer_id).update(
            state_at=timezone.now() - dt.timedelta(days=days)
        )

    retention.forget_habits()

    assert Favourite.objects.filter(pk=favourite.pk).exists() == stays
    assert Favourite.objects.filter(pk=other.pk).exists()
