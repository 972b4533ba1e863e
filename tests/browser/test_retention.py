"""What goes and when, as anybody reads it; a person who is held (V9, V11)."""

import datetime as dt

import pytest
from django.utils import timezone

from referrals.privacy.models import CandidateHold
from tests.accounts.factories import FtAdminFactory
from tests.browser.conftest import Visitor
from tests.browser.people import sign_in
from tests.referrals.factories import ReferralFactory


@pytest.mark.thorough
def test_a_person_is_held_then_let_go(visitor_of_any_size: Visitor) -> None:
    """V11, A16: from the table of delays to a hold that is lifted."""
    visitor = visitor_of_any_size
    referral = ReferralFactory()
    page = visitor.page
    visitor.open("/donnees-personnelles/")
    page.get_by_text("24 mois après le dernier évènement").first.wait_for()
    visitor.check_page()

    sign_in(visitor, FtAdminFactory())
    visitor.open("/admin/referrals/candidatehold/add/")
    page.get_by_label("Numéro d’une proposition").fill("MEC-2020-000001")
    page.get_by_label("Motif").select_option("contentieux")
    page.get_by_label("Référence du dossier").fill("TA-2026-118")
    last_day = timezone.localdate() + dt.timedelta(days=90)
    page.get_by_label("Conservé jusqu’au").fill(last_day.isoformat())
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Aucune proposition ne porte ce numéro").wait_for()
    visitor.expect_accessible()
    page.get_by_label("Numéro d’une proposition").fill(referral.number)
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_text("TA-2026-118").first.wait_for()
    hold = CandidateHold.objects.get()
    assert (hold.candidate, hold.ends_on) == (referral.candidate, last_day)

    visitor.open(f"/admin/referrals/candidatehold/{hold.pk}/change/")
    visitor.expect_accessible()
    page.get_by_role("link", name="Lever la conservation").click()
    page.get_by_role("button", name="Lever la conservation").click()
    page.get_by_text("La conservation est levée.").wait_for()
