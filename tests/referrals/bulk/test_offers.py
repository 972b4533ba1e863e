"""Several offers for one person in one gesture: U8, R2, R10, S37."""

import datetime as dt
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.audit.models import AuditEntry
from referrals.acts.act_context import hires_by_offer, hires_since
from referrals.acts.act_rights import ActKind
from referrals.bulk import actions
from referrals.candidates.models.candidates import Candidate
from referrals.cv_requests.models import CvRequest
from referrals.direct.actions import refer
from referrals.direct.models import Referral
from referrals.documents.models import Document
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.offer_criteria import requirements_of
from referrals.print_jobs.models import PrintJob
from tests.accounts.factories import AdviserFactory, amend
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db


@pytest.fixture
def candidate(adviser):
    return CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")


def url_of(candidate):
    return reverse("bulk_confirm", args=[candidate.pk])


def propose(client, candidate, offers, key=None):
    """Confirm the list, as the form of its page does; follow to what became of it."""
    posted = {"key": key or uuid.uuid4(), "offre": [offer.pk for offer in offers]}
    return client.post(url_of(candidate), posted, follow=True)


def refer_all(references, person, *, by, key):
    """Make a mise en contact of each, as the action does."""
    pairs = [(reference, person) for reference in references]
    actions.make_acts(pairs, by=by, key=key, plan=lambda *pair: (ActKind.REFERRAL, {}))


def messages_of(response):
    return Page.of(response).one("main").words()


# --- Done, already, refused ----------------------------------------------------------


def test_fifty_rows_three_of_them_invalid_make_forty_seven_acts(as_adviser, candidate):
    """U8: partial failure keeps the rest, and each refusal has its reason."""
    good = OfferFactory.create_batch(47)
    withdrawn = OfferFactory(title="Canari")
    called_off = OfferFactory()
    taken = OfferFactory(posts=1)
    end(ReferralFactory(handed_over=True, offer=taken))
    before = set(Referral.objects.values_list("pk", flat=True))
    withdraw(withdrawn)
    withdraw(called_off, OfferState.CANCELLED)

    response = propose(as_adviser, candidate, [withdrawn, *good, called_off, taken])

    made = Referral.objects.exclude(pk__in=before)
    assert {act.offer_id for act in made} == {offer.pk for offer in good}
    assert {act.candidate for act in made} == {candidate}
    assert Document.objects.filter(referral__in=made).count() == 47
    assert AuditEntry.objects.filter(action="referral_made").count() == 47
    assert AuditEntry.objects.filter(action="referral_refused").count() == 3
    text = messages_of(response)
    for sentence in (
        "47 mises en contact faites",
        "3 refusées",
        "France Travail a suspendu cette offre (convention, art. 3.1).",
        "France Travail a annulé cette offre (convention, art. 3.1).",
        "Tous les postes de cette offre sont pris (convention, art. 3.2).",
    ):
        assert sentence in text
    assert "Canari" not in text


def test_an_act_under_way_is_told_as_already_there(as_adviser, candidate):
    act = ReferralFactory(candidate=candidate)
    other = OfferFactory()

    text = messages_of(propose(as_adviser, candidate, [act.offer, other]))

    assert "1 mise en contact faite" in text
    assert "1 déjà en cours" in text
    assert act.number in text
    assert candidate.referrals.count() == 2


def test_the_same_form_sent_again_makes_nothing_twice(as_adviser, candidate):
    """R10."""
    offers, key = OfferFactory.create_batch(3), uuid.uuid4()

    first = messages_of(propose(as_adviser, candidate, offers, key))
    second = messages_of(propose(as_adviser, candidate, offers, key))

    assert first == second
    assert "3 mises en contact faites" in second
    assert Referral.objects.count() == Document.objects.count() == 3


def test_what_an_interruption_left_undone_is_made_by_the_same_form(
    as_adviser, candidate
):
    """R10: as if the server had died after the first offer."""
    offers, key = OfferFactory.create_batch(3), uuid.uuid4()
    refer_all([offers[0].pk], candidate.pk, by=candidate.adviser, key=key)

    text = messages_of(propose(as_adviser, candidate, offers, key))

    assert "3 mises en contact faites" in text
    assert Referral.objects.count() == 3


