"""Offers for persons in one gesture, one page for all: U8, R2, R10, S20, S37."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from offers.enums import OfferState
from opus.lib.audit.models import AuditEntry
from referrals.acts.act_context import facts_of, posts_after, posts_left
from referrals.appointments.models import Appointment
from referrals.bulk.actions import MOST_AT_ONCE
from referrals.candidates.models import Candidate
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.models import Document, PrintJob
from referrals.making.actions import MADE
from referrals.preselection.forms import requirements_of
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AdviserFactory, ConventionFactory
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.bulk_cases import address_of, pairs_of, propose
from tests.referrals.factories import (
    CandidateFactory,
    FavouriteFactory,
    ReferralFactory,
    SlotFactory,
    end,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(adviser):
    names = ("Benali", "Diallo", "Perrin")
    return [CandidateFactory(adviser=adviser, last_name=name) for name in names]


@pytest.fixture
def three():
    """One offer of each mode: direct, delegated, kept by France Travail."""
    return [
        OfferFactory(title="Maçon"),
        OfferFactory(title="Coffreur", delegated_preselection=True),
        OfferFactory(title="Grutier", preselected=True),
    ]


def words(response):
    return Page.of(response).one("main").words()


def boxes_of(page):
    """Each pair that can be ticked, and whether it is."""
    return {
        box["value"]: "checked" in box.attrs
        for box in Page.of(page).all("input")
        if box.attrs.get("name") == "paire"
    }


def in_days(number):
    return (timezone.localdate() + dt.timedelta(days=number)).isoformat()


# --- Choose ---------------------------------------------------------------------------


def test_ticked_offers_wait_for_persons_of_ones_own(as_adviser, adviser, people):
    """S24: recent ones, then all; ticks stay from page to page."""
    CandidateFactory.create_batch(25, adviser=adviser, last_name="Zz")
    hidden = CandidateFactory(
        adviser=AdviserFactory(structure=adviser.structure), last_name="Canari"
    )
    offers = OfferFactory.create_batch(2)

    recent = as_adviser.get(address_of(offers, []))
    first = as_adviser.get(address_of(offers, people[:1], page=1))
    second = as_adviser.get(address_of(offers, people[:1], page=2))

    alone = {"offre": [offer.pk for offer in offers]}
    assert "À qui proposer ces 2 offres" in words(recent)
    assert f'value="{people[0].pk}" checked' in first.text
    carried = f'<input type="hidden" name="personne" value="{people[0].pk}">'
    assert carried in second.text
    assert "1 sur d’autres pages" in words(second)
    for page in (recent, first, second):
        assert "Canari" not in page.text
        assert str(hidden.pk) not in page.text
        assert page.context["selection"].query.startswith(f"offre={alone['offre'][0]}")


def test_persons_ticked_in_their_list_get_kept_and_opened_offers(
    as_adviser, adviser, people
):
    """Those of a colleague's person and withdrawn ones are not shown."""
    kept, opened, gone = (OfferFactory(title=name) for name in ("Un", "Deux", "Trois"))
    FavouriteFactory(candidate=people[0], offer=kept)
    FavouriteFactory(candidate=people[1], offer=gone)
    foreign = FavouriteFactory(candidate=CandidateFactory()).offer
    as_adviser.get(opened.get_absolute_url())
    withdraw(gone)

    listed = as_adviser.get(reverse("candidates"))
    page = as_adviser.get(address_of([], people[:2]))

    boxes = [
        box["value"]
        for box in Page.of(listed).all("input")
        if box.attrs.get("name") == "personne"
    ]
    assert set(boxes) == {str(one.pk) for one in people}
    shown = page.context["offers"]
    assert [offer.pk for offer in shown] == [kept.pk, opened.pk]
    assert foreign.title not in [offer.title for offer in shown]
    # The bar counts the boxes by CSS (lists.css).
    bar = Page.of(page).one("strong", **{"class": "opus-bar__offers"})
    assert "opus-ticked" in Page.of(page).one("form", action="/proposer/")["class"]
    assert bar.text == ""
    typed = as_adviser.get(address_of([kept], people[:2]))
    assert "Proposer une offre à 2 candidats" in words(typed)


