"""What staff read of the guard: where texts must be mended, and counts (V4, V5)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from opus.lib.text_guard.models import TextFinding, TextGuardCount
from opus.lib.text_guard.tasks import purge_refusals
from tests.accounts.factories import FtAdminFactory
from tests.conftest import sign_in
from tests.support.factories import TicketFactory

pytestmark = pytest.mark.django_db

URL = "admin:lib_textfinding_changelist"


def make_finding(ticket):
    return TextFinding.objects.create(
        place="support.ticket.subject",
        target_id=str(ticket.pk),
        category="sante",
        version=2,
    )


def test_a_finding_leads_to_the_sheet_and_shows_no_word(client):
    """V5."""
    ticket = TicketFactory(subject="Un canari dans le texte.")
    make_finding(ticket)
    sign_in(client, FtAdminFactory(agency=None))

    page = client.get(reverse(URL)).text

    assert reverse("admin:support_ticket_change", args=[ticket.pk]) in page
    assert "Demande d’assistance, objet" in page
    assert "canari" not in page


def test_refusals_are_counted_by_field_subject_and_month(client):
    """V4."""
    for _ in range(3):
        TextGuardCount.objects.create(
            account_id=987654, place="referrals.savedsearch.name", category="sante"
        )
    sign_in(client, FtAdminFactory(agency=None))

    page = client.get(reverse(URL)).text

    assert (
        '<td data-label="Sujet">la santé ou le handicap</td>'
        '<td data-label="Suite">refusé</td><td data-label="Nombre">3</td>'
    ) in page
    assert "987654" not in page


def test_counts_go_after_twelve_months():
    """V4."""
    old = TextGuardCount.objects.create(place="a.b.c", category="sante")
    young = TextGuardCount.objects.create(place="a.b.c", category="sante")
    TextGuardCount.objects.filter(pk=old.pk).update(
        on=timezone.localdate() - dt.timedelta(days=367)
    )
    TextGuardCount.objects.filter(pk=young.pk).update(
        on=timezone.localdate() - dt.timedelta(days=360)
    )

    purge_refusals()

    assert TextGuardCount.objects.get() == young