def test_a_row_that_was_refused_and_is_possible_again_says_so(as_adviser, candidate):
    """The page tells what stands, not what stood."""
    offer = OfferFactory(suspended=True)
    response = propose(as_adviser, candidate, [offer])
    assert "suspendu cette offre" in messages_of(response)

    withdraw(offer, "active")

    page = Page.of(as_adviser.get(response.redirect_chain[-1][0]))
    assert page.links()["La faire maintenant"] == reverse(
        "referral_confirm", args=[offer.pk, candidate.pk]
    )


def test_more_than_fifty_are_refused_before_anything_is_done(as_adviser, candidate):
    offers = OfferFactory.create_batch(51)

    text = messages_of(propose(as_adviser, candidate, offers))

    assert "51 cases sont cochées : 50 au plus à la fois" in text
    assert not Referral.objects.exists()


def test_nothing_ticked_is_asked_for(as_adviser, candidate):
    response = as_adviser.post(url_of(candidate), {"key": uuid.uuid4()})

    assert "Aucune offre n’est cochée" in response.text
    assert not Referral.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "' OR 1=1"])
def test_a_form_without_its_key_makes_nothing(as_adviser, candidate, key):
    offer = OfferFactory()

    response = as_adviser.post(url_of(candidate), {"key": key, "offre": offer.pk})

    assert response.status_code == 200
    assert not Referral.objects.exists()


@pytest.mark.at_each_run(2)
@pytest.mark.parametrize("odd", ["x" * 21, "%", "<b>", "000XXXX", "é"])
def test_numbers_that_are_no_offers_are_left_out(as_adviser, candidate, odd):
    """S35."""
    offer = OfferFactory()
    query = {"offre": [odd, offer.pk]}

    response = as_adviser.get(url_of(candidate), query)

    assert "1 offre à proposer" in messages_of(response)
    assert as_adviser.get("/proposer/", query).status_code == 200
    response = as_adviser.post(url_of(candidate), {"key": uuid.uuid4(), **query})
    assert Referral.objects.count() == 1


# --- Offers with preselection --------------------------------------------------------


@pytest.fixture
def three(candidate):
    """One offer of each mode: direct, delegated, kept by France Travail."""
    return [
        OfferFactory(),
        OfferFactory(delegated_preselection=True),
        OfferFactory(preselected=True),
    ]


def in_days(number):
    return (timezone.localdate() + dt.timedelta(days=number)).isoformat()


def confirm(client, candidate, offers, key=None, **data):
    """As ``propose``, with what offers with preselection ask."""
    posted = {"key": key or uuid.uuid4(), "offre": [offer.pk for offer in offers]}
    return client.post(
        url_of(candidate), {"due_on": in_days(5), **posted, **data}, follow=True
    )


def test_each_offer_gets_the_act_that_its_mode_calls_for(as_adviser, candidate, three):
    """U8, S37, art. 3.2: so many acts, each by itself; one print job of all sheets."""
    _, delegated, kept = three
    line = requirements_of(delegated)[0]

    response = confirm(
        as_adviser, candidate, three, **{f"criteres-{delegated.pk}": [line]}
    )

    text = messages_of(response)
    assert "3 actes faits" in text
    assert "3 faits" in text
    for words in ("mise en contact avec présélection", "demande de CV"):
        assert words in text
    assert Referral.objects.get().candidate == candidate
    assert ScreenedReferral.objects.get().criteria_met == [line]
    asked = CvRequest.objects.get()
    assert (asked.offer, asked.due_on.isoformat()) == (kept, in_days(5))
    made = AuditEntry.objects.filter(
        action__in=["referral_made", "screened_referral_made", "cv_requested"]
    )
    assert made.count() == 3
    papers = Document.objects.filter(printed_in__job=PrintJob.objects.get())
    assert papers.count() == 3
    for paper in papers.exclude(referral__isnull=False):
        assert "recrutement@employeur.example" not in paper.html


def test_the_page_before_says_which_act_each_offer_gets(as_adviser, candidate, three):
    """U2: what the offer asks stands in its row, the day of the CVs once."""
    query = {"offre": [offer.pk for offer in three]}

    page = Page.of(as_adviser.get(url_of(candidate), query))

    text = page.one("main").words()
    assert "3 offres à proposer" in text
    for words in ("Mise en contact avec présélection", "Demande de CV"):
        assert words in text
    names = [box.attrs.get("name") for box in page.all("input")]
    assert names.count("due_on") == 1
    assert f"criteres-{three[1].pk}" in names
    assert reverse("appointment_confirm", args=[three[2].pk, candidate.pk]) in [
        link.attrs.get("href") for link in page.all("a")
    ]