def test_nothing_chosen_is_asked_for(as_adviser, people):
    offer = OfferFactory()

    assert "Aucune offre n’est cochée" in words(as_adviser.get(reverse("bulk")))
    nobody = as_adviser.get(address_of([offer], [], continuer="oui"))
    assert "Cochez un candidat au moins." in words(nobody)
    unticked = as_adviser.post(address_of([offer], people), {"key": uuid.uuid4()})
    assert "Cochez une proposition au moins." in words(unticked)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(("offers", "persons"), [(51, 1), (20, 3)])
def test_more_than_fifty_are_refused_before_anything_is_done(
    as_adviser, people, offers, persons
):
    """U8: the ticks stay, to take some off."""
    many = OfferFactory.create_batch(offers)

    for page in (
        as_adviser.get(address_of(many, people[:persons])),
        propose(as_adviser, many, people[:persons]),
    ):
        assert f"{MOST_AT_ONCE} propositions au plus" in words(page)
        assert f'value="{people[0].pk}" checked' in page.text
    assert not Referral.objects.exists()


@pytest.mark.at_each_run(2)
@pytest.mark.parametrize("odd", ["x" * 21, "%", "<b>", "000XXXX", "é"])
def test_numbers_that_are_nothing_are_left_out(as_adviser, people, odd):
    """S35."""
    offer = OfferFactory()
    query = {"offre": [odd, offer.pk], "personne": [odd, people[0].pk], "acte": odd}
    pairs = [odd, f"{odd}.{people[0].pk.hex}", f"{offer.pk}.{odd}"]

    checked = as_adviser.get(reverse("bulk"), query)
    sent = {"key": uuid.uuid4(), "paire": [*pairs, *boxes_of(checked)]}
    as_adviser.post(checked.wsgi_request.get_full_path(), sent)

    assert boxes_of(checked) == dict.fromkeys(pairs_of([offer], people[:1]), True)
    assert Referral.objects.count() == 1
    assert as_adviser.get(reverse("bulk_done", args=[uuid.uuid4()])).status_code == 404


# --- Check ----------------------------------------------------------------------------


def test_each_pair_says_its_act_or_why_not(as_adviser, people, three):
    """U2, A6, art. 3.2: nothing is made by looking; what is refused is not ticked."""
    full, gone = OfferFactory(posts=0), OfferFactory(title="Canari")
    live = ReferralFactory(candidate=people[0], offer=three[0])
    withdraw(gone)
    offers = [*three, full, gone]

    page = as_adviser.get(address_of(offers, people[:2]))

    expected = dict.fromkeys(pairs_of(three, people[:2]), True)
    del expected[pairs_of(three[:1], people[:1])[0]]
    assert boxes_of(page) == expected
    text = words(page)
    for sentence in (
        "Proposer 5 offres à 2 candidats",
        f"mise en contact n° {live.number}",
        "Mise en contact avec présélection",
        "Demande de CV",
        "Tous les postes de cette offre sont pris (convention, art. 3.2).",
        "France Travail a suspendu cette offre (convention, art. 3.1).",
    ):
        assert sentence in text
    assert "Canari" not in text
    names = [box.attrs.get("name") for box in Page.of(page).all("input")]
    assert names.count("due_on") == 1
    # What a delegated offer asks is ticked for each person: each act has its own.
    asked = {name for name in names if name and name.startswith("criteres-")}
    assert asked == {f"criteres-{pair}" for pair in pairs_of(three[1:2], people[:2])}
    # A preselected offer leads to an appointment too, one by one.
    meet = reverse("appointment_confirm", args=[three[2].pk, people[0].pk])
    assert meet in [link.attrs.get("href") for link in Page.of(page).all("a")]
    assert Referral.objects.count() == 1


def test_a_hire_is_said_once_beside_its_person(as_adviser, people):
    """As on the page of one act; S24: of the structure alone."""
    hired, other, _ = people
    act = ReferralFactory(candidate=hired, handed_over=True)
    end(act)
    end(ReferralFactory(candidate=other, handed_over=True), "injoignable")
    elsewhere = ReferralFactory(candidate__ft_id=other.ft_id, handed_over=True)
    end(elsewhere)
    offers = OfferFactory.create_batch(2)

    alone = reverse("referral_confirm", args=[offers[0].pk, hired.pk])
    checks = [address_of(number, [hired, other]) for number in (offers, offers[:1])]

    for address in (*checks, alone):
        page = as_adviser.get(address)
        assert words(page).count("Embauche notée le") == 1
        links = [link.attrs.get("href") for link in Page.of(page).all("a")]
        assert links.count(act.get_absolute_url()) == 1


