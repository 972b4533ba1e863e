"""A new partner: the structure's page leads from form to form, to an RGC in office."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention, Partnership
from accounts.nominations.models import Nomination
from accounts.structures.models import Structure
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    ModelTextFactory,
    NominationFactory,
    PartnershipFactory,
    StructureFactory,
    make_siret,
)
from tests.accounts.journeys import another_browser
from tests.admin.registers import action_url, record_url
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.tables import as_owner

pytestmark = pytest.mark.django_db
START = "/admin/accounts/structure/add/"


def in_days(days: int) -> str:
    return str(timezone.localdate() + dt.timedelta(days))


def fill(client: Client, url: str, **typed: Any) -> Any:
    """Type into the longest form of a page, as it opens, and send it."""
    form = longest_form(client.get(url))
    return client.post(url, form.data(**typed), follow=True)


def structure_typed(**more: str) -> dict[str, str]:
    return {
        "name": "CCAS de Villeneuve",
        "siret": make_siret(4242),
        "kind": "ccas",
        "sender_name": "Service emploi de Villeneuve",
        "address": "4 place de la Mairie",
        "postcode": "38300",
        "commune_code": "38053",
        "phone": "0465718000",
        "email": "emploi@villeneuve.example",
        "agency": "38086",
        **more,
    }


CONVENTION = {
    "ends_on": in_days(300),
    "signed_quota": "2",
    "signed_partner_contact": "Mireille Aubert, directrice",
    "signed_partner_contact_email": "m.aubert@villeneuve.example",
    "partner_signatory": "Jean Roche, maire et président du CCAS",
    "deliberation": "2026-41",
    "deliberated_on": in_days(-20),
    "ft_signatory": "Anne Perrin, directrice territoriale",
}
RGC = {
    "first_name": "Christophe",
    "last_name": "Durantet",
    "email": "c.durantet@villeneuve.example",
    "function": "Responsable du service emploi",
    "is_permanent_staff": "on",
    "has_responsibility": "on",
    "proposal_reference": "CCAS-2026-12",
}


def next_step(client: Client, structure: Structure) -> Any:
    """The step of the full button on the structure's page."""
    steps = client.get(record_url(structure)).context["hub"].steps
    return next((step for step in steps if step.is_first), None)


