"""No way in for a text that article 9.1 forbids, and nothing kept of it (V1-V5, V7)."""

import logging

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.nominations.models import Nomination
from accounts.structures.models import Agency, Structure
from accounts.users.models import User
from opus.lib.text_guard.fields import GuardedCharField, UnreadTextRefused
from opus.lib.text_guard.models import TextFinding, TextGuardCount
from opus.lib.text_guard.tasks import guarded_fields, rescan_texts
from opus.support.data_rights.models import RightsRequest
from referrals.appointments.models import AppointmentDetails, place_of
from referrals.candidates.models import Candidate
from referrals.saved_searches.models import SavedSearch
from tests.accounts.factories import AdviserFactory, AgencyFactory, RgcFactory
from tests.canaries import places
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory, SavedSearchFactory
from tests.support.factories import SurveyFactory

pytestmark = pytest.mark.django_db

WORDS = "canari dépressif"
NIR = "2 84 05 38 193 123 80"


def test_a_guarded_field_is_refused_by_whatever_form_validates_it():
    """V2."""
    for field in guarded_fields():
        with pytest.raises(ValidationError, match="santé"):
            field.clean(WORDS, field.model())
        with pytest.raises(ValidationError, match="sécurité sociale|chiffre"):
            field.clean(f"canari {NIR}", field.model())


def test_what_no_form_read_is_refused_as_it_is_written():
    """V2: a new form cannot forget the guard."""
    with pytest.raises(UnreadTextRefused), transaction.atomic():
        SavedSearchFactory(name=WORDS)

    assert not SavedSearch.objects.exists()


def test_a_refused_text_is_counted_and_kept_nowhere(client, caplog):
    """V4, V7, S41: field, category, account and day."""
    caplog.set_level(logging.INFO)
    adviser = AdviserFactory()
    sign_in(client, adviser)
    search = SavedSearchFactory(account=adviser, name="Maçon")

    response = client.post(
        reverse("saved_search_edit", args=[search.pk]),
        {"name": WORDS, "alert": "aucune"},
    )

    assert response.status_code == 200
    assert "art.\u00a09.1" in response.text
    # Given back to its author, in this answer alone.
    assert "canari <mark>dépressif</mark>" in response.text
    search.refresh_from_db()
    assert search.name == "Maçon"
    row = TextGuardCount.objects.get()
    assert (row.account_id, row.place, row.category) == (
        adviser.pk,
        "referrals.savedsearch.name",
        "sante",
    )
    assert [name for name, text in places(caplog.records) if "canari" in text] == []


def test_a_list_of_candidates_is_read_like_a_form(client):
    """V2, V7: an import."""
    sign_in(client, AdviserFactory())
    lines = (
        "Nom;Prénom;Adresse postale;Commune\n"
        "MARTIN;Zoé;12 rue des Lilas, alcoolique;Mâcon\n"
        "MARTIN RQTH sous curatelle;Zoé;;Mâcon\n"
        "MARTIN;candidat schizophrène;;Mâcon\n"
        "MARTIN;Zoé;;Mâcon, ne supporte pas les Arabes, séropositif\n"
        "MARTIN 2;Zoé;;Mâcon\n"
    )
    file = SimpleUploadedFile("liste.csv", lines.encode())

    client.post(reverse("candidate_import"), {"file": file})

    assert not Candidate.objects.exists()
    places = TextGuardCount.objects.values_list("place", flat=True)
    assert {place.rpartition(".")[2] for place in places} == {
        "address",
        "last_name",
        "first_name",
        "city",
    }


def test_an_official_commune_is_no_word_about_a_person():
    """V3: « Juif » is a commune; what follows its name is read."""
    field = Candidate._meta.get_field("city")

    assert field.clean("Juif", Candidate()) == "Juif"
    with pytest.raises(ValidationError):
        field.clean("Juif pratiquant", Candidate())


def test_an_agency_address_passes_and_what_follows_it_does_not():
    """V3: Opus itself filled it in."""
    agency = AgencyFactory(name="France Travail", address="1 place du Handicapé moteur")
    field = AppointmentDetails._meta.get_field("where")

    assert field.clean(place_of(agency), AppointmentDetails()) == place_of(agency)
    with pytest.raises(ValidationError):
        field.clean(f"{place_of(agency)}, candidat dépressif", AppointmentDetails())


