"""No door behind a link is shut: desk, menu, search and hub, role by role."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.nominations.enums import NominationState
from accounts.structures.models import Structure
from opus.support.management.commands.load_help import load_help
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AlertFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    LetterFactory,
    NominationFactory,
    ReviewMeetingFactory,
    RgcFactory,
    StructureFactory,
    TeamReviewFactory,
)
from tests.admin.registers import record_url
from tests.admin.test_links import READERS, links_of
from tests.conftest import sign_in
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CaseloadTransferFactory,
    DocumentFactory,
)
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import RightsRequestFactory, TicketFactory

pytestmark = pytest.mark.django_db


def populate() -> Structure:
    """Make something of each queue; return a structure with all of it."""
    structure: Structure = StructureFactory(name="Mission locale des Trois-Collines")
    convention = structure.conventions.get()
    RgcFactory(structure=structure)
    AdviserFactory(structure=structure)
    LetterFactory(convention=convention)
    ReviewMeetingFactory(convention=convention, written=True)
    TeamReviewFactory(convention=convention)
    AmendmentFactory(convention=convention, quota=30)
    EndingFactory(convention=convention)
    BreachFactory(convention=convention, observed=True)
    TicketFactory(structure=structure, author=AdviserFactory(structure=structure))
    AlertFactory(structure=structure)
    NominationFactory(state=NominationState.PROPOSED)
    NominationFactory(state=NominationState.ACCEPTED)
    NominationFactory(state=NominationState.LEFT)
    ConventionFactory(ends_on=timezone.localdate() + dt.timedelta(days=30))
    CaseloadTransferFactory()
    DocumentFactory(state="echec")
    ScreenedReferralFactory(to_review=True)
    CvRequestFactory(sent=True)
    AppointmentFactory()
    RightsRequestFactory(under_way=True)
    Structure.objects.update(agency=AgencyFactory(safir="38086", department="38"))
    return structure


@pytest.mark.thorough
@pytest.mark.parametrize("reader", READERS)
def test_every_link_of_the_desk_opens_to_its_reader(
    client: Client, reader: str
) -> None:
    """S27: desk, menu, search and a structure's page; text where it may not."""
    structure = populate()
    load_help()
    sign_in(client, READERS[reader]())
    pages = [
        client.get("/admin/"),
        client.post("/admin/chercher/", {"q": "essai"}),
        client.post("/admin/chercher/", {"q": "tro co"}),
        client.get(record_url(structure)),
    ]

    hrefs = set().union(*map(links_of, pages))
    answers = {
        href: client.get(href, follow=True).status_code
        for href in hrefs
        if not href.startswith(("?", "/deconnexion", "/connexion"))
    }

    assert len(answers) > 30
    assert {href: code for href, code in answers.items() if code != 200} == {}
