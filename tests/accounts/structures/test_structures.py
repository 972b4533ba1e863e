"""A structure: its SIRET is of somebody, its commune is of the official list."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.structures.models import Structure
from opus.operations import invariants
from tests.accounts.factories import AgentFactory, StructureFactory, make_siret
from tests.accounts.journeys import another_browser
from tests.admin.registers import list_url, record_url
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.tables import database_refuses, without_triggers

pytestmark = pytest.mark.django_db
START = "/admin/accounts/structure/add/"


def typed(**more: str) -> dict[str, str]:
    return {
        "name": "CCAS de Villeneuve",
        "kind": "ccas",
        "siret": make_siret(4242),
        "sender_name": "Service emploi",
        "agency": str(StructureFactory(convention=None).agency_id),
        "address": "4 place de la Mairie",
        "postcode": "38300",
        **more,
    }


def faults(response) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_the_only_commune_of_a_postcode_is_found(as_ft_admin: Client):
    response = as_ft_admin.post(START, typed(postcode="38920"))

    assert response.status_code == 302
    structure = Structure.objects.get(postcode="38920")
    assert (structure.city, structure.commune_code) == ("Crolles", "38140")


def test_a_commune_is_chosen_among_those_of_the_postcode(as_ft_admin: Client):
    page = as_ft_admin.post(START, typed())
    choices = dict(page.context["adminform"].form.fields["commune_code"].choices)
    stranger = as_ft_admin.post(START, typed(commune_code="75056"))
    saved = as_ft_admin.post(START, typed(commune_code="38053"))

    assert choices["38053"] == "Bourgoin-Jallieu"
    assert "n’a pas ce code postal" in faults(stranger)["commune_code"][0]
    assert saved.status_code == 302
    structure = Structure.objects.get(name="CCAS de Villeneuve")
    assert (structure.city, structure.commune_code) == ("Bourgoin-Jallieu", "38053")


def test_a_cedex_proposes_the_communes_of_its_department(as_ft_admin: Client):
    page = as_ft_admin.post(START, typed(postcode="38029"))
    saved = as_ft_admin.post(START, typed(postcode="38029", commune_code="38185"))

    assert "CEDEX" in faults(page)["commune_code"][0]
    assert saved.status_code == 302
    assert Structure.objects.get(postcode="38029").city == "Grenoble"


def test_the_list_of_communes_follows_the_postcode(as_ft_admin: Client):
    url = reverse("admin:accounts_structure_communes")

    found = as_ft_admin.get(url, {"postcode": "38300"}).json()["choices"]

    assert ["38053", "Bourgoin-Jallieu"] in found
    assert as_ft_admin.get(url, {"postcode": "é"}).json() == {"choices": []}
    agent = sign_in(another_browser(), AgentFactory())
    assert agent.get(url).status_code == 403


def test_a_siret_is_one_whatever_its_spaces(as_ft_admin: Client):
    siret = StructureFactory(convention=None).siret
    spaced = f"{siret[:3]} {siret[3:6]}\u00a0{siret[6:9]} {siret[9:]}"

    listed = as_ft_admin.get(list_url("accounts_structure"), {"q": spaced})
    again = as_ft_admin.post(START, typed(siret=spaced))
    zeros = as_ft_admin.post(START, typed(siret="0" * 14))

    assert [one.siret for one in listed.context["cl"].result_list] == [siret]
    assert faults(again)["siret"] == ["Une autre structure a déjà ce SIRET."]
    assert "n’existe pas" in faults(zeros)["siret"][0]


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("siret", "213 804990017", "siret_of_a_structure"),
        ("siret", "0" * 14, "siret_of_a_structure"),
        ("commune_code", "99999", "commune_is_known"),
    ],
)
def test_postgresql_refuses_it_too(column: str, value: str, name: str):
    structure = StructureFactory(convention=None)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Structure.objects.filter(pk=structure.pk).update(**{column: value})
    with database_refuses():
        StructureFactory(convention=None, **{column: value})

    assert refused.value.__cause__.diag.constraint_name == name


@pytest.mark.plants_defects
def test_a_structure_of_an_unknown_commune_is_listed_and_mended(as_ft_admin: Client):
    lost, fine, merged = (StructureFactory(convention=None) for _ in range(3))
    with without_triggers():
        Structure.objects.filter(pk=lost.pk).update(commune_code="99999")
        # Merged since: the list knows what it has become.
        Structure.objects.filter(pk=merged.pk).update(commune_code="38014")

    assert invariants.check() == {"structures_nowhere": 1}
    listed = as_ft_admin.get(list_url("accounts_structure"), {"commune": "inconnue"})
    assert list(listed.context["cl"].queryset) == [lost]
    # Another correction leaves it as it is; the commune is then chosen.
    Structure.objects.get(pk=lost.pk).save()
    form = longest_form(as_ft_admin.get(record_url(lost)))
    as_ft_admin.post(record_url(lost), form.data(commune_code="38193"))
    assert not Structure.objects.without_commune().exists()
    lost.refresh_from_db()
    assert (lost.city, fine.commune_code) == ("L’Isle-d’Abeau", "38193")