@pytest.mark.parametrize("model", [User, Nomination])
@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("Zoé 3", "Dupont"), ("Zoé", "Dupont 2 schizophrène"), ("Zoé dépressive", "Noir")],
)
def test_the_name_of_an_account_is_read_too(model, first_name, last_name):
    """V3, V7: an adviser's, and the RGC that a structure proposes."""
    person = model(first_name=first_name, last_name=last_name)
    others = {field.name for field in model._meta.fields} - {"first_name", "last_name"}

    with pytest.raises(ValidationError, match="chiffre|santé"):
        person.clean_fields(exclude=others)


def test_a_list_of_accounts_is_read_like_a_form(client):
    """V2, V7: an import opens no such account."""
    rgc = RgcFactory()
    sign_in(client, rgc)
    lines = (
        "Nom;Prénom;Courriel\n"
        "Dupont 2 schizophrène;Zoé;zoe@partenaire.example\n"
        "Dupont;Zoé 3;zoe3@partenaire.example\n"
        "Noir;Luc;luc.noir@partenaire.example\n"
    )
    file = SimpleUploadedFile("liste.csv", lines.encode())

    client.post(reverse("account_import"), {"file": file})

    opened = User.objects.administered_by(rgc).values_list("email", flat=True)
    assert [*opened] == ["luc.noir@partenaire.example"]


@pytest.mark.parametrize(
    ("model", "name", "right", "wrong"),
    [
        (Agency, "city", "Juif", "Mâcon alcoolique"),
        (User, "function", "Délégué syndical", "conseillère, enceinte de 5 mois"),
        (Structure, "address", "12 rue des Lilas", "12 rue des Lilas, alcoolique"),
        (RightsRequest, "reply_to", "12 rue des Lilas", "12 rue des Lilas, alcoolique"),
        (RightsRequest, "reply_to", "luc@gay.example", "luc@gay.example, alcoolique"),
    ],
)
def test_an_address_or_a_function_says_nothing_of_a_person(model, name, right, wrong):
    """V2, V3: of an agency, an account, a structure, a request of article 10."""
    field = model._meta.get_field(name)

    assert field.clean(right, model()) == right
    with pytest.raises(ValidationError, match="semble évoquer"):
        field.clean(wrong, model())


@pytest.mark.parametrize("name", ["MARTIN 2", "Zoé ٣"])
def test_a_name_holds_no_digit_whoever_writes(name):
    """V7."""
    candidate = CandidateFactory()

    with pytest.raises(ValidationError, match="chiffre"):
        Candidate._meta.get_field("last_name").clean(name, candidate)
    with pytest.raises(IntegrityError, match="no_digit"), transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(last_name="MARTIN 2")


@pytest.mark.parametrize("read", ["rescan_texts", None])
def test_a_planted_sentence_is_found_once_and_goes_when_mended(read):
    """V5."""
    search = SavedSearchFactory()
    SavedSearch.objects.filter(pk=search.pk).update(name="Maçon dépressif")

    for _ in range(2):
        call_command("rescan_texts") if read else rescan_texts()

    finding = TextFinding.objects.get()
    assert (finding.place, finding.target_id, finding.category) == (
        "referrals.savedsearch.name",
        str(search.pk),
        "sante",
    )
    SavedSearch.objects.filter(pk=search.pk).update(name="Maçon")
    rescan_texts()
    assert not TextFinding.objects.exists()


def test_an_old_text_does_not_hold_up_the_rest_of_its_row():
    """What older rules let in is found by the rescan, not by a breakdown."""
    candidate = CandidateFactory(address="12 rue des Lilas")
    Candidate.objects.filter(pk=candidate.pk).update(address=WORDS)
    candidate.refresh_from_db()

    candidate.city = "Mâcon"
    candidate.save()

    candidate.refresh_from_db()
    assert candidate.city == "Mâcon"


def test_the_rule_beside_a_text_promises_no_more_than_the_law(as_adviser):
    """V1: a survey, a ticket or an incident is about nobody who could read it."""
    SurveyFactory()
    page = as_adviser.get(reverse("survey")).text

    assert "peut demander à le lire" in page
    assert "la personne peut lire" not in page


def test_migrations_see_a_plain_field():
    path = GuardedCharField(max_length=10).deconstruct()[1]
    assert path == "django.db.models.CharField"
