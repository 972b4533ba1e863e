"""One search for all: what it finds, for whom, and where it leads."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.nominations.enums import NominationState
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    AmendmentFactory,
    ConventionFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    StructureFactory,
)
from tests.admin.registers import list_url, record_url
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import AppointmentFactory, ReferralFactory
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import RightsRequestFactory, TicketFactory

pytestmark = pytest.mark.django_db
SEARCH = "/admin/chercher/"


def names_of(response: Any) -> dict[str, list[str]]:
    """What was found, by kind."""
    return {
        one.kind.slug: [hit.name for hit in one.hits]
        for one in response.context["found"]
    }


def spaced(siret: str) -> str:
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


# What somebody types → the row whose page opens at once.
def by_siret() -> Any:
    structure = StructureFactory()
    return structure, spaced(structure.siret)


def by_name() -> Any:
    structure = StructureFactory(name="CCAS de L’Isle-d’Abeau")
    StructureFactory(name="CCAS de L’Isle")
    return structure, "ccas de l'isle d'ABEAU"


def by_spaces() -> Any:
    structure = StructureFactory()
    groups = spaced(structure.siret).replace(" ", "\N{NARROW NO-BREAK SPACE}")
    return structure, f"SIRET\N{NO-BREAK SPACE}: {groups}"


def by_sign() -> Any:
    convention = ConventionFactory()
    return convention, f"n° {convention.number}"


def by_post() -> Any:
    letter = LetterFactory(posted=True)
    number = letter.registered_number
    return letter, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}".lower()


def by_nominee() -> Any:
    """Somebody proposed, who has no account yet."""
    nomination = NominationFactory(
        state=NominationState.PROPOSED,
        without_account=True,
        first_name="Zoé",
        last_name="d’Héricourt",
    )
    assert nomination.person is None
    return nomination, "zoe d'hericourt"


def by_partnership() -> Any:
    partnership = ConventionFactory().parent
    return partnership, partnership.number.lower().replace("-", " ")


def by_accents() -> Any:
    return StructureFactory(name="Œuvre de Séverine"), "oeuvre severine"


def of_number(factory: Any, name: str = "number", **options: Any) -> Any:
    def make() -> Any:
        row = factory(**options)
        return row, getattr(row, name).replace("-", " ").lower()

    return make


TYPED: dict[str, Any] = {
    "a SIRET in groups": by_siret,
    "a SIRET with other spaces": by_spaces,
    "another apostrophe": by_name,
    "a backtick": lambda: (by_name()[0], "CCAS de L`Isle-d`Abeau"),
    "a SAFIR": lambda: (AgencyFactory(safir="38086"), "safir 38086"),
    "a partnership": by_partnership,
    "a convention after its sign": by_sign,
    "a number of the post": by_post,
    "a nominee without an account": by_nominee,
    "no accents": by_accents,
    "a convention": of_number(ConventionFactory),
    "an amendment": of_number(AmendmentFactory, "reference", quota=30),
    "a letter": of_number(LetterFactory),
    "an identifier": of_number(AdviserFactory, "identifier"),
    "a request for help": of_number(TicketFactory),
    "a data rights request": of_number(RightsRequestFactory),
    "an act": of_number(ReferralFactory),
    "a screened act": of_number(ScreenedReferralFactory),
    "a CV request": of_number(CvRequestFactory),
    "an appointment": of_number(AppointmentFactory),
    "an offer": of_number(OfferFactory, "reference"),
    "a person": lambda: (AdviserFactory(last_name="Fontanél"), "FONTANEL"),
}


@each_case("make", TYPED)
def test_one_hit_opens_at_once(as_ft_admin: Client, make: str) -> None:
    row, typed = TYPED[make]()

    response = as_ft_admin.post(SEARCH, {"q": typed})

    assert response.status_code == 302, names_of(response)
    assert response["Location"] == record_url(row)


def test_many_hits_stand_by_kind_each_bounded(as_ft_admin: Client) -> None:
    agency = AgencyFactory(safir="38086", name="Agence de Montbrion")
    for number in range(8):
        StructureFactory(name=f"CCAS de Montbrion {number}", agency=agency)
    AdviserFactory(last_name="Montbrion")

    response = as_ft_admin.post(SEARCH, {"q": "montbrion"})
    all_of_one = as_ft_admin.post(SEARCH, {"q": "montbrion", "genre": "structures"})
    by_safir = as_ft_admin.post(SEARCH, {"q": "38086", "genre": "structures"})

    found = names_of(response)
    assert {kind: len(names) for kind, names in found.items()} == {
        "structures": 6,
        "personnes": 1,
        "agences": 1,
    }
    assert "Tout voir" in response.text
    assert len(names_of(all_of_one)["structures"]) == 8
    assert len(names_of(by_safir)["structures"]) == 8


def test_the_search_stops_at_the_readers_territory(client: Client) -> None:
    here, there = AgencyFactory(safir="38086"), AgencyFactory(safir="75001")
    mine = ConventionFactory(structure__name="PLIE des Vallons", structure__agency=here)
    other = ConventionFactory(
        structure__name="PLIE des Vallons Gris", structure__agency=there, agency=there
    )
    NominationFactory(convention=mine, last_name="Tissot")
    NominationFactory(convention=other, last_name="Tissot")
    AdviserFactory(last_name="Tissot", structure=mine.structure)
    sign_in(client, AgentFactory(agency=here))

    vallons = client.post(SEARCH, {"q": "vallons"})
    strange = client.post(SEARCH, {"q": other.number})
    siret = client.post(SEARCH, {"q": other.structure.siret})
    person = client.post(SEARCH, {"q": "tissot", "genre": "rgc"})
    accounts = client.post(SEARCH, {"q": "tissot", "genre": "personnes"})

    assert vallons["Location"] == record_url(mine.structure)
    assert names_of(strange) == names_of(siret) == {}
    assert len(names_of(person)["rgc"]) == 1
    # An agent has no accounts to read.
    assert names_of(accounts) == {}
    assert "Rien ne correspond" in strange.text
    assert "Les candidats ne se cherchent pas ici" in strange.text


def test_no_name_stands_in_an_address(as_ft_admin: Client) -> None:
    """S24: the form posts, and so does each link to the rest."""
    for number in range(8):
        AdviserFactory(last_name=f"Benali{number}")

    response = as_ft_admin.post(SEARCH, {"q": "benali"})

    hrefs = re.findall(r'(?:href|action)="([^"]*)"', response.text)
    assert not [href for href in hrefs if "benali" in href.lower()]
    assert 'value="benali"' in response.text
    assert as_ft_admin.get(SEARCH, {"q": "benali"}).context["found"] == []


def test_no_candidate_is_found(as_ft_admin: Client) -> None:
    """S27: neither by name, nor by number; the page says where such a letter goes."""
    candidate = ReferralFactory().candidate

    for typed in (candidate.last_name, str(candidate), str(candidate.pk)):
        response = as_ft_admin.post(SEARCH, {"q": typed})
        assert names_of(response) == {}
        assert "Les candidats ne se cherchent pas ici" in response.text
        assert list_url("support.rightsrequest") in Page.of(response).links().values()


def test_a_search_takes_few_queries(
    as_ft_admin: Client, django_assert_max_num_queries: Any
) -> None:
    StructureFactory.create_batch(3, city="Montbrion")
    with django_assert_max_num_queries(12):
        as_ft_admin.post(SEARCH, {"q": "montbrion"})


def test_the_search_stands_on_every_page_of_the_desk(client: Client) -> None:
    sign_in(client, FtAdminFactory())
    for path in ("/admin/", reverse("admin:accounts_structure_changelist")):
        assert f'action="{SEARCH}"' in client.get(path).text