def test_sent_again_nothing_is_made_twice_though_a_mode_changed(
    as_adviser, candidate, three
):
    """R10."""
    key = uuid.uuid4()
    confirm(as_adviser, candidate, three, key)
    with writing_offers():
        Offer.objects.filter(pk=three[2].pk).update(delegated=True)

    text = messages_of(confirm(as_adviser, candidate, three, key))

    assert "3 actes faits" in text
    assert Document.objects.count() == 3


def test_an_act_under_way_of_its_kind_is_told_as_already_there(
    as_adviser, candidate, three
):
    confirm(as_adviser, candidate, three[1:])

    text = messages_of(confirm(as_adviser, candidate, three))

    assert "1 acte fait" in text
    assert "2 déjà en cours" in text
    for act in (ScreenedReferral.objects.get(), CvRequest.objects.get()):
        assert act.number in text


def test_a_wrong_day_keeps_the_list_and_its_ticks(as_adviser, candidate, three):
    """A5: one that was unticked stays in the list too."""
    address = f"{url_of(candidate)}?" + "&".join(f"offre={one.pk}" for one in three)
    posted = {"key": uuid.uuid4(), "offre": [three[2].pk], "due_on": in_days(-1)}

    response = as_adviser.post(address, posted)

    assert "<title>Erreur" in response.text
    assert "Choisissez un jour entre demain" in messages_of(response)
    boxes = {
        box["value"]: "checked" in box.attrs
        for box in Page.of(response).all("input")
        if box.attrs.get("name") == "offre"
    }
    assert boxes == {three[0].pk: False, three[1].pk: False, three[2].pk: True}
    assert not CvRequest.objects.exists()


def test_what_an_offer_asks_that_changed_meanwhile_is_read_again(
    as_adviser, candidate, three
):
    response = confirm(
        as_adviser, candidate, three, **{f"criteres-{three[1].pk}": ["Permis : avion"]}
    )

    assert "L’offre a changé entre-temps" in messages_of(response)
    assert not Document.objects.exists()


def test_offers_with_preselection_are_ticked_in_a_search_and_kept(
    as_adviser, candidate, three
):
    """U8: as the others; no more than the matrix allows."""
    page = Page.of(as_adviser.get(reverse("offers"), follow=True))

    boxes = {
        box["value"] for box in page.all("input") if box.attrs.get("name") == "offre"
    }
    assert boxes == {offer.pk for offer in three}


def test_three_kinds_ask_as_many_questions_for_nine_offers_as_for_three(
    as_adviser, candidate, query_count
):
    """R23, P8."""
    offers: list[Offer] = []

    def check():
        query = {"offre": [offer.pk for offer in offers]}
        assert as_adviser.get(url_of(candidate), query).status_code == 200

    def add(number):
        for mode in ({}, {"delegated_preselection": True}, {"preselected": True}):
            offers.extend(OfferFactory.create_batch(number, **mode))

    assert query_count(check, given=lambda: add(1)) == query_count(
        check, given=lambda: add(2)
    )


# --- Before: who, check --------------------------------------------------------------


def test_ticked_in_a_search_the_offers_go_to_the_person_chosen(as_adviser, candidate):
    offers = OfferFactory.create_batch(2)
    query = "&".join(f"offre={offer.pk}" for offer in offers)

    page = Page.of(as_adviser.get(f"/proposer/?{query}"))

    assert page.links()["Choisir Karim Benali"] == f"{url_of(candidate)}?{query}"


def test_the_list_says_before_what_can_be_done_and_why_not(as_adviser, candidate):
    """U2, A6: nothing is made by looking."""
    ready = OfferFactory()
    full = OfferFactory(posts=0)
    act = ReferralFactory(candidate=candidate)
    query = {"offre": [ready.pk, full.pk, act.offer_id]}

    page = Page.of(as_adviser.get(url_of(candidate), query))

    boxes = [box for box in page.all("input") if box.attrs.get("name") == "offre"]
    assert [box["value"] for box in boxes] == [ready.pk]
    text = page.one("main").words()
    assert "1 offre à proposer, sur 3 choisies" in text
    assert "Tous les postes de cette offre sont pris (convention, art. 3.2)." in text
    assert f"mise en contact n° {act.number}" in text
    assert Referral.objects.count() == 1


