"""Every address, role by role, compared with docs/access.md (S1, S19, S20).

An address without a row fails; so does a row without an address.
"""

import copy
import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    AgreementDocumentFactory,
    AlertFactory,
    AmendmentFactory,
    ConventionFactory,
    ExportFactory,
    FactorResetFactory,
    FtAdminFactory,
    LetterFactory,
    OpenSessionFactory,
    ReviewMeetingFactory,
    RgcFactory,
    SecurityEventFactory,
    SignedCopyFactory,
    StructureFactory,
    end_at_once,
)
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvFileFactory, CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CaseloadTransferFactory,
    DocumentFactory,
    ReferralFactory,
    SavedSearchFactory,
    StandInFactory,
)
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import (
    AnnouncementFactory,
    GuideFactory,
    QuestionFactory,
    TicketFactory,
)
from tests.walk import NOBODY, addresses

PAGE = Path(settings.BASE_DIR, "docs", "access.md").read_text(encoding="utf-8")
# The columns of the table, in its order.
ROLES = (
    "anonymous",
    "password_only",
    "adviser",
    "reader",
    "stranger",
    "rgc",
    "suspended",
    "ended",
    "agent",
    "ft_admin",
)
# Asked each time; the others by --thorough.
FIRST_ROLES = ("anonymous", "adviser", "stranger")


def read_table() -> dict[tuple[str, str], dict[str, str]]:
    """(method, route) → role → the status that the page tells."""
    table: dict[tuple[str, str], dict[str, str]] = {}
    for method, route, cells in re.findall(
        r"^\| (GET|POST) \| `/(\S*)` \| (.+) \|$", PAGE, re.MULTILINE
    ):
        statuses = [cell.strip() for cell in cells.split("|")]
        assert len(statuses) == len(ROLES), route
        table[method, route] = dict(zip(ROLES, statuses, strict=True))
    return table


TABLE = read_table()


def routes_of(resolver: URLResolver, prefix: str = "") -> list[str]:
    """Every route under it, the admin's own aside: tests/admin walks those."""
    routes = []
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            routes.append(route)
        elif route != "admin/":
            routes += routes_of(pattern, route)
    return routes


def test_every_address_has_its_row():
    """S19: an unlisted address fails the build."""
    told = {route for _, route in TABLE}
    assert told == set(routes_of(get_resolver()))


def test_no_two_addresses_bear_one_name():
    """``reverse`` would give either."""
    named = [one.name for one in addresses() if "/admin/" not in one.path and one.name]

    assert sorted(named) == sorted(set(named))


def blank_pdf() -> bytes:
    with pikepdf.new() as file, io.BytesIO() as content:
        file.save(content)
        return content.getvalue()


