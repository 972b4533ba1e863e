"""A renewal, with the hands: prepared, signed, and gone past at midnight (art. 13)."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
    day_from_today,
)
from tests.admin.registers import record_url
from tests.browser.people import sign_in


@pytest.fixture
def present():
    """A convention that ends in ten days, with its RGC and an adviser."""
    structure = StructureFactory(convention=None)
    convention = ConventionFactory(structure=structure, ends_on=day_from_today(10))
    RgcFactory(structure=structure)
    AdviserFactory(structure=structure)
    return convention


def prepare(visitor, present):
    """An agent, from the tile of the desk's list to the draft."""
    page = visitor.page
    sign_in(visitor, AgentFactory(agency=present.agency))
    visitor.open("/admin/")
    page.get_by_role("link", name="Conventions à renouveler").click()
    page.get_by_role("link", name=present.number).click()
    page.get_by_role("link", name="Renouveler").click()
    visitor.expect_accessible()
    page.get_by_label("Numéro de la convention suivante").fill("CA-SUITE")
    page.get_by_role("button", name="Renouveler").click()
    page.get_by_text("La convention suivante est préparée").wait_for()


def sign(visitor, renewal):
    """An administrator records both signatures."""
    page = visitor.page
    sign_in(visitor, FtAdminFactory())
    visitor.open(record_url(renewal))
    page.locator("#id_deliberation").fill("2026-4")
    page.locator("#id_deliberated_on").fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Enregistrer la signature").click()
    page.get_by_label("Signée par la structure le").wait_for()
    for label in ("Signée par la structure le", "Signée par France Travail le"):
        page.get_by_label(label).fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Enregistrer la signature").click()
    page.get_by_text("La convention est signée.").wait_for()


def go_past(visitor, midnight, person, path):
    """Sign in before midnight, read on after it: the convention shown each time."""
    minute = dt.timedelta(minutes=1)
    with time_machine.travel(midnight - minute):
        sign_in(visitor, person)
        visitor.open(path)
        before = visitor.page.inner_text("body")
    with time_machine.travel(midnight + minute):
        visitor.open(path)
        after = visitor.page.inner_text("body")
        assert "/connexion/" not in visitor.page.url
        visitor.expect_accessible()
    return before, after


@pytest.mark.thorough
def test_a_renewal_is_prepared_signed_and_gone_past_at_midnight(visitor, present):
    prepare(visitor, present)
    renewal = Convention.objects.get(number="CA-SUITE")
    sign(visitor, renewal)
    renewal.refresh_from_db()
    midnight = dt.datetime.combine(
        renewal.starts_on, dt.time.min, ZoneInfo("Europe/Paris")
    )
    rgc, adviser = (
        present.structure.users.get(role=role) for role in ("rgc", "conseiller")
    )

    before, after = go_past(visitor, midnight, adviser, "/offres/")
    assert "prend effet le lendemain" in before
    assert "prend effet le lendemain" not in after
    before, after = go_past(visitor, midnight, rgc, "/comptes/")
    assert f"Convention n° {present.number}" in before
    assert f"Convention n° {renewal.number}" in after
    assert "1 sur 20" in after
    assert renewal.nominations.get().person == rgc