def test_persons_come_in_the_french_order(as_adviser, adviser):
    names = ["Ébène", "eden", "Élan", "Xavier"]
    people = [CandidateFactory(adviser=adviser, last_name=one) for one in names[::-1]]
    offer = OfferFactory()

    pages = [
        as_adviser.get(address_of([offer], people)),
        propose(as_adviser, [offer], people),
    ]

    for text in map(words, pages):
        assert sorted(names, key=text.index) == names
    printed = [paper.candidate.last_name for paper in PrintJob.objects.get().papers()]
    assert printed == names


def test_somebody_elses_candidate_does_not_exist_for_me(as_adviser, adviser, people):
    """S20, S24: of another territory, of a colleague; another's key shows nothing."""
    colleague = AdviserFactory(structure=adviser.structure)
    others = [CandidateFactory(), CandidateFactory(adviser=colleague)]
    offer, key = OfferFactory(), uuid.uuid4()

    checked = as_adviser.get(address_of([offer], [*others, people[0]]))
    propose(as_adviser, [offer], [*others, people[0]], key)
    done = reverse("bulk_done", args=[key])
    theirs = as_adviser.get(done, {"paire": pairs_of([offer], others)})

    assert list(boxes_of(checked)) == pairs_of([offer], people[:1])
    assert list(Referral.objects.values_list("candidate", flat=True)) == [people[0].pk]
    assert theirs.status_code == 404


def test_another_advisers_key_shows_nothing_of_his_acts(as_adviser, people):
    """S20: the key of a gesture is no door."""
    offer, key = OfferFactory(), uuid.uuid4()
    act = ReferralFactory(offer=offer)
    made = reverse("bulk_done", args=[key])

    text = words(as_adviser.get(made, {"paire": pairs_of([offer], people[:1])}))

    assert "Aucune proposition n’a été faite" in text
    assert act.number not in text


@pytest.mark.parametrize("page", ["one", "several"])
def test_an_offer_proposed_by_another_structure_is_told_by_its_day(
    as_adviser, people, page
):
    """art. 9.2: the day and nothing else; a cancelled act says nothing."""
    Candidate.objects.filter(pk=people[0].pk).update(ft_id="1234567A")
    stranger = CandidateFactory(ft_id="1234567A", last_name="Zzailleurs")
    act = ReferralFactory(candidate=stranger)
    called_off = ReferralFactory(candidate=stranger, cancelled=True)
    Referral.objects.update(created_at=dt.datetime(2026, 11, 12, 9, tzinfo=dt.UTC))

    def read(offer):
        if page == "several":
            return as_adviser.get(address_of([offer], people[:1]))
        args = [offer.pk, people[0].pk]
        return as_adviser.get(reverse("referral_confirm", args=args))

    text = words(read(act.offer))
    assert "autre structure" in text
    assert "le 12 novembre 2026" in text
    for secret in (stranger.last_name, act.structure.name, act.adviser.last_name):
        assert secret not in text
    assert "autre structure" not in words(read(called_off.offer))
    Candidate.objects.filter(pk=people[0].pk).update(ft_id="")
    assert "autre structure" not in words(read(act.offer))


def test_twenty_pairs_cost_as_many_queries_as_two(as_adviser, adviser, query_count):
    """P8, R23: before and after, whatever their number."""
    persons = CandidateFactory.create_batch(5, adviser=adviser)
    modes = ({}, {"delegated_preselection": True}, {"preselected": True}, {})
    offers = [OfferFactory(**mode) for mode in modes]

    def queries(address):
        return query_count(lambda: as_adviser.get(address), given=lambda: None)

    small = queries(address_of(offers, persons[:1]))
    assert queries(address_of(offers, persons)) == small <= OF_EACH_PAGE + 12
    made = propose(as_adviser, offers, persons, due_on=in_days(5))
    done = made.redirect_chain[-1][0]
    assert Document.objects.count() == 20
    assert queries(done) <= OF_EACH_PAGE + 12