@pytest.mark.parametrize("page", ["one", "several"])
def test_an_offer_proposed_by_another_structure_is_told_by_its_day(
    as_adviser, candidate, page
):
    """Domain 3.4, art. 9.2: the day and nothing else; a cancelled act says nothing."""
    Candidate.objects.update(ft_id="1234567A")
    stranger = CandidateFactory(ft_id="1234567A", last_name="Zzailleurs")
    act = ReferralFactory(candidate=stranger)
    called_off = ReferralFactory(candidate=stranger, cancelled=True)
    Referral.objects.update(created_at=dt.datetime(2026, 11, 12, 9, tzinfo=dt.UTC))

    def read(offer):
        if page == "several":
            return as_adviser.get(url_of(candidate), {"offre": [offer.pk]})
        args = [offer.pk, candidate.pk]
        return as_adviser.get(reverse("referral_confirm", args=args))

    words = messages_of(read(act.offer))
    assert "autre structure" in words
    assert "le 12 novembre 2026" in words
    for secret in (stranger.last_name, act.structure.name, act.adviser.last_name):
        assert secret not in words
    assert "autre structure" not in messages_of(read(called_off.offer))
    Candidate.objects.filter(pk=candidate.pk).update(ft_id="")
    assert "autre structure" not in messages_of(read(act.offer))


def test_the_list_asks_the_same_questions_whatever_its_length(
    as_adviser, candidate, query_count
):
    """R23: before and after."""
    offers: list[Offer] = []

    def check():
        query = {"offre": [offer.pk for offer in offers]}
        assert as_adviser.get(url_of(candidate), query).status_code == 200

    def add(number):
        offers.extend(OfferFactory.create_batch(number))

    one = query_count(check, given=lambda: add(1))
    ten = query_count(check, given=lambda: add(9))
    assert ten == one <= 14

    key = uuid.uuid4()
    done = propose(as_adviser, candidate, offers, key).redirect_chain[-1][0]
    of_ten = query_count(lambda: as_adviser.get(done), given=lambda: None)
    # Its print job is asked for once; of what was made, the matrix is not asked again.
    assert of_ten <= 13


@pytest.mark.parametrize("whose", ["stranger", "colleague"])
def test_somebody_elses_candidate_does_not_exist_for_me(as_adviser, adviser, whose):
    """S20, S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    other = CandidateFactory(**({"adviser": colleague} if whose == "colleague" else {}))
    offer = OfferFactory()

    assert as_adviser.get(url_of(other), {"offre": offer.pk}).status_code == 404
    assert propose(as_adviser, other, [offer]).status_code == 404
    done = reverse("bulk_done", args=[other.pk, uuid.uuid4()])
    assert as_adviser.get(done, {"offre": offer.pk}).status_code == 404
    assert not Referral.objects.exists()


def test_another_advisers_key_shows_nothing_of_his_acts(as_adviser, candidate):
    """S20: the key of a gesture is no door."""
    offer, key = OfferFactory(), uuid.uuid4()
    other = CandidateFactory()
    refer_all([offer.pk], other.pk, by=other.adviser, key=key)

    done = reverse("bulk_done", args=[candidate.pk, key])
    text = messages_of(as_adviser.get(done, {"offre": offer.pk}))

    assert "Aucune mise en contact n’a été faite" in text
    assert Referral.objects.get().number not in text


def test_without_delegation_nothing_is_proposed(as_adviser, candidate):
    """S21."""
    offer = OfferFactory()
    amend(Convention.objects.get(), consultation=True, referrals=False)

    assert propose(as_adviser, candidate, [offer]).status_code == 403
    assert as_adviser.get("/proposer/", {"offre": offer.pk}).status_code == 403
    assert not Referral.objects.exists()


def test_hires_are_counted_for_all_offers_as_for_each():
    """Design 2.1: the set-based count is that of the action."""
    offers = OfferFactory.create_batch(3, posts=2)
    end(ReferralFactory(handed_over=True, offer=offers[0]))
    end(ReferralFactory(handed_over=True, offer=offers[0]))
    end(ReferralFactory(handed_over=True, offer=offers[1]), "injoignable")

    counts = hires_by_offer(offers)

    assert counts == {offers[0].pk: 2}
    for offer in offers:
        assert counts.get(offer.pk, 0) == hires_since(offer, offer.updated_at)


# --- After: the sheets ---------------------------------------------------------------


def test_all_the_sheets_to_hand_over_are_printed_from_one_page(as_adviser, candidate):
    """Art. 7: the good ones of this person, and no other."""
    offers = OfferFactory.create_batch(3)
    propose(as_adviser, candidate, offers)
    elsewhere = CandidateFactory(adviser=candidate.adviser, last_name="Zzautre")
    refer_all([offers[0].pk], elsewhere.pk, by=candidate.adviser, key=uuid.uuid4())
    gone, held, _ = candidate.referrals.order_by("number")
    withdraw(gone.offer)
    held.hand_over(by=candidate.adviser, channel="main", on=timezone.localdate())

    page = Page.of(as_adviser.get(reverse("candidate_documents", args=[candidate.pk])))

    text = page.one("main").words()
    numbers = [act.documents.get().number for act in candidate.referrals.all()]
    assert [f"Document n° {number[:-2]}," in text for number in sorted(numbers)] == [
        False,
        False,
        True,
    ]
    assert "Zzautre" not in text
    # A10: the sheets' own titles come under that of the page.
    assert len(page.all("h1")) == 1


def test_no_sheet_to_hand_over_says_where_to_go(as_adviser, candidate):
    url = reverse("candidate_documents", args=[candidate.pk])

    assert "Aucune fiche à remettre" in as_adviser.get(url).text
    assert (
        as_adviser.get(
            reverse("candidate_documents", args=[CandidateFactory().pk])
        ).status_code
        == 404
    )


# --- Races ---------------------------------------------------------------------------


def in_parallel(*calls):
    """Run them at the same instant, each with its own connection."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait(timeout=10)
            return call()
        except OperationalError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


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
        assert candidate.referrals.count() == 12


