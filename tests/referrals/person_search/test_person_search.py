"""The search in a person's name, and the way back from each act (U1, U2, U5)."""

from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals.acts.act_context import Author, acts_with
from referrals.acts.models import Act
from referrals.candidates.models import Processing, ProcessingLimit
from referrals.direct.models import Referral
from tests.accounts.factories import AdviserFactory
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.bulk_cases import address_of, pairs_of
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    CandidateFactory,
    ReferralFactory,
    SavedSearchFactory,
    StandInFactory,
    end,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def karim(adviser):
    return CandidateFactory(adviser=adviser, ft_id="1234567A", commune_code="38193")


def path_of(candidate):
    return reverse("person_search", args=[candidate.pk])


def read(client, address):
    return client.get(address).text.replace("\xa0", " ")


def row_of(page, offer):
    begin = page.rindex("<li", 0, page.index(f'id="offre-{offer.pk}"'))
    return page[begin : page.index("</li>", begin)]


# --- Where the search begins -------------------------------------------------------


def test_it_begins_with_the_place_and_the_trades_of_the_person(as_adviser, karim):
    """U5: the trades of the searches kept for him."""
    ReferralFactory(candidate=karim, offer=OfferFactory(rome_code="A1101"))
    proposed = as_adviser.get(path_of(karim)).url
    SavedSearchFactory(candidate=karim, query="q=chauffeur&mots=exacts")
    worded = as_adviser.get(path_of(karim)).url
    SavedSearchFactory(candidate=karim, query="rome=F1703,F1702")
    wanted = as_adviser.get(path_of(karim)).url

    place = f"{path_of(karim)}?lieu=38193&rayon=20"
    assert proposed == f"{place}&rome=A1101"
    query = "q=chauffeur&mots=exacts&lieu=38193&rayon=20"
    assert worded == f"{path_of(karim)}?{query}"
    assert wanted == f"{place}&rome=F1703,F1702"
    page = read(as_adviser, wanted)
    assert f'href="{path_of(karim)}?rome=F1703,F1702"' in page
    assert "Enregistrer la recherche pour Karim" in page


def test_without_a_commune_it_begins_near_the_structure(as_adviser, adviser):
    person = CandidateFactory(adviser=adviser, city="", postcode="")

    begun = as_adviser.get(path_of(person)).url

    assert begun == (
        f"{path_of(person)}?lieu={adviser.structure.commune_code}&rayon=20"
    )


def test_every_link_of_the_search_stays_in_his_name(as_adviser, karim):
    """U1: form, filters, chips, and the typed words settled at his address."""
    OfferFactory()
    address = f"{path_of(karim)}?q=macon&lieu=38193&rayon=20"

    page = read(as_adviser, address)
    settled = as_adviser.get(address, {"q": "maçon cdi", "avant": "", "ou": ""}).url
    number = as_adviser.get(path_of(karim), {"q": OfferFactory().pk, "avant": ""}).url

    assert f'action="{path_of(karim)}"' in page
    assert f'hx-get="{path_of(karim)}"' in page
    assert settled.startswith(f"{path_of(karim)}?q=ma")
    assert "contrat=CDI" in settled
    assert number.endswith(f"?retour={quote(path_of(karim), safe='')}")
    assert page.count('href="/offres/?') == 1
    assert f"Ne plus chercher pour {karim.first_name}" in page


def test_the_search_is_kept_for_him_in_one_click_and_stays_open(as_adviser, karim):
    """U5."""
    address = f"{path_of(karim)}?q=macon&mots=exacts&lieu=38193&tri=date"
    page = read(as_adviser, address)
    query = "q=macon&mots=exacts&lieu=38193"
    post = f"{reverse('saved_search_for')}?{query}"

    kept = as_adviser.post(post, {"personne": karim.pk, "next": address})
    again = read(as_adviser, address)

    assert f'action="{post.replace("&", "&amp;")}"' in page
    assert f'name="next" value="{address.replace("&", "&amp;")}"' in page
    assert kept.url == address
    assert karim.saved_searches.get().query == query
    assert "Enregistrer la recherche pour" not in again
    assert 'aria-current="true">' in again.partition('class="opus-shelves"')[2]
    his_offers = read(as_adviser, reverse("candidate_offers", args=[karim.pk]))
    assert f'href="{path_of(karim)}?{query.replace("&", "&amp;")}"' in his_offers


def test_an_offer_is_kept_for_him_with_his_name_ticked(as_adviser, adviser, karim):
    offer = OfferFactory()
    CandidateFactory.create_batch(9, adviser=adviser)
    stranger = CandidateFactory(adviser=AdviserFactory(), last_name="Canari")
    row = row_of(read(as_adviser, f"{path_of(karim)}?lieu="), offer)
    keep = reverse("favourite_keep", args=[offer.pk])

    page = read(as_adviser, f"{keep}?personne={karim.pk}&personne={stranger.pk}")

    assert f"&amp;personne={karim.pk}" in row.partition(keep)[2]
    assert f'value="{karim.pk}" checked' in page
    assert "Canari" not in page