# Session, account, convention, quota of persons, journal: of each page of persons.
OF_EACH_PAGE = 4


# --- Confirm --------------------------------------------------------------------------


def test_two_persons_get_the_act_of_each_of_three_offers(as_adviser, people, three):
    """U8, S37, art. 3.2: each by itself; one print job of all documents, by person."""
    _, delegated, kept = three
    line = requirements_of(delegated)[0]
    first, _ = pairs_of([delegated], people[:2])
    criteria = {f"criteres-{first}": [line]}

    response = propose(as_adviser, three, people[:2], due_on=in_days(5), **criteria)

    text = words(response)
    assert "6 propositions faites" in text
    for person in people[:2]:
        for offer in three:
            assert f"{person} · {offer.title}" in text
    met = dict(ScreenedReferral.objects.values_list("candidate", "criteria_met"))
    assert met == {people[0].pk: [line], people[1].pk: []}
    due = CvRequest.objects.values_list("offer", "due_on")
    assert {(offer, day.isoformat()) for offer, day in due} == {(kept.pk, in_days(5))}
    made = AuditEntry.objects.filter(action__in=MADE.values())
    assert made.count() == 6
    papers = list(PrintJob.objects.get().papers())
    order = [(paper.candidate_id, paper.act.offer_id) for paper in papers]
    assert order == [(who.pk, offer.pk) for who in people[:2] for offer in three]
    for paper in papers:
        others = {one.last_name for one in people if one.pk != paper.candidate_id}
        assert not any(name in paper.html for name in others)


def test_what_is_unticked_is_not_made(as_adviser, people, three):
    pairs = pairs_of(three[:2], people[:2])

    response = propose(as_adviser, three[:2], people[:2], paire=pairs[1:3])

    assert "2 propositions faites" in words(response)
    assert Document.objects.count() == 2
    assert Referral.objects.get().candidate == people[1]
    assert ScreenedReferral.objects.get().candidate == people[0]


def test_fifty_rows_three_of_them_invalid_make_forty_seven_acts(as_adviser, people):
    """U8: partial failure keeps the rest, and each refusal has its reason."""
    good = OfferFactory.create_batch(47)
    withdrawn = OfferFactory(title="Canari")
    called_off, taken = OfferFactory(), OfferFactory(posts=1)
    end(ReferralFactory(handed_over=True, offer=taken))
    before = set(Referral.objects.values_list("pk", flat=True))
    withdraw(withdrawn)
    withdraw(called_off, OfferState.CANCELLED)

    response = propose(as_adviser, [withdrawn, *good, called_off, taken], people[:1])

    made = Referral.objects.exclude(pk__in=before)
    assert {act.offer_id for act in made} == {offer.pk for offer in good}
    assert AuditEntry.objects.filter(action="referral_refused").count() == 3
    text = words(response)
    for sentence in (
        "47 propositions faites",
        "3 refusées",
        "France Travail a suspendu cette offre (convention, art. 3.1).",
        "France Travail a annulé cette offre (convention, art. 3.1).",
        "Tous les postes de cette offre sont pris (convention, art. 3.2).",
    ):
        assert sentence in text
    assert "Canari" not in text


def test_the_same_form_again_finishes_and_repeats_nothing(as_adviser, people, three):
    """R10: double click, Back, an interruption; though a mode changed in between."""
    key = uuid.uuid4()
    propose(as_adviser, three, people[:1], key, due_on=in_days(5))
    with writing_offers():
        Offer.objects.filter(pk=three[2].pk).update(delegated=True)

    second = propose(as_adviser, three, people[:2], key, due_on=in_days(5))
    third = propose(as_adviser, three, people[:2], key, due_on=in_days(5))

    assert words(second) == words(third)
    assert "6 propositions faites" in words(third)
    assert Document.objects.count() == 6
    assert PrintJob.objects.get().items.count() == 6