class Cast:
    """Who comes to the door, and what stands behind it: one adviser's things.

    Args:
        owner: whose they are; none, and it is an adviser of his own structure.
    """

    def __init__(self, owner: Any = None) -> None:
        self.owner = owner or AdviserFactory()
        self.structure = self.owner.structure
        self.colleague = AdviserFactory(structure=self.structure)
        candidate = CandidateFactory(adviser=self.owner)
        offer = OfferFactory()
        referral = ReferralFactory(candidate=candidate, offer=offer)
        document = DocumentFactory(ready=True, act=referral)
        cv = CvFileFactory(
            cv_request=CvRequestFactory(candidate=candidate, handed_over=True)
        )
        screened = ScreenedReferralFactory(candidate=candidate, offer=offer)
        appointment = AppointmentFactory(candidate=candidate)
        session = OpenSessionFactory(account=self.owner)
        search = SavedSearchFactory(account=self.owner)
        export = ExportFactory(account=self.owner, ready=True)
        convention = self.structure.conventions.get()
        AgreementDocumentFactory(convention=convention)
        SignedCopyFactory(convention=convention)
        amendment = AmendmentFactory(convention=convention, confirmed=True, quota=21)
        letter = LetterFactory(
            convention=convention, kind="avenant", amendment=amendment
        )
        meeting = ReviewMeetingFactory(
            convention=convention, written=True, minutes_file=blank_pdf()
        )
        job = make_job(self.owner, [document], ready=True)
        ticket = TicketFactory(author=self.owner)
        transfer = CaseloadTransferFactory()
        self.parts = {
            "<reference:reference>": offer.pk,
            "alertes/<uuid:pk>": f"alertes/{AlertFactory(account=self.colleague).pk}",
            "<slug:version>": settings.CHARTER_VERSION,
            "<uuid:candidate_pk>": candidate.pk,
            # The key of a form that nobody sent.
            "<uuid:key>": NOBODY,
            "confier/<uuid:pk>": f"confier/{StandInFactory(owner=self.owner).pk}",
            "candidats/<uuid:pk>": f"candidats/{candidate.pk}",
            "mises-en-contact/<uuid:pk>": f"mises-en-contact/{referral.pk}",
            "demandes-de-cv/<uuid:pk>": f"demandes-de-cv/{cv.cv_request.pk}",
            "preselection/<uuid:pk>": f"preselection/{screened.pk}",
            "convocations/<uuid:pk>": f"convocations/{appointment.pk}",
            "documents/<uuid:pk>": f"documents/{document.pk}",
            # A link that was never sent: the real one is in tests/accounts/test_reset.
            "confier/lien/<str:token>": f"confier/lien/{transfer.token}",
            "lien/<str:token>": "lien/une:fausse:signature",
            "recherches/<uuid:pk>": f"recherches/{search.pk}",
            "impressions/<uuid:pk>": f"impressions/{job.pk}",
            "exports/<uuid:pk>": f"exports/{export.pk}",
            "avenants/<uuid:pk>": f"avenants/{letter.pk}",
            "reunions/<uuid:pk>": f"reunions/{meeting.pk}",
            "actualites/<uuid:pk>": f"actualites/{AnnouncementFactory().pk}",
            "arret/<str:token>": "arret/une:fausse:signature",
            "profil/sessions/<uuid:pk>": f"profil/sessions/{session.pk}",
            "comptes/<uuid:public_id>": f"comptes/{self.colleague.public_id}",
            "facteurs/<uuid:public_id>": f"facteurs/{self.owner.factors[0].public_id}",
            "contact/demandes/<uuid:pk>": f"contact/demandes/{ticket.pk}",
            "questions/<slug:slug>": f"questions/{QuestionFactory().slug}",
            "guides/<slug:slug>": f"guides/{GuideFactory().slug}",
            "proteger/<str:token>": f"proteger/{SecurityEventFactory().stop_token}",
            "<str:token>": FactorResetFactory(account=self.colleague).stop_token,
        }

    def url(self, route: str) -> str:
        for pattern, value in self.parts.items():
            route = route.replace(pattern, str(value))
        assert "<" not in route, f"no example for {route}"
        return f"/{route}"

    def client(self, role: str) -> Client:
        client = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
        match role:
            case "anonymous":
                return client
            case "password_only":
                client.force_login(self.owner)
                return client
            case "adviser":
                return sign_in(client, self.owner)
            case "reader":
                only_reads = StructureFactory(convention=None)
                ConventionFactory(structure=only_reads, grants_referrals=False)
                return sign_in(client, AdviserFactory(structure=only_reads))
            case "stranger":
                return sign_in(client, AdviserFactory())
            case "rgc":
                return sign_in(client, RgcFactory(structure=self.structure))
            case "suspended":
                sign_in(client, self.owner)
                self.owner.suspend(by=None, reason="essai")
                return client
            case "ended":
                sign_in(client, self.owner)
                end_at_once(self.structure.conventions.get())
                return client
            case "agent":
                return sign_in(client, AgentFactory())
            case _:
                return sign_in(client, FtAdminFactory())


def answers(role: str, rows: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What each door says to that role; what it did is undone before the next one."""
    cast = Cast()
    client = cast.client(role)
    cookies = copy.deepcopy(client.cookies)
    told = {}
    for method, route in rows:
        mark = transaction.savepoint_create()
        client.cookies = copy.deepcopy(cookies)
        response = client.generic(method, cast.url(route))
        told[method, route] = describe(response)
        transaction.savepoint_rollback(mark)
    return told


def doors_of(role: str) -> list[tuple[str, str]]:
    """All; of the stranger, those that do not answer him as they answer the owner."""
    return [
        door
        for door, statuses in TABLE.items()
        if role != "stranger" or statuses["stranger"] != statuses["adviser"]
    ]


def told_to(role: str) -> dict[tuple[str, str], str]:
    return {door: statuses[role] for door, statuses in TABLE.items()}


@pytest.mark.django_db
@pytest.mark.timeout(300)
@each_case("role", FIRST_ROLES)
def test_the_doors_answer_as_the_page_of_access_tells(role):
    """S1, S19, S20."""
    doors, told = doors_of(role), told_to(role)
    assert answers(role, doors) == {door: told[door] for door in doors}


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.timeout(300)
@each_case("role", ["stranger", *(one for one in ROLES if one not in FIRST_ROLES)])
def test_they_answer_the_other_roles_as_it_tells(role):
    """S1, S19, S20."""
    assert answers(role, TABLE) == told_to(role)


def describe(response) -> str:
    """The status; for a redirect, the gate that it leads to."""
    if response.status_code in {301, 302}:
        gate = response["Location"].partition("?")[0]
        return f"→ {re.sub('[0-9a-f]{8}-[0-9a-f-]{27}', '…', gate)}"
    return str(response.status_code)