def test_a_question_about_the_words_is_put_in_his_name(as_adviser, karim):
    page = read(as_adviser, f"{path_of(karim)}?q=&avant=&ou=Saint-Martin")

    assert "que voulez-vous dire" in page
    assert f'href="{path_of(karim)}?lieu=' in page
    assert "Pour <a" in page


# --- What each reader sees of what was proposed ------------------------------------


def test_a_row_says_what_was_proposed_to_him_and_by_whom(as_adviser, adviser, karim):
    """U2, 9.2: a colleague without a name; elsewhere the day and the kind alone."""
    colleague = AdviserFactory(structure=adviser.structure)
    twin = CandidateFactory(adviser=AdviserFactory(), ft_id=karim.ft_id)
    mine, ours, theirs, ended, fresh = OfferFactory.create_batch(5)
    act = ReferralFactory(candidate=karim, offer=mine)
    other = ReferralFactory(candidate=karim, offer=ours, adviser=colleague)
    elsewhere = CvRequestFactory(candidate=twin, offer=theirs)
    end(ReferralFactory(candidate=karim, offer=ended, handed_over=True), "injoignable")
    ReferralFactory(candidate=karim, offer=fresh, cancelled=True)

    page = read(as_adviser, f"{path_of(karim)}?lieu=")
    rows = {offer.pk: row_of(page, offer) for offer in (mine, ours, theirs, ended)}

    assert "Déjà proposée à Karim le " in rows[mine.pk]
    assert act.get_absolute_url() in rows[mine.pk]
    assert "Proposer à" not in rows[mine.pk]
    assert "Cocher" not in rows[mine.pk]
    assert "Déjà proposée par un collègue le " in rows[ours.pk]
    assert other.get_absolute_url() in rows[ours.pk]
    assert "Déjà proposée par une autre structure le " in rows[theirs.pk]
    assert "(demande de CV)" in rows[theirs.pk]
    assert "Proposer à Karim" in rows[theirs.pk]
    assert "Proposer à Karim" in rows[ended.pk]
    assert all("opus-row--off" in row for row in rows.values())
    assert "opus-row--off" not in row_of(page, fresh)
    assert "Déjà" not in row_of(page, fresh)
    for unsaid in (
        *(colleague.last_name, elsewhere.number, str(elsewhere.pk)),
        *(twin.structure.name, twin.adviser.last_name),
    ):
        assert unsaid not in page


def test_a_stand_in_reads_the_acts_of_the_absent_adviser_as_a_colleagues(karim):
    stand_in = StandInFactory(owner=karim.adviser)
    act = ReferralFactory(candidate=karim)

    [found] = acts_with(karim, by=stand_in.colleague)

    assert (found.by, found.act.pk) == (Author.COLLEAGUE, act.pk)


def test_his_acts_unfold_without_the_content_of_withdrawn_offers(as_adviser, karim):
    gone = ReferralFactory(candidate=karim, offer=OfferFactory(title="Canari")).offer
    end(ReferralFactory(candidate=karim, handed_over=True))
    withdraw(gone)

    page = read(as_adviser, f"{path_of(karim)}?lieu=")

    assert "2 offres déjà proposées, 1 en cours" in page
    assert f"Offre n° {gone.pk}" in page
    assert "Canari" not in page


def test_a_frozen_person_gets_no_act(as_adviser, adviser, karim):
    """His data are frozen (GDPR 18): the search reads offers only."""
    OfferFactory()
    ProcessingLimit.objects.create(
        candidate=karim, processing=Processing.ALL, reference="DD-1", placed_by=adviser
    )

    page = read(as_adviser, f"{path_of(karim)}?lieu=")

    assert "Proposer à Karim" not in page
    assert "Enregistrer la recherche pour" not in page


def test_another_advisers_person_does_not_exist_for_me(as_adviser, adviser):
    """S24: of the same structure or of another, and through a way back too."""
    for owner in (AdviserFactory(structure=adviser.structure), AdviserFactory()):
        person = CandidateFactory(adviser=owner, last_name="Canari")
        assert as_adviser.get(path_of(person)).status_code == 404
        assert as_adviser.get(f"{path_of(person)}?lieu=").status_code == 404
        offer = OfferFactory()
        back = quote(path_of(person))
        page = as_adviser.get(f"{offer.get_absolute_url()}?retour={back}").text
        assert "Canari" not in page
        assert "Proposer à" not in page


