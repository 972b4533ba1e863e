"""A new partner in one path: four steps that save the real objects."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.partnerships import Partnership
from accounts.nominations.models import Nomination
from accounts.structures.models import Agency, Structure
from accounts.users.models.users import User
from opus.lib.audit.models import AuditEntry
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    PartnershipFactory,
    StructureFactory,
    make_siret,
)
from tests.accounts.journeys import another_browser
from tests.conftest import sign_in
from tests.forms import longest_form
from tests.tables import as_owner

pytestmark = pytest.mark.django_db
START = "/admin/nouveau-partenaire/"


def in_days(days: int) -> str:
    return str(timezone.localdate() + dt.timedelta(days))


def structure_typed(**more: str) -> dict[str, str]:
    agency = Agency.objects.filter(kind="agence").first() or AgencyFactory()
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
        "agency": agency.pk,
        **more,
    }


def convention_typed(**more: str) -> dict[str, str]:
    return {
        "number": "CA-38-2026-099",
        "starts_on": in_days(0),
        "ends_on": in_days(300),
        "parent": "",
        "cp-number": "CP-38-2026-021",
        "cp-partner": "CCAS de Villeneuve",
        "cp-ends_on": in_days(400),
        "signed_consultation": "on",
        "signed_referrals": "on",
        "signed_quota": "2",
        "agency": Agency.objects.filter(kind="agence").values_list("pk")[0][0],
        "signed_partner_contact": "Mireille Aubert, directrice",
        **more,
    }


def rgc_typed(**more: str) -> dict[str, str]:
    return {
        "first_name": "Christophe",
        "last_name": "Durantet",
        "email": "c.durantet@villeneuve.example",
        "function": "Responsable du service emploi",
        "is_permanent_staff": "on",
        "has_responsibility": "on",
        "proposed_on": in_days(0),
        "proposal_reference": "CCAS-2026-12",
        **more,
    }


def at(structure: Structure, slug: str) -> str:
    return reverse("admin:new_partner_step", args=[structure.pk, slug])


def faults(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


@pytest.fixture
def begun(as_ft_admin: Client) -> Structure:
    """A structure of the first step, and its convention of the second."""
    as_ft_admin.post(START, structure_typed())
    structure = Structure.objects.get(name="CCAS de Villeneuve")
    answer = as_ft_admin.post(at(structure, "convention"), convention_typed())
    assert answer.status_code == 302, faults(answer)
    return structure


def test_four_steps_save_the_objects_of_the_registers(as_ft_admin: Client):
    first = as_ft_admin.post(START, structure_typed())
    structure = Structure.objects.get(name="CCAS de Villeneuve")
    second = as_ft_admin.post(first["Location"], convention_typed())
    third = as_ft_admin.post(second["Location"], rgc_typed())
    last = as_ft_admin.get(third["Location"])

    assert first["Location"] == at(structure, "convention")
    assert (structure.city, structure.commune_code) == ("Bourgoin-Jallieu", "38053")
    convention = Convention.objects.get(structure=structure)
    assert (convention.state, convention.quota) == ("projet", 2)
    assert convention.parent.number == "CP-38-2026-021"
    nomination = Nomination.objects.get(convention=convention)
    assert nomination.state == "propose"
    assert "le signataire de la structure" in last.text
    recorded = set(AuditEntry.objects.values_list("target_type", flat=True))
    made = {"structure", "partnership", "convention", "nomination"}
    assert {f"accounts.{name}" for name in made} <= recorded


def test_each_step_waits_for_the_one_before(as_ft_admin: Client, begun: Structure):
    Nomination.objects.all().delete()

    early = as_ft_admin.get(at(begun, "verifier"))
    resumed = as_ft_admin.get(reverse("admin:new_partner_resume", args=[begun.pk]))

    assert early["Location"] == resumed["Location"] == at(begun, "rgc")
    assert as_ft_admin.get(at(begun, "autre")).status_code == 404
    assert "CCAS de Villeneuve" in as_ft_admin.get(START).text


def test_a_signed_partner_is_no_longer_in_the_making(as_ft_admin: Client):
    structure = ConventionFactory().structure

    assert as_ft_admin.get(at(structure, "structure")).status_code == 404


def test_the_path_is_open_to_who_may_create_each_object(begun: Structure):
    here = begun.agency
    elsewhere = AgencyFactory(department="69", region="84")
    local = FtAdminFactory(agency=AgencyFactory(kind="dt", department="38"))
    readers: dict[str, User] = {
        "colleague": local,
        "stranger": FtAdminFactory(agency=elsewhere),
        "agent": AgentFactory(agency=here),
    }
    pages = [START, *(at(begun, slug) for slug in ("structure", "convention", "rgc"))]

    found = {
        name: [sign_in(another_browser(), user).get(page).status_code for page in pages]
        for name, user in readers.items()
    }

    assert found == {
        "colleague": [200, 200, 200, 200],
        "stranger": [200, 404, 404, 404],
        # Agents propose an RGC, and nothing before.
        "agent": [404, 404, 404, 200],
    }
    agent = sign_in(another_browser(), readers["agent"])
    agent.post(at(begun, "rgc"), rgc_typed())
    last = agent.get(at(begun, "verifier"))
    assert last.status_code == 200
    assert at(begun, "structure") not in last.text


def test_without_agencies_the_path_says_what_lacks(as_ft_admin: Client):
    page = as_ft_admin.get(START)

    assert f"{reverse('admin:accounts_agency_add')}?kind=agence" in page.text
    assert 'name="siret"' not in page.text


def test_a_second_press_saves_nothing_twice(as_ft_admin: Client):
    steps: list[Callable[[], dict[str, str]]] = [convention_typed, rgc_typed]
    first = [as_ft_admin.post(START, structure_typed()) for _ in range(2)]
    assert len({answer["Location"] for answer in first}) == 1
    url = first[0]["Location"]
    for typed in steps:
        data = typed()
        answers = [as_ft_admin.post(url, data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [302, 302]
        assert answers[0]["Location"] == answers[1]["Location"]
        url = answers[0]["Location"]

    counts = [
        model.objects.count()
        for model in (Structure, Partnership, Convention, Nomination)
    ]
    assert counts == [1, 1, 1, 1]


def test_two_tabs_do_not_overwrite_each_other(as_ft_admin: Client):
    as_ft_admin.post(START, structure_typed())
    url = at(Structure.objects.get(), "convention")
    empty = longest_form(as_ft_admin.get(url))
    typed = {"number": "CA-38-2026-099", "parent": str(PartnershipFactory().pk)}
    typed |= {"starts_on": in_days(0), "ends_on": in_days(90)}
    as_ft_admin.post(url, empty.data(signed_quota="2", **typed))

    second = as_ft_admin.post(url, empty.data(signed_quota="5", **typed))

    assert "Vous avez écrit" in faults(second)["signed_quota"][0]
    assert Convention.objects.get().signed_quota == 2
    again = as_ft_admin.post(url, longest_form(second).data())
    assert again.status_code == 302
    assert Convention.objects.get().signed_quota == 5


def test_a_siret_taken_meanwhile_leads_to_the_structure(as_ft_admin: Client):
    begun = StructureFactory(convention=None)
    siret = begun.siret

    page = as_ft_admin.post(START, structure_typed(siret=siret))

    assert faults(page) == {"siret": ["Une autre structure a déjà ce SIRET."]}
    assert reverse("admin:new_partner_resume", args=[begun.pk]) in page.text
    assert "4 place de la Mairie" in page.text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"signed_quota": "0"}, "signed_quota", "un compte au moins"),
        ({"starts_on": in_days(-9), "ends_on": in_days(-1)}, "ends_on", "est passée"),
        ({"cp-ends_on": in_days(200)}, "ends_on", "ne peut pas durer plus"),
    ],
)
def test_what_a_convention_cannot_be_is_said_at_its_field(
    as_ft_admin: Client, typed: dict[str, str], field: str, words: str
):
    as_ft_admin.post(START, structure_typed())
    url = at(Structure.objects.get(), "convention")

    page = as_ft_admin.post(url, convention_typed(**typed))

    assert words in " ".join(faults(page)[field])
    assert "Mireille Aubert, directrice" in page.text
    assert not Partnership.objects.exists()


def test_what_a_partnership_lacks_is_said_at_its_field(as_ft_admin: Client):
    as_ft_admin.post(START, structure_typed())
    url = at(Structure.objects.get(), "convention")

    page = as_ft_admin.post(url, convention_typed(**{"cp-ends_on": ""}))

    assert faults(page) == {}
    assert "ends_on" in page.context["step_form"].partnership.errors
    assert "CP-38-2026-021" in page.text


def test_an_agreement_typed_beside_a_wrong_end_is_kept_until_both_are_right(
    as_ft_admin: Client,
):
    """Its number is typed once, and no other agreement takes its place."""
    as_ft_admin.post(START, structure_typed())
    url = at(Structure.objects.get(), "convention")

    wrong = as_ft_admin.post(url, convention_typed(ends_on=in_days(500)))
    as_ft_admin.post(url, longest_form(wrong).data(ends_on=in_days(300)))

    assert "ne peut pas durer plus" in " ".join(faults(wrong)["ends_on"])
    assert '<details class="partner-field" open>' in wrong.text
    assert Convention.objects.get().parent == Partnership.objects.get()
    assert Partnership.objects.get().number == "CP-38-2026-021"


def test_a_partnership_that_is_not_added_has_no_faults(as_ft_admin: Client):
    """Its boxes are folded: the summary leads to none of them."""
    as_ft_admin.post(START, structure_typed())
    url = at(Structure.objects.get(), "convention")
    untouched = longest_form(as_ft_admin.get(url))

    page = as_ft_admin.post(url, untouched.data(signed_quota="2"))

    assert set(faults(page)) == {"ends_on", "parent"}
    assert 'href="#id_cp-' not in page.text
    assert "2 points sont à corriger" in page.text


def test_a_step_is_left_for_later_or_for_the_one_before(
    as_ft_admin: Client, begun: Structure
):
    url = at(begun, "rgc")
    empty = longest_form(as_ft_admin.get(url))

    back = as_ft_admin.post(url, empty.data(puis="precedente"))
    later = as_ft_admin.post(url, empty.data(puis="plus-tard"), follow=True)
    half = as_ft_admin.post(url, empty.data(puis="plus-tard", last_name="Durantet"))

    assert back["Location"] == at(begun, "convention")
    assert "vous le reprendrez à l’étape" in later.text
    # What was typed is not lost: it is corrected, or left on purpose.
    assert "Durantet" in half.text
    assert "Quitter sans enregistrer" in half.text


def test_each_answer_of_a_saved_step_is_corrected(
    as_ft_admin: Client, begun: Structure
):
    url, siret = at(begun, "structure"), make_siret(77)
    for name, value in (("siret", siret), ("commune_code", "38102")):
        form = longest_form(as_ft_admin.get(url))
        as_ft_admin.post(url, form.data(**{name: value}))

    begun.refresh_from_db()
    assert (begun.siret, begun.commune_code) == (siret, "38102")
    assert begun.city != "Bourgoin-Jallieu"


def test_a_correction_keeps_the_decision_of_the_registers(
    as_ft_admin: Client, begun: Structure
):
    as_ft_admin.post(at(begun, "rgc"), rgc_typed())
    form = longest_form(as_ft_admin.get(at(begun, "rgc")))

    as_ft_admin.post(at(begun, "rgc"), form.data(last_name="Durand"))

    assert Nomination.objects.get().last_name == "Durand"
    assert "is_permanent_staff" not in form.values


def test_a_step_that_a_decision_closed_is_passed_over(
    as_ft_admin: Client, begun: Structure
):
    convention = begun.conventions.get()
    NominationFactory(convention=convention, state="accepte", without_account=True)
    form = longest_form(as_ft_admin.get(at(begun, "convention")))

    answer = as_ft_admin.post(at(begun, "convention"), form.data(signed_quota="3"))

    assert answer["Location"] == at(begun, "verifier")
    assert as_ft_admin.get(at(begun, "rgc")).status_code == 404
    assert at(begun, "rgc") not in as_ft_admin.get(at(begun, "verifier")).text


def test_the_next_number_is_of_the_department_and_the_year():
    year = f"{timezone.localdate():%Y}"
    assert Convention.objects.next_number("38300") == f"CA-38-{year}-001"
    ConventionFactory(number=f"CA-38-{year}-098")
    ConventionFactory(number=f"CA-38-{year}-bis")

    assert Convention.objects.next_number("38300") == f"CA-38-{year}-099"


REFUSES = """
CREATE FUNCTION opus_test_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'Sept comptes sont trop.' USING ERRCODE = '23514'; END $$;
CREATE TRIGGER refuses BEFORE UPDATE ON accounts_convention
FOR EACH ROW EXECUTE FUNCTION opus_test_refuses();
"""


def test_a_saved_step_that_the_database_refuses_comes_back_with_the_reason(
    as_ft_admin: Client, begun: Structure
):
    """The path went on to its next step, and nothing was saved."""
    url = at(begun, "convention")
    form = longest_form(as_ft_admin.get(url))
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(REFUSES)

    page = as_ft_admin.post(url, form.data(signed_quota="7", puis="suivante"))

    assert faults(page) == {"__all__": ["Sept comptes sont trop."]}
    assert 'value="7"' in page.text
    assert Convention.objects.get().signed_quota == 2


@pytest.mark.parametrize("typed", [{}, {"cp-number": "CP-38-2026-077"}])
def test_an_emptied_partnership_is_asked_for(
    as_ft_admin: Client, begun: Structure, typed: dict[str, str]
):
    url = at(begun, "convention")
    form = longest_form(as_ft_admin.get(url))

    page = as_ft_admin.post(url, form.data(parent="", signed_quota="7", **typed))

    assert page.status_code == 200
    step = page.context["step_form"]
    told = step.partnership.errors if typed else step.form.errors["parent"]
    assert told
    assert 'value="7"' in page.text
    assert Convention.objects.get().signed_quota == 2
