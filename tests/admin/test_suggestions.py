"""A box that proposes, where a select would list hundreds of rows."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.structures.models import Structure
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    StructureFactory,
)
from tests.admin.registers import record_url
from tests.conftest import sign_in
from tests.opus.page import Page

pytestmark = pytest.mark.django_db


def proposed(client: Client, label: str, typed: str) -> list[str]:
    url = reverse("admin:suggestions", args=[label])
    choices = client.get(url, {"agency": typed}).json()["choices"]
    return [choice["text"] for choice in choices]


def test_rows_of_ones_territory_are_proposed(client: Client) -> None:
    here = AgencyFactory(name="Voiron", kind="dt", department="38")
    away = AgencyFactory(name="Voirons d’ailleurs", department="69")
    sign_in(client, FtAdminFactory(agency=here))

    assert proposed(client, "accounts.agency", "voiron") == [f"Voiron · {here.pk}"]
    assert proposed(client, "accounts.agency", away.pk) == []
    assert proposed(client, "accounts.agency", "") == []


def test_a_convention_is_proposed_by_its_structure_and_its_number(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory(structure__name="CCAS de Voiron")
    label = f"CCAS de Voiron · {convention.number}"

    for typed in ("ccas voiron", convention.number):
        assert proposed(as_ft_admin, "accounts.convention", typed) == [label]


def test_only_what_one_reads_is_proposed(client: Client) -> None:
    sign_in(client, AgentFactory())

    for label in ("accounts.user", "accounts.letter", "lib.jobrun", "no.such"):
        url = reverse("admin:suggestions", args=[label])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("typed", ["{pk}", "Voiron · {pk}", "voiron"])
def test_a_code_a_line_or_a_word_is_enough(as_ft_admin: Client, typed: str) -> None:
    structure, agency = StructureFactory(), AgencyFactory(name="Voiron")
    url = record_url(structure)
    page = Page.of(as_ft_admin.get(url))
    [box] = (tag for tag in page.all("input") if tag.attrs.get("name") == "agency")
    assert box["value"].endswith(f" · {structure.agency_id}")
    assert [tag for tag in page.all("div") if "data-combobox" in tag.attrs]

    fields = {
        tag.attrs["name"]: tag.attrs.get("value", "")
        for tag in page.all("input")
        if "name" in tag.attrs and tag.attrs.get("type") != "submit"
    }
    fields |= {"kind": structure.kind, "agency": typed.format(pk=agency.pk)}
    fields["commune_code"] = structure.commune_code
    response = as_ft_admin.post(url, fields)

    assert response.status_code == 302, Page.of(response).one("main").words()
    assert Structure.objects.get(pk=structure.pk).agency == agency


def test_a_doubt_keeps_what_was_typed_and_says_what_was_found(
    as_ft_admin: Client,
) -> None:
    one, two = (AgencyFactory(name=f"Voiron {side}") for side in ("nord", "sud"))
    url = record_url(StructureFactory())

    several = as_ft_admin.post(url, {"agency": "voiron"})
    nothing = as_ft_admin.post(url, {"agency": "Zanzibar"})

    assert f"Voiron nord · {one.pk}" in several.text
    assert f"Voiron sud · {two.pk}" in several.text
    assert 'value="voiron"' in several.text
    assert "Rien ne répond" in nothing.text