def test_a_page_of_twenty_rows_costs_few_queries(as_adviser, karim):
    offers = OfferFactory.create_batch(20)
    for offer in offers[:5]:
        ReferralFactory(candidate=karim, offer=offer)
    SavedSearchFactory(candidate=karim, query="rome=F1703")
    as_adviser.get(f"{path_of(karim)}?lieu=")

    with CaptureQueriesContext(connection) as queries:
        page = read(as_adviser, f"{path_of(karim)}?lieu=")

    assert page.count("Proposer à Karim") == 15
    # The journal's entry is in a savepoint here, in a transaction else.
    said = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(said) <= 12, "\n".join(sql[:150] for sql in said)


# --- The way back ------------------------------------------------------------------


def confirm(client, offer, person, back=""):
    """Make the act through its form; return the page of the act."""
    address = reverse("referral_confirm", args=[offer.pk, person.pk])
    page = client.get(f"{address}{back}")
    key = page.context["form"]["key"].value()
    made = client.post(f"{address}{back}", {"key": key, "version": offer.version})
    return made.url


@pytest.mark.parametrize("is_for_a_person", [True, False])
def test_each_page_of_an_act_leads_back_to_the_row(as_adviser, karim, is_for_a_person):
    """U1: after the act, its hand-over and its cancelling too."""
    offer, _ = OfferFactory.create_batch(2)
    path = path_of(karim) if is_for_a_person else "/offres/"
    results = f"{path}?q=macon&tri=date"
    back = f"?retour={quote(results, safe='')}&sur=2"
    link = f'href="{results.replace("&", "&amp;")}#offre-{offer.pk}"'

    opened = row_of(read(as_adviser, results), offer)
    pages = [
        read(as_adviser, f"{offer.get_absolute_url()}{back}"),
        read(as_adviser, f"{reverse('referral_start', args=[offer.pk])}{back}"),
    ]
    act = confirm(as_adviser, offer, karim, back)
    pages.append(read(as_adviser, act))
    made = Referral.objects.get()
    hand_over = {"channel": "main", "on": made.created_at.date().isoformat()}
    as_adviser.post(reverse("referral_hand_over", args=[made.pk]), hand_over)
    pages.append(read(as_adviser, act))
    as_adviser.post(reverse("referral_cancel", args=[made.pk]))
    pages.append(read(as_adviser, act))

    assert back.replace("&", "&amp;") in opened
    assert all(link in page and "Retour aux 2 offres" in page for page in pages)
    assert Referral.objects.get().state == Act.CANCELLED
    assert str(karim) not in f"{act}{back}"


def test_the_act_of_another_session_leads_nowhere(as_adviser, karim):
    page = read(as_adviser, ReferralFactory(candidate=karim).get_absolute_url())

    assert "Retour aux" not in page


def test_ticked_offers_go_to_him_and_lead_back(as_adviser, karim):
    """U1, U2: bulk actions, for a person and for one chosen later."""
    offers = OfferFactory.create_batch(2)
    results = f"{path_of(karim)}?q=macon"
    page = read(as_adviser, results)
    way_back = {"retour": results, "sur": "2"}
    checked = as_adviser.get(address_of(offers, [karim], **way_back))
    form = longest_form(checked).data(paire=pairs_of(offers, [karim]))
    done = as_adviser.post(checked.wsgi_request.get_full_path(), form)
    pages = [
        checked.text,
        as_adviser.get(done.url).text,
        as_adviser.get(address_of(offers, [], **way_back)).text,
    ]

    sent = as_adviser.get(address_of(offers, [karim], q="macon"))
    way = QueryDict(urlsplit(sent.url).query)["retour"]

    button = f'formaction="{reverse("bulk")}" name="personne" value="{karim.pk}"'
    assert button in page
    assert way.startswith(f"{results}&offre=")
    assert Referral.objects.filter(candidate=karim).count() == 2
    link = f'href="{results}#offre-{offers[0].pk}"'
    assert all(link in one for one in pages)
    choose = Page.of(as_adviser.get(address_of(offers, [], **way_back))).links()
    assert "retour=" in choose[f"Choisir {karim}"]


@pytest.mark.parametrize(
    "forged",
    [
        *("https://x.example/offres/", "//x.example/offres/", "/\\x.example/offres/"),
        *("javascript:alert(1)", "/profil/", "/offres/nulle-part/x/"),
        *("/candidats/", "/offres/?q=" + "x" * 3_000, "%2F%2Fx.example"),
    ],
)
def test_a_forged_return_address_leads_nowhere(as_adviser, karim, forged):
    offer = OfferFactory()
    address = reverse("referral_confirm", args=[offer.pk, karim.pk])
    back = f"?retour={quote(forged, safe='')}&sur=99999999999999"

    pages = [
        read(as_adviser, f"{address}{back}"),
        read(as_adviser, f"{offer.get_absolute_url()}{back}"),
        read(as_adviser, confirm(as_adviser, offer, karim, back)),
    ]

    assert all("Retour aux" not in page for page in pages)
    assert all("x.example" not in page for page in pages[1:])
