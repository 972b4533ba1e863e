"""The buttons and the sheets of the desk that no subject's tests press."""

import datetime as dt
from operator import attrgetter
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from referrals.documents.actions import make_document
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgreementDocumentFactory,
    AmendmentFactory,
    BreachFactory,
    FactorResetFactory,
    NominationFactory,
    RgcFactory,
)
from tests.admin.registers import action_url, record_url
from tests.cases import each_case
from tests.forms import longest_form
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CaseloadTransferFactory,
    ReferralFactory,
)
from tests.referrals.screened import ScreenedReferralFactory, in_state
from tests.support.factories import SurveyFactory, TicketFactory

pytestmark = pytest.mark.django_db


def in_days(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


SIGNATORY = {"signatory": "Hélène Marchand, directrice régionale"}
OPINED = {"withdrawal_opinion": "favorable", "withdrawal_director": "dt"}
RECTIFIED = {
    "reason": "demande",
    "first_name": "Zélie",
    "last_name": "Rectifiée",
    "ft_id": "7654321R",
    "phone": "06 39 98 00 09",
    "email": "zelie.rectifiee@messagerie.example",
    "address": "9 rue du Canari",
    "postcode": "38080",
    "city": "L’Isle-d’Abeau",
}


def waiting_transfer() -> Any:
    """One person, of an adviser whose RGC wants her for himself."""
    rgc = RgcFactory()
    account = AdviserFactory(structure=rgc.structure)
    CandidateFactory(adviser=account)
    return CaseloadTransferFactory(account=account, asked_by=rgc)


def screened(state: str) -> Any:
    return lambda: ScreenedReferralFactory(**{state: True})


def failed(act: Any) -> Any:
    """With a document that could not be made."""
    make_document(act)
    act.documents.update(state="echec", failure="panne")
    return act


# What it is pressed on, the button, what is typed; the state that it leads to.
MOVES = [
    (lambda: AmendmentFactory(quota=30), "abandonner", {}, "abandonne"),
    (lambda: BreachFactory(notified=True), "abandonner", SIGNATORY, "leve"),
    (
        lambda: BreachFactory(upheld=True),
        "maintenir-de-nouveau",
        SIGNATORY | {"on": in_days(0), "ends_on": in_days(20)},
        "maintenu",
    ),
    (lambda: NominationFactory(state="propose"), "abandonner", {}, "abandonne"),
    (waiting_transfer, "arreter", {}, "arrete"),
    (screened("shortlisted"), "presenter", {"on": in_days(0)}, "presentee"),
    (screened("presented"), "entretien", {"on": ""}, "entretien"),
    (
        screened("presented"),
        "suite",
        {"code": "embauche", "on": in_days(0)},
        "terminee",
    ),
    (TicketFactory, "prendre", {}, "pris"),
    (lambda: TicketFactory(proposal=True), "etudier", {"text": "Vu."}, "etude"),
    (
        lambda: TicketFactory(proposal=True, studied=True),
        "livrer",
        {"text": "En service."},
        "livree",
    ),
]
# The same; then what is read of it.
CHANGES = [
    (AccountHoldFactory, "prolonger", {"ends_on": "2090-01-01"}, "ends_on.year", 2090),
    (AccountHoldFactory, "lever", {}, "is_in_force", False),
    (lambda: NominationFactory(**OPINED), "maintenir", {}, "withdrawal_opinion", ""),
    (CvRequestFactory, "rectifier", RECTIFIED, "candidate.last_name", "Rectifiée"),
    (AppointmentFactory, "rectifier", RECTIFIED, "candidate.last_name", "Rectifiée"),
    *((make, slug, typed, "state", state) for make, slug, typed, state in MOVES),
]


@each_case(("make", "slug", "typed", "name", "value"), CHANGES)
def test_a_button_does_what_it_says(
    as_ft_admin: Client, make: Any, slug: str, typed: Any, name: str, value: Any
) -> None:
    row = make()

    response = as_ft_admin.post(action_url(row, slug), typed)

    assert response.status_code == 302
    assert attrgetter(name)(type(row)._base_manager.get(pk=row.pk)) == value


def test_an_application_set_aside_lately_is_taken_up_again(
    as_ft_admin: Client, ft_admin: Any
) -> None:
    act = in_state("ecartee", agent=ft_admin)

    as_ft_admin.post(action_url(act, "reprendre"))

    act.refresh_from_db()
    assert act.state == "a_examiner"


ACTS = [
    *(ReferralFactory, CvRequestFactory, AppointmentFactory),
    ScreenedReferralFactory,
]


@each_case("factory", ACTS)
def test_a_document_that_failed_is_made_again(
    as_ft_admin: Client, factory: Any
) -> None:
    act = failed(factory())

    as_ft_admin.post(action_url(act, "relancer-le-document"))

    assert act.documents.get().state == "attente"
    assert "Relancer le document" not in as_ft_admin.get(record_url(act)).text


def test_the_document_of_a_convention_that_failed_is_made_again(
    as_ft_admin: Client,
) -> None:
    document = AgreementDocumentFactory(
        state="echec", content=None, ready_at=None, failure="panne"
    )

    as_ft_admin.post(action_url(document.convention, "relancer"))

    document.refresh_from_db()
    assert document.state == "attente"


def test_who_asked_for_a_reset_of_factors_takes_it_back(
    as_ft_admin: Client, ft_admin: Any
) -> None:
    reset = FactorResetFactory(of_rgc=True, asked_by=ft_admin)

    as_ft_admin.post(action_url(reset.account, "annuler-la-remise-a-zero"))

    reset.refresh_from_db()
    assert reset.state == "arretee"


# What is typed into the empty sheet of a register.
ADDED = {
    "accounts.agency": {"safir": "38999", "name": "Agence nouvelle", "kind": "agence"},
    "offers.everydayword": {"words": "zinguerie", "trades": "F1619, F1603"},
    "referrals.outcomecode": {
        "code": "essai",
        "label": "Essai",
        "kind": "non_retenu",
        "position": "90",
        "is_open": "on",
    },
    "support.certifiedbrowser": {
        "name": "Navigateur",
        "since": "1",
        "systems": "tous",
        "passkeys": "oui",
        "checking": "automatique",
        "position": "5",
        "is_certified": "on",
    },
    "support.question": {
        "title": "Où est le menu ?",
        "slug": "menu",
        "theme": "service",
        "body": "En haut.",
        "position": "5",
        "is_shown": "on",
    },
}


@each_case("label", ADDED)
def test_a_row_is_added(as_ft_admin: Client, label: str) -> None:
    [model] = [one for one in admin.site._registry if one._meta.label_lower == label]
    name = label.replace(".", "_")
    before = model._base_manager.count()

    as_ft_admin.post(reverse(f"admin:{name}_add"), ADDED[label])

    assert model._base_manager.count() == before + 1


def test_the_last_day_of_a_survey_is_changed(as_ft_admin: Client) -> None:
    today = timezone.localdate()
    survey = SurveyFactory(
        opens_on=today + dt.timedelta(40), closes_on=today + dt.timedelta(60)
    )
    form = longest_form(as_ft_admin.get(record_url(survey)))

    as_ft_admin.post(form.action, form.data(closes_on=in_days(50)))

    survey.refresh_from_db()
    assert survey.closes_on == today + dt.timedelta(50)
