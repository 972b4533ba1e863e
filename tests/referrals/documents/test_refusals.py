"""A refusal voids the paper and whatever leads to it, until it is taken back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from opus.lib.outbound import outbox
from referrals.candidate_emails import actions as mails
from referrals.documents.actions import (
    current_document,
    make_document,
    papers_of,
    reason_of,
)
from referrals.documents.models import Document, fingerprint_of
from referrals.preselection import actions
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.conftest import sign_in
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import AppointmentFactory, CandidateFactory
from tests.referrals.screened import ScreenedReferralFactory

pytestmark = pytest.mark.django_db
REFUSED = "La candidature ne sera pas présentée à l’employeur."


def test_a_refused_applications_paper_is_void_wherever_it_is_offered(client, adviser):
    candidate = CandidateFactory(adviser=adviser, email="karim@exemple.fr")
    mails.give_consent(
        candidate, by=adviser, given_on=timezone.localdate(), way="personne"
    )
    act = ScreenedReferralFactory(candidate=candidate, offer__title="Zzmetier")
    paper = make_document(act)
    mail = mails.mail_document(paper, by=adviser)
    outbox.relay()
    link = reverse("mailed_document", args=[mail.token])
    agent = AgentFactory(agency=AgencyFactory(safir=act.offer.agency_safir))
    before = fingerprint_of([paper])

    act.refresh_from_db()
    actions.set_aside(act, by=agent, reason="competences")
    paper = Document.objects.get(pk=paper.pk)

    assert paper.why_void == REFUSED
    assert current_document(paper) != paper
    assert papers_of([act.pk], by=adviser) == []
    assert "pas retenue" in reason_of(paper)
    assert fingerprint_of([paper]) != before
    page = client.post(link)
    assert "n’est plus valable" in page.text
    assert "Zzmetier" not in page.text
    sign_in(client, adviser)
    page = client.get(paper.get_absolute_url())
    assert REFUSED in page.text
    assert "Zzmetier" not in page.text.split("opus-paper")[1]
    assert "ne le remettez plus" in client.get(act.get_absolute_url()).text

    actions.reset(ScreenedReferral.objects.get(pk=act.pk), by=agent)

    paper = Document.objects.get(pk=paper.pk)
    assert not paper.is_void
    assert papers_of([act.pk], by=adviser) == [paper]


@pytest.mark.parametrize(
    ("factory", "traits", "refuse"),
    [
        (
            CvRequestFactory,
            {"sent": True},
            lambda act, by: act.refuse(by=by, reason="illisible"),
        ),
        (AppointmentFactory, {"attended": True}, lambda act, by: act.refuse(by=by)),
    ],
    ids=["cv", "convocation"],
)
def test_so_is_that_of_a_refused_cv_or_convocation(factory, traits, refuse):
    act = factory(**traits)
    paper = make_document(act)

    refuse(act, AgentFactory())

    assert Document.objects.get(pk=paper.pk).why_void == REFUSED
    assert not Document.objects.good().exists()
