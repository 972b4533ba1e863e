"""RGC at the desk: proposed, decided, in office, withdrawn."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Nomination, NominationState
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    NominationFactory,
    RgcFactory,
)
from tests.admin.registers import text_of, verb_url

pytestmark = pytest.mark.django_db


def decide(client: Client, nomination: Nomination, slug: str) -> Any:
    form = {"decided_on": timezone.localdate(), "decision_by": "P. Garnier, DT Isère"}
    return client.post(verb_url(nomination, slug), form, follow=True)


def test_an_rgc_is_proposed_accepted_in_office_and_withdrawn(
    as_ft_admin: Client,
) -> None:
    """S23: appointed by France Travail, and by nobody else."""
    rgc = RgcFactory(in_office=False)
    form = {
        "convention": rgc.structure.conventions.get().pk,
        "person": rgc.pk,
        "function": "Responsable",
        "proposed_on": "2026-11-02",
    }
    as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)
    nomination = Nomination.objects.get()

    decide(as_ft_admin, nomination, "accepter")
    as_ft_admin.post(verb_url(nomination, "entrer-en-fonction"))
    assert rgc.is_rgc_in_office
    decide(as_ft_admin, nomination, "retirer")

    assert not rgc.is_rgc_in_office
    assert [step.target for step in nomination.steps.all()] == [
        NominationState.ACCEPTED,
        NominationState.IN_OFFICE,
        NominationState.WITHDRAWN,
    ]
    nomination.refresh_from_db()
    assert nomination.decision_by == "P. Garnier, DT Isère"


def test_an_rgc_of_another_structure_is_not_proposed(as_ft_admin: Client) -> None:
    rgc = RgcFactory(in_office=False)
    form = {
        "convention": ConventionFactory().pk,
        "person": rgc.pk,
        "function": "Responsable",
        "proposed_on": "2026-11-02",
    }

    response = as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)

    assert "n’appartient pas à la structure" in text_of(response)
    assert not Nomination.objects.exists()


def test_an_adviser_is_not_proposed_as_rgc(as_ft_admin: Client) -> None:
    adviser = AdviserFactory()
    form = {
        "convention": adviser.structure.conventions.get().pk,
        "person": adviser.pk,
        "function": "Conseiller",
        "proposed_on": "2026-11-02",
    }

    response = as_ft_admin.post(reverse("admin:accounts_nomination_add"), form)

    assert response.status_code == 200
    assert not Nomination.objects.exists()


def test_one_rgc_in_office_at_a_time(as_ft_admin: Client) -> None:
    in_office = NominationFactory()
    second = NominationFactory(
        convention=in_office.convention, state=NominationState.ACCEPTED
    )

    response = as_ft_admin.post(verb_url(second, "entrer-en-fonction"), follow=True)

    assert "Cette convention a déjà un RGC en fonction" in text_of(response)
    second.refresh_from_db()
    assert second.state == NominationState.ACCEPTED


def test_a_decision_does_not_come_before_its_proposal(as_ft_admin: Client) -> None:
    nomination = NominationFactory(state=NominationState.PROPOSED)

    response = as_ft_admin.post(
        verb_url(nomination, "accepter"),
        {"decided_on": "2020-01-01", "decision_by": "P. Garnier"},
    )

    assert "La décision ne peut pas précéder la proposition" in text_of(response)
    nomination.refresh_from_db()
    assert nomination.state == NominationState.PROPOSED