def test_back_on_the_page_that_was_confirmed_leads_to_its_result(
    as_adviser, people, three
):
    """Its documents too, as long as they are kept."""
    propose(as_adviser, three[:2], people[:1], due_on=in_days(5))
    address = address_of(three, people[:1])

    back = as_adviser.get(address)

    assert "Vous avez déjà fait 2 de ces propositions." in words(back)
    links = Page.of(back).links()
    result = as_adviser.get(links["Voir le résultat"])
    assert "2 propositions faites" in words(result)
    job = PrintJob.objects.get()
    pdf = reverse("print_job_pdf", args=[job.pk])
    assert links["Imprimer 2 documents à remettre (nouvel onglet)"] == pdf
    job.delete()
    assert "Vous avez déjà fait" not in words(as_adviser.get(address))


def test_a_live_act_of_the_same_kind_is_told_as_proposed_before(as_adviser, people):
    live = ReferralFactory(candidate=people[0])

    text = words(propose(as_adviser, [live.offer], people))

    assert "2 propositions faites" in text
    assert "1 déjà proposée" in text
    assert live.number in text
    assert Referral.objects.filter(candidate=people[0]).count() == 1


def test_a_row_that_was_refused_and_is_possible_again_says_so(as_adviser, people):
    """The page tells what stands, not what stood."""
    offer = OfferFactory(suspended=True)
    response = propose(as_adviser, [offer], people[:1])
    assert "suspendu cette offre" in words(response)
    assert not PrintJob.objects.exists()
    withdraw(offer, "active")

    page = as_adviser.get(response.redirect_chain[-1][0])

    assert "rien ne s’y oppose plus" in words(page)
    again = Page.of(page).links()["Vérifier et confirmer"]
    assert again == address_of([offer], people[:1])


@pytest.mark.parametrize("key", ["", "x", "' OR 1=1"])
def test_a_form_without_its_key_makes_nothing(as_adviser, people, key):
    offers = [OfferFactory()]
    sent = {"key": key, "paire": pairs_of(offers, people)}

    response = as_adviser.post(address_of(offers, people), sent)

    assert response.status_code == 200
    assert not Referral.objects.exists()


def test_a_wrong_day_keeps_the_list_and_its_ticks(as_adviser, people, three):
    """A5: one that was unticked stays in the list too."""
    pairs = pairs_of(three, people[:1])

    response = propose(
        as_adviser, three, people[:1], paire=pairs[2:], due_on=in_days(-1)
    )

    assert "<title>Erreur" in response.text
    assert "Choisissez un jour entre demain" in words(response)
    assert boxes_of(response) == dict(zip(pairs, [False, False, True], strict=True))
    assert not Document.objects.exists()


def delegate(offer):
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(preselection=True, delegated=True)


def rewrite(offer):
    """France Travail sends another text of it."""
    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(
            title="Autre métier", content_hash=b"another"
        )


@pytest.mark.parametrize(
    ("change", "kind"),
    [(delegate, "mise en contact avec présélection"), (rewrite, "mise en contact")],
)
def test_an_offer_that_changed_meanwhile_is_confirmed_again(
    as_adviser, people, change, kind
):
    """No act but the one shown; the others are made, and a second form does it."""
    offers = OfferFactory.create_batch(2)
    address = address_of(offers, people[:2])
    shown = longest_form(as_adviser.get(address)).data()
    change(offers[0])

    response = as_adviser.post(address, shown, follow=True)

    assert {act.offer for act in Referral.objects.all()} == {offers[1]}
    assert not ScreenedReferral.objects.exists()
    assert "2 à reprendre" in words(response)
    assert f"relisez-la, puis confirmez ({kind})" in words(response)
    again = Page.of(response).links()["Vérifier et confirmer"]
    as_adviser.post(again, longest_form(as_adviser.get(again)).data())
    made = ScreenedReferral if change is delegate else Referral
    assert made.objects.filter(offer=offers[0]).count() == 2


def test_what_an_offer_asks_that_changed_meanwhile_is_read_again(
    as_adviser, people, three
):
    (pair,) = pairs_of(three[1:2], people[:1])
    criteria = {f"criteres-{pair}": ["Permis : avion"]}

    response = propose(as_adviser, three[:2], people[:1], **criteria)

    assert "L’offre a changé entre-temps" in words(response)
    assert not Document.objects.exists()