def faults(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


@pytest.fixture
def begun() -> Structure:
    agency = AgencyFactory(safir="38086", department="38", region="84")
    return StructureFactory(
        convention=None, agency=agency, postcode="38300", commune_code="38053"
    )


def test_a_partner_from_nothing_to_an_rgc_in_office(as_ft_admin: Client):
    ModelTextFactory()
    AgencyFactory(safir="38086")
    page = fill(as_ft_admin, START, **structure_typed())
    structure = Structure.objects.get(name="CCAS de Villeneuve")
    assert page.redirect_chain == [(record_url(structure), 302)]
    assert (structure.city, structure.commune_code) == ("Bourgoin-Jallieu", "38053")

    # The convention, by way of the partnership agreement on which it stands (art. 13).
    step = next_step(as_ft_admin, structure)
    assert step.title == "Convention à préparer"
    page = as_ft_admin.get(step.verb_url)
    aside = re.search(r'href="(/admin/accounts/partnership/add/[^"]*)"', page.text)
    assert aside
    page = fill(as_ft_admin, aside[1], number="CP-38-2026-021", ends_on=in_days(400))
    parent = Partnership.objects.get()
    assert parent.partner == "CCAS de Villeneuve"
    [(back, _)] = page.redirect_chain
    page = fill(as_ft_admin, back, **CONVENTION)
    assert page.redirect_chain == [(record_url(structure), 302)]
    convention = Convention.objects.get(structure=structure)
    assert (convention.state, convention.quota) == ("projet", 2)
    assert convention.parent == parent

    # The RGC may be proposed before the signature; both wait here.
    steps = as_ft_admin.get(record_url(structure)).context["hub"].steps
    shown = {step.title: step for step in steps}
    assert shown["Convention à signer"].url == record_url(convention)
    assert "il manque" not in shown["Convention à signer"].note
    fill(as_ft_admin, shown["RGC à proposer"].verb_url, **RGC)
    nomination = Nomination.objects.get(convention=convention)
    assert nomination.state == "propose"

    days = ("signed_by_structure_on", "signed_by_ft_on")
    fill(
        as_ft_admin, action_url(convention, "signer"), **dict.fromkeys(days, in_days(0))
    )
    for slug, typed in (
        ("accepter", {"decision_by": "P. Garnier, directeur", "reference": "DT-1"}),
        ("notifier", {"on": in_days(0)}),
        ("fournir-compte", {}),
    ):
        step = next_step(as_ft_admin, structure)
        nominated = (record_url(nomination), action_url(nomination, slug))
        assert step.verb_url in nominated, step
        as_ft_admin.post(action_url(nomination, slug), {"on": in_days(0), **typed})
    # By another hand than the agreement's (S28).
    second = sign_in(another_browser(), FtAdminFactory())
    step = next_step(second, structure)
    assert step.verb_url == action_url(nomination, "entrer-en-fonction")
    second.post(step.verb_url)

    nomination.refresh_from_db()
    convention.refresh_from_db()
    assert (nomination.state, convention.is_in_force()) == ("en_fonction", True)
    recorded = set(AuditEntry.objects.values_list("target_type", flat=True))
    made = {"structure", "partnership", "convention", "nomination"}
    assert {f"accounts.{name}" for name in made} <= recorded


def test_a_convention_opens_prefilled(begun: Structure):
    by = FtAdminFactory(
        first_name="Anne", last_name="Perrin", function="chargée de mission"
    )
    client = sign_in(another_browser(), by)

    form = longest_form(client.get(next_step(client, begun).verb_url))

    found = {name: value for name, [value] in form.values.items() if value}
    year = f"{timezone.localdate():%Y}"
    assert found["number"] == f"CA-38-{year}-001"
    assert found["starts_on"] == in_days(0)
    assert begun.siret in found["structure"]
    assert "38086" in found["agency"]
    assert found["signed_referrals"] == "on"
    assert found["signed_ft_contact"] == "Anne Perrin, chargée de mission"
    assert found["signed_ft_contact_email"] == by.email
    assert found["signing_place"] == begun.city


def test_nothing_of_another_territorys_structure_is_proposed(begun: Structure):
    elsewhere = AgencyFactory(department="69", region="84")
    client = sign_in(another_browser(), FtAdminFactory(agency=elsewhere))

    for label in ("convention", "partnership"):
        url = reverse(f"admin:accounts_{label}_add")
        for pk in (str(begun.pk), "é"):
            form = longest_form(client.get(url, {"structure": pk}))
            assert begun.name not in str(form.values)
            assert form.values.get("number", [""]) == [""]


def test_a_draft_says_what_its_signature_lacks(as_ft_admin: Client, begun: Structure):
    ConventionFactory(structure=begun, state="projet", partner_signatory="")

    [draft, *_] = as_ft_admin.get(record_url(begun)).context["hub"].steps

    assert "le signataire de la structure" in draft.note
    assert "aucun texte modèle n’est publié" in draft.note


def test_a_proposed_rgc_waits_for_the_signature(as_ft_admin: Client, begun: Structure):
    convention = ConventionFactory(structure=begun, state="projet")
    nomination = NominationFactory(
        convention=convention, state="accepte", without_account=True
    )

    page = as_ft_admin.get(record_url(begun))

    titles = [step.title for step in page.context["hub"].steps]
    assert "RGC à proposer" not in titles
    assert record_url(nomination) in page.text


def test_the_rgc_of_a_renewal_waits_for_its_signature(
    as_ft_admin: Client, begun: Structure
):
    """Art. 13: it carries the one of the convention before."""
    over = ConventionFactory(structure=begun, state="expiree")
    ConventionFactory(structure=begun, state="projet", renews=over)

    steps = as_ft_admin.get(record_url(begun)).context["hub"].steps

    assert [step.verb_url for step in steps if step.title == "RGC à proposer"] == [""]


def test_each_form_opens_to_who_may_create_its_object(begun: Structure):
    convention = ConventionFactory(structure=begun, state="projet")
    local = FtAdminFactory(agency=AgencyFactory(kind="dt", department="38"))
    readers: dict[str, User] = {
        "colleague": local,
        "stranger": FtAdminFactory(agency=AgencyFactory(department="69", region="84")),
        "agent": AgentFactory(agency=begun.agency),
    }
    pages = [
        START,
        record_url(begun),
        reverse("admin:accounts_convention_add"),
        f"{reverse('admin:accounts_nomination_add')}?convention={convention.pk}",
    ]

    found = {
        name: [sign_in(another_browser(), user).get(page).status_code for page in pages]
        for name, user in readers.items()
    }

    assert found == {
        "colleague": [200, 200, 200, 200],
        "stranger": [200, 302, 200, 200],
        # Agents propose an RGC, and nothing before.
        "agent": [403, 200, 403, 200],
    }
    agent = sign_in(another_browser(), readers["agent"])
    assert next_step(agent, begun).title == "RGC à proposer"


def test_without_agencies_the_page_says_what_lacks(as_ft_admin: Client):
    page = as_ft_admin.get(START)

    assert f"{reverse('admin:accounts_agency_add')}?kind=agence" in page.text
    assert 'name="siret"' not in page.text
    AgencyFactory(safir="38086")
    page = as_ft_admin.get(START)
    assert 'name="siret"' in page.text
    assert f"{reverse('admin:accounts_agency_add')}?kind=dt" in page.text


def test_a_siret_taken_meanwhile_leads_to_the_structure(
    as_ft_admin: Client, begun: Structure
):
    page = as_ft_admin.post(START, structure_typed(siret=begun.siret))
    elsewhere = AgencyFactory(department="69", region="84")
    stranger = sign_in(another_browser(), FtAdminFactory(agency=elsewhere))
    theirs = stranger.post(START, structure_typed(siret=begun.siret))

    assert faults(page) == {"siret": ["Une autre structure a déjà ce SIRET."]}
    assert f'href="{record_url(begun)}"' in page.text
    assert "4 place de la Mairie" in page.text
    assert "siret" in faults(theirs)
    assert begun.name not in theirs.text


def test_a_second_press_saves_nothing_twice(as_ft_admin: Client, begun: Structure):
    convention = next_step(as_ft_admin, begun).verb_url
    form = longest_form(as_ft_admin.get(convention))
    data = form.data(parent=str(PartnershipFactory().number), **CONVENTION)
    first, second = (as_ft_admin.post(convention, data) for _ in range(2))

    assert first.status_code == 302
    assert "number" in faults(second)
    assert Convention.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"signed_quota": "0"}, "signed_quota", "un compte au moins"),
        ({"starts_on": in_days(-9), "ends_on": in_days(-1)}, "ends_on", "est passée"),
        ({"ends_on": in_days(450)}, "ends_on", "ne peut pas durer plus"),
        ({"parent": ""}, "parent", ""),
    ],
)
def test_what_a_convention_cannot_be_is_said_at_its_field(
    as_ft_admin: Client, begun: Structure, typed: dict[str, str], field: str, words: str
):
    parent = PartnershipFactory(ends_on=timezone.localdate() + dt.timedelta(400))
    url = next_step(as_ft_admin, begun).verb_url

    page = fill(as_ft_admin, url, **CONVENTION | {"parent": parent.number} | typed)

    assert words in " ".join(faults(page)[field])
    assert "Mireille Aubert, directrice" in page.text