@pytest.mark.django_db(transaction=True)
def test_in_one_transaction_each_they_would_lock_each_other_out():
    """The control: the same acts, one transaction an adviser, in opposite orders."""
    offers = OfferFactory.create_batch(2)
    people = CandidateFactory(), CandidateFactory()
    half_way = threading.Barrier(2)

    def all_at_once(candidate, order):
        with transaction.atomic():
            for rank, offer in enumerate(order):
                refer(offer.pk, candidate.pk, by=candidate.adviser, key=uuid.uuid4())
                if rank == 0:
                    half_way.wait(timeout=10)

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

    assert candidate.referrals.count() == Document.objects.count() == 5
    assert Candidate.objects.count() == 1


# --- What is confirmed is what was shown ---------------------------------------------


def delegate(offer):
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(preselection=True, delegated=True)


def rewrite(offer):
    """France Travail sends another text of it."""
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(
            title="Autre métier", content_hash=b"another"
        )


def form_of(page, offers):
    """What the page sends with these offers ticked."""
    rows = {
        field["name"]: field["value"]
        for field in Page.of(page).all("input")
        if field.attrs.get("name", "").startswith("version-")
    }
    return longest_form(page).data(**rows, offre=[offer.pk for offer in offers])


@pytest.mark.parametrize(
    ("change", "kind"),
    [(delegate, "Mise en contact avec présélection"), (rewrite, "Mise en contact")],
)
def test_an_offer_that_changed_meanwhile_is_confirmed_again(
    as_adviser, candidate, change, kind
):
    """No act but the one shown; the others are made, and a second form does it."""
    offers = OfferFactory.create_batch(2)
    query = {"offre": [offer.pk for offer in offers]}
    shown = form_of(as_adviser.get(url_of(candidate), query), offers)
    change(offers[0])

    response = as_adviser.post(url_of(candidate), shown, follow=True)

    assert Referral.objects.get().offer == offers[1]
    assert not ScreenedReferral.objects.exists()
    assert "1 a changé : à confirmer" in messages_of(response)
    assert f"Acte à confirmer : {kind}" in messages_of(response)
    again = next(
        link.attrs["href"]
        for link in Page.of(response).all("a")
        if link.words() == "Vérifier et confirmer"
    )
    as_adviser.post(url_of(candidate), form_of(as_adviser.get(again), offers[:1]))
    made = ScreenedReferral if change is delegate else Referral
    assert made.objects.filter(offer=offers[0]).count() == 1