def test_hires_are_counted_for_all_offers_as_for_each():
    """The set-based count is that of the action."""
    offers = OfferFactory.create_batch(3, posts=2)
    end(ReferralFactory(handed_over=True, offer=offers[0]))
    end(ReferralFactory(handed_over=True, offer=offers[0]))
    end(ReferralFactory(handed_over=True, offer=offers[1]), "injoignable")

    counts = facts_of(offers, []).hires

    assert counts == {offers[0].pk: 2}
    for offer in offers:
        assert posts_after(offer, counts[offer.pk]) == posts_left(offer)


# --- Convocations ---------------------------------------------------------------------


def convoke(client, offer, people, **data):
    return propose(client, [offer], people, acte="convocation", **data)


def test_a_slot_takes_as_many_as_it_has_places_and_says_full_of_the_others(
    as_adviser, people
):
    """R11: each person counts one place; the same form again says the same."""
    offer, slot = OfferFactory(preselected=True), SlotFactory(capacity=2)
    key = uuid.uuid4()

    for _ in range(2):
        text = words(convoke(as_adviser, offer, people, key=key, slot=slot.pk))
        assert "2 propositions faites" in text
        assert "Le rendez-vous était complet" in text
    assert Appointment.objects.filter(details__slot=slot).count() == 2
    assert Appointment.objects.filter(details__slot=None).count() == 0


def test_without_a_collective_slot_each_is_told_apart(as_adviser, people):
    """One place, or a date of one's own: one by one, from the row."""
    offer, slot = OfferFactory(preselected=True), SlotFactory(capacity=1)

    page = as_adviser.get(address_of([offer], people, acte="convocation"))
    for choice in (slot.pk, "libre"):
        convoke(as_adviser, offer, people, slot=choice)

    assert boxes_of(page) == {}
    assert words(page).count("À part : rendez-vous") == len(people)
    one_by_one = reverse("appointment_confirm", args=[offer.pk, people[0].pk])
    assert one_by_one in page.text
    assert not Appointment.objects.exists()


def test_a_slot_after_the_end_of_the_convention_is_not_proposed(client):
    """As one by one: the agreement ends before; its last day is inside."""
    last = timezone.localdate() + dt.timedelta(days=10)
    structure = ConventionFactory(ends_on=last).structure
    adviser = AdviserFactory(structure=structure)
    offer, people = OfferFactory(preselected=True), [CandidateFactory(adviser=adviser)]
    at = timezone.make_aware(dt.datetime.combine(last, dt.time(10)))
    inside = SlotFactory(capacity=5, at=at)
    after = SlotFactory(capacity=5, at=at + dt.timedelta(days=1))
    sign_in(client, adviser)

    page = client.get(address_of([offer], people, acte="convocation"))
    refused = convoke(client, offer, people, slot=after.pk)
    made_first = Appointment.objects.count()
    convoke(client, offer, people, slot=inside.pk)

    assert str(after.pk) not in page.text
    assert "les rendez-vous à plusieurs d’après ne sont pas proposés" in words(page)
    assert "ou après la fin de votre convention" in words(refused)
    assert made_first == 0
    assert Appointment.objects.get().slot == inside


def test_an_act_that_the_offer_does_not_allow_gives_way_to_the_usual(
    as_adviser, people
):
    """Art. 3.2: the page says which act each row gets."""
    kept = OfferFactory(preselected=True)

    page = as_adviser.get(address_of([kept], people, acte="mise_en_contact"))

    assert words(page).count("Demande de CV") == len(people)


# --- Hand over ------------------------------------------------------------------------


def test_all_made_are_marked_handed_over_at_once_and_what_is_not_says_why(
    as_adviser, people, three
):
    """Art. 7: from the result, back to it."""
    done = propose(as_adviser, three, people[:2], due_on=in_days(5))
    here = done.redirect_chain[-1][0]
    acts = [row.act.pk for row in done.context["waiting"]]
    assert "Tout marquer remis en main propre" in words(done)
    withdraw(three[0])

    sent = {"acte": acts, "next": here}
    after = as_adviser.post(reverse("documents_hand_over"), sent, follow=True)

    assert after.redirect_chain[-1][0] == here
    assert "4 documents marqués remis en main propre aujourd’hui" in words(after)
    for act in Referral.objects.all():
        assert f"{act.number} n’est pas marqué remis." in words(after)
        assert act.handed_over_on is None
    assert "Tout marquer remis" not in words(after)
