"""P8, R23: pages of an adviser's job cost few queries, however many rows they show."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from offers.enums import OfferState
from referrals.direct.models import Referral
from referrals.documents.actions import make_document
from tests.offers.helpers.factories import OfferFactory
from tests.offers.helpers.feed import SECRET
from tests.pages import audience, is_page
from tests.referrals.bulk_cases import address_of, pairs_of, propose
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DateProposalFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
    SavedSearchFactory,
    end,
)
from tests.referrals.screened import ASKS, ScreenedReferralFactory
from tests.support.factories import AnnouncementFactory, SurveyFactory

pytestmark = pytest.mark.django_db

MOST = 12
MAKERS = (
    *(ReferralFactory, ScreenedReferralFactory, CvRequestFactory),
    AppointmentFactory,
)
MODES: tuple[dict[str, bool], ...] = (
    *({}, {"delegated_preselection": True}),
    {"preselected": True},
)


def pages_of(client: Client, adviser: Any, size: int) -> Iterator[tuple[str, str]]:
    """Make that many of everything; yield the pages of an adviser's day."""
    person, *others = CandidateFactory.create_batch(size + 1, adviser=adviser)
    for number, one in enumerate(others):
        for make in MAKERS:
            make(candidate=one)
            make(candidate=person)
        end(ReferralFactory(candidate=one, handed_over=True))
        FavouriteFactory(candidate=person)
        query = f"q=macon&rome=F17{number}{size}"
        SavedSearchFactory(account=adviser, query=query)
        SavedSearchFactory(candidate=person, query=query)
    offers = [
        OfferFactory(**mode, title="Chaudronnier", details=ASKS)
        for _ in others
        for mode in MODES
    ]
    direct, delegated, kept = offers[:3]
    # Each thing that home says of an act, a survey, a piece of news and an offer seen.
    for one in others:
        for make in MAKERS:
            write(make(candidate=one).offer, state=OfferState.FILLED)
        DateProposalFactory(appointment__candidate=one)
        ScreenedReferralFactory(candidate=one, asked_for_more=True)
        silent = ReferralFactory(candidate=one, handed_over=True)
        long_ago = timezone.now() - dt.timedelta(days=22)
        Referral.objects.filter(pk=silent.pk).update(created_at=long_ago)
        changed = ReferralFactory(candidate=one)
        make_document(changed)
        write(changed.offer, title="Autre titre")
        AnnouncementFactory()
    SurveyFactory()
    client.get(silent.offer.get_absolute_url())
    yield "home", "/"
    yield "home by person", "/?classer=candidat&tout=1"
    yield "candidates", "/candidats/"
    yield "candidates with a step due", "/candidats/?filtre=a-faire&tri=en-cours"
    yield "a candidate", person.get_absolute_url()
    yield "a candidate's offers", reverse("candidate_offers", args=[person.pk])
    yield "documents of a person", reverse("candidate_documents", args=[person.pk])
    yield "acts", "/mises-en-contact/"
    yield "acts by day", "/convocations/?tri=agenda"
    for part in ("", "preselection/"):
        yield f"acts {part}", f"/mises-en-contact/{part}"
    yield "follow-up", "/suivi/"
    yield "kept offers", "/favoris/"
    yield "kept searches", "/recherches/"
    yield "print jobs", "/impressions/"
    yield "search", "/offres/?lieu="
    yield "search for a person", f"{person.get_absolute_url()}chercher/?lieu="
    for name, sought in (
        ("by words", "q=chaudronnier"),
        ("of many parts", "q=macon&rome=F1703&depuis=1&contrat=CDD"),
        ("that finds nothing", "q=zzyzx&lieu=38193&contrat=CDI"),
        ("with three near", "q=chaudronnier&contrat=SAI"),
    ):
        # The address that the form leads to.
        yield f"search {name}", client.get(f"/offres/?{sought}&avant=")["Location"]
    results = urlencode({"retour": f"{person.get_absolute_url()}chercher/?lieu="})
    yield "an offer", direct.get_absolute_url()
    yield "an offer for a person", f"{direct.get_absolute_url()}?{results}"
    yield "an offer beside its list", reverse("preview", args=[direct.pk])
    yield "map", "/offres/carte/?lieu="
    yield "all filters", "/offres/filtres/?lieu="
    yield "choose the person", reverse("referral_start", args=[direct.pk])
    for kind, offer in (
        *(("referral", direct), ("screened_referral", delegated)),
        *(("cv_request", kept), ("appointment", kept)),
    ):
        confirm = reverse(f"{kind}_confirm", args=[offer.pk, others[0].pk])
        yield f"confirm {kind}", confirm
    yield "several: choose", address_of(offers, [])
    yield "several: choose offers", address_of([], others)
    yield "several: check", address_of(offers, [person, *others])
    yield "several: check one offer", address_of([direct], [person, *others])
    yield "several: dates", address_of([kept], others, acte="convocation")
    key, made = uuid.uuid4(), [OfferFactory(**mode) for mode in MODES]
    propose(client, made, others, key)
    # One of them was not confirmed: the page says what becomes of it.
    pairs = urlencode({"paire": pairs_of([*made, direct], others)}, doseq=True)
    yield "several: result", f"{reverse('bulk_done', args=[key])}?{pairs}"
    for make, offer in zip(MAKERS, (direct, delegated, kept, kept), strict=True):
        act = make(candidate=person, offer=offer)
        if make is ReferralFactory:
            DocumentFactory(act=act, ready=True)
        yield f"an act: {act.nature}", act.get_absolute_url()
    off = ReferralFactory(candidate=person, cancelled=True)
    yield "an act that was cancelled", off.get_absolute_url()


def statements(client: Client, url: str) -> list[str]:
    """Return what a page sends to PostgreSQL, once a process is warm."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url)
    assert response.status_code == 200, url
    # The entry in the journal stands in a savepoint here, else in a transaction: the
    # ceiling of persons seen is counted under its lock.
    return [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]


@pytest.fixture(autouse=True)
def feed(settings: Any) -> None:
    """A feed that is expected: every page reads whether it is silent."""
    settings.FEED_SECRETS = [SECRET]


@pytest.mark.parametrize("size", [1, 3])
def test_no_page_of_the_job_costs_more_than_twelve_queries(
    as_adviser: Client, adviser: Any, size: int
) -> None:
    pages = pages_of(as_adviser, adviser, size)
    assert not (costly := costly_in(as_adviser, pages)), "\n".join(costly)


@pytest.mark.thorough
@pytest.mark.parametrize("role", ["adviser", "rgc"])
def test_no_other_page_of_a_partner_costs_more(role: str) -> None:
    client, found = audience(role)
    read = ((path, client.get(path)) for path in dict.fromkeys(found))
    pages = [
        (answer.resolver_match.url_name or path, path)
        for path, answer in read
        if is_page(answer) and answer.status_code == 200
    ]
    assert not (costly := costly_in(client, pages)), "\n".join(costly)


def costly_in(client: Client, pages: Iterable[tuple[str, str]]) -> list[str]:
    costly = []
    for page, url in pages:
        said = statements(client, url)
        if len(said) > MOST:
            lines = (" ".join(sql.split())[:90] for sql in said)
            costly.append("\n  ".join([f"{page}: {len(said)}", *lines]))
    return costly