def test_the_next_number_is_of_the_department_and_the_year():
    year = f"{timezone.localdate():%Y}"
    assert Convention.objects.next_number("38300") == f"CA-38-{year}-001"
    ConventionFactory(number=f"CA-38-{year}-098")
    ConventionFactory(number=f"CA-38-{year}-bis")

    assert Convention.objects.next_number("38300") == f"CA-38-{year}-099"


REFUSES = """
CREATE FUNCTION opus_test_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'Sept comptes sont trop.' USING ERRCODE = '23514'; END $$;
CREATE TRIGGER refuses BEFORE INSERT OR UPDATE ON accounts_convention
FOR EACH ROW EXECUTE FUNCTION opus_test_refuses();
"""


def test_a_convention_that_the_database_refuses_comes_back_with_the_reason(
    as_ft_admin: Client, begun: Structure
):
    draft = ConventionFactory(structure=begun, state="projet")
    StructureFactory()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(REFUSES)
    new = {"number": "CA-2", "parent": draft.parent.number, **CONVENTION}
    add = f"{reverse('admin:accounts_convention_add')}?structure={begun.pk}"

    for url, typed in ((record_url(draft), {"signed_quota": "7"}), (add, new)):
        page = fill(as_ft_admin, url, **typed)
        assert faults(page) == {"__all__": ["Sept comptes sont trop."]}
        assert f'value="{typed["signed_quota"]}"' in page.text
    assert Convention.objects.filter(structure=begun).count() == 1
