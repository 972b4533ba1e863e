"""Choosing among one's own candidates: parts of names, lists, the job sought (S24)."""

import pytest
from django.urls import reverse

from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import AdviserFactory
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.bulk_cases import address_of
from tests.referrals.factories import (
    CandidateFactory,
    ReferralFactory,
    SavedSearchFactory,
)

pytestmark = pytest.mark.django_db


def look_up(client, who):
    page = client.post(reverse("candidates"), {"who": who, "look_up": "1"})
    return page.context["found"]


def typing(client, address, who, **ticked):
    """What the list says while one types."""
    data = {"who": who, **ticked}
    return client.post(address, data, headers={"HX-Request": "true"})


@pytest.mark.parametrize(
    "who", ["Ben", "Benali", "béN ka", "K Benali", "12345", "isle d'ab karim"]
)
def test_beginnings_of_names_find_my_candidates_and_nobody_elses(
    as_adviser, adviser, who
):
    """S24."""
    named = {"first_name": "Karim", "last_name": "Benali"}
    mine = CandidateFactory(adviser=adviser, ft_id="1234567A", **named)
    CandidateFactory(adviser=adviser, last_name="Autre", city="Vienne", ft_id="")
    colleague = AdviserFactory(structure=adviser.structure)
    CandidateFactory(adviser=colleague, ft_id="1234567B", **named)
    CandidateFactory(adviser=AdviserFactory(), ft_id="1234567A", **named)

    assert look_up(as_adviser, who).candidates == [mine]


@pytest.mark.parametrize("who", ["%", "_", "enali", "arim", "Karim Xavier", "'"])
def test_other_parts_find_nobody(as_adviser, adviser, who):
    CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")

    assert look_up(as_adviser, who).candidates == []


def test_an_identifier_cut_short_is_a_mistake_unless_it_begins_one_of_mine(
    as_adviser, adviser
):
    CandidateFactory(adviser=adviser, ft_id="1234567A")
    page = as_adviser.post("/candidats/", {"who": "765432", "look_up": "1"}).text

    assert "n’a pas la bonne longueur" in page
    assert len(look_up(as_adviser, "123456").candidates) == 1


def test_the_list_follows_what_is_typed_and_counts_whom_it_shows(as_adviser, adviser):
    """S24, S38: no look-up that finds nobody, no signal; the persons shown count."""
    for name in ("Benali", "Zo"):
        CandidateFactory(adviser=adviser, last_name=name)
    CandidateFactory(adviser=AdviserFactory(), last_name="Bencanari")

    shown = [
        [
            one.last_name
            for one in typing(as_adviser, "/candidats/", who).context["page"]
        ]
        for who in ("ben", "b", "zzz")
    ]

    assert shown == [["Benali"], ["Benali", "Zo"], []]
    entries = AuditEntry.objects.filter(action="persons_listed").order_by("pk")
    assert [entry.persons for entry in entries] == [1, 2, 0]
    assert all(entry.details == {"unasked": True} for entry in entries)
    assert not AuditEntry.objects.filter(action="person_looked_up").exists()


def test_persons_ticked_stay_while_one_types_on(as_adviser, adviser):
    """Several at once: the ticks of before stand first."""
    offer = OfferFactory()
    karim, zoe = (
        CandidateFactory(adviser=adviser, last_name=name) for name in ("Benali", "Zo")
    )
    stranger = CandidateFactory(adviser=AdviserFactory(), last_name="Canari")
    address = reverse("referral_start", args=[offer.pk])

    page = typing(as_adviser, address, "ben", personne=[zoe.pk, stranger.pk])

    choice = page.context["choice"]
    assert (choice.people, choice.ticked) == ([zoe, karim], [zoe])
    assert f'value="{zoe.pk}" checked' in page.text
    assert "Canari" not in page.text
    checked = as_adviser.get(address_of([offer], [zoe, karim]))
    assert "2 candidats" in checked.text


# --- The list --------------------------------------------------------------------


def test_the_list_filters_by_what_awaits_and_sorts(as_adviser, adviser):
    _, due, done = (CandidateFactory(adviser=adviser, last_name=name) for name in "ABC")
    ReferralFactory(candidate=due)
    ReferralFactory(candidate=done, handed_over=True)
    CandidateFactory(last_name="Canari")

    def names(query):
        page = as_adviser.get(f"/candidats/{query}")
        return "".join(one.last_name for one in page.context["page"])

    assert names("") == "ABC"
    assert names("?filtre=a-faire") == "B"
    assert names("?filtre=en-cours") == "BC"
    assert names("?tri=en-cours") == "BCA"
    assert names("?filtre=inconnu&tri=inconnu") == "ABC"
    assert set(names("?tri=recents")) == set("ABC")
    page = as_adviser.get("/candidats/").text
    assert "À faire (1)" in page
    assert "Avec une proposition en cours (2)" in page


def test_ticks_come_along_from_list_to_list(as_adviser, adviser):
    """U8, S24: to other pages, filters, orders, while typing; my persons alone."""
    people = [
        CandidateFactory(adviser=adviser, last_name=f"{first}{last}")
        for first in "AB"
        for last in "ABCDEFGHIJK"
    ]
    here, there = people[0], people[-1]
    stranger = CandidateFactory(adviser=AdviserFactory(), last_name="Canari")
    ticks = f"personne={here.pk}&personne={there.pk}"

    page = Page.of(as_adviser.get(f"/candidats/?{ticks}&personne={stranger.pk}"))
    typed = typing(as_adviser, "/candidats/", "BA", personne=[here.pk])

    assert "checked" in page.by_id(f"personne-{here.pk}").attrs
    hidden = [
        tag
        for tag in page.all("input", type="hidden")
        if tag.attrs.get("name") == "personne"
    ]
    assert [tag["value"] for tag in hidden] == [str(there.pk)]
    assert "1 sur d’autres pages" in page.one("main").text
    assert page.links()["Vus récemment"] == f"?tri=recents&{ticks}"
    assert page.links()["Tout décocher"] == "?"
    # The pages are buttons of the form that holds the boxes.
    assert page.all("button", form="plusieurs", value="2")
    assert page.by_id("plusieurs").name == "form"
    assert f'name="personne" value="{here.pk}"' in typed.text
    assert "1 hors de cette liste" in typed.text
    too_many = "&".join(
        f"personne={one.pk}"
        for one in CandidateFactory.create_batch(51, adviser=adviser)
    )
    (excess,) = Page.of(as_adviser.get(f"/candidats/?{too_many}")).all(
        "p", **{"class": "opus-bar__excess"}
    )
    assert "hidden" not in excess.attrs


def test_a_person_is_listed_with_the_job_sought(as_adviser, adviser):
    """Her kept searches by name, else the trade of the last open offer proposed."""
    kept, proposed = CandidateFactory.create_batch(2, adviser=adviser)
    SavedSearchFactory(candidate=kept, name="Soudeur, Vienne")
    ReferralFactory(candidate=kept, offer=OfferFactory(rome_label="Canari"))
    ReferralFactory(candidate=proposed, offer=OfferFactory(rome_label="Serveur"))
    gone = ReferralFactory(candidate=proposed, offer=OfferFactory(rome_label="Perdu"))
    withdraw(gone.offer)

    pages = [
        as_adviser.get("/candidats/").text,
        as_adviser.get(reverse("referral_start", args=[OfferFactory().pk])).text,
    ]

    for page in pages:
        assert "Soudeur, Vienne" in page
        assert ">Serveur</span>" in page
        assert "Canari" not in page
        assert "Perdu" not in page
