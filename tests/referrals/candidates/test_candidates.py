"""The persons accompanied: one's own; a colleague's by identifier (S24, S38)."""

import pytest
from django.urls import reverse

from opus.lib.audit.models import AuditEntry
from referrals.candidates.models import Candidate
from tests.accounts.factories import AdviserFactory
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db

TYPED = {
    "first_name": "Karim",
    "last_name": "Benali",
    "ft_id": "",
    "phone": "",
    "email": "",
    "address": "",
    "postcode": "",
    "city": "",
}


def add(client, **typed):
    return client.post(reverse("candidate_add"), TYPED | typed)


def look_up(client, who):
    return client.post(reverse("candidates"), {"who": who})


def last_entry():
    return AuditEntry.objects.latest("pk")


# --- Adding ----------------------------------------------------------------------


def test_a_person_who_is_not_registered_needs_a_name_and_nothing_else(
    as_adviser, adviser
):
    response = add(as_adviser)

    candidate = Candidate.objects.get()
    assert (response.status_code, response.url) == (302, candidate.get_absolute_url())
    assert (candidate.adviser, candidate.structure) == (adviser, adviser.structure)
    assert candidate.ft_id == ""
    assert (last_entry().action, last_entry().target_id) == (
        "candidate_added",
        str(candidate.pk),
    )


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12345678901", "12345678901"),
        ("123 456 789 01", "12345678901"),
        ("1234567a", "1234567A"),
        (" 1234567 A ", "1234567A"),
        ("12345678", "12345678"),
    ],
)
def test_both_forms_of_identifier_are_put_in_order(as_adviser, typed, kept):
    add(as_adviser, ft_id=typed)

    assert Candidate.objects.get().ft_id == kept


@pytest.mark.parametrize(
    "typed", ["123", "1234567AB", "A2345678", "123456789012", "1234567é"]
)
def test_an_identifier_of_neither_form_is_refused_and_what_was_typed_stays(
    as_adviser, typed
):
    response = add(as_adviser, ft_id=typed, city="Bourgoin-Jallieu")

    assert not Candidate.objects.exists()
    assert response.context["form"].errors == {
        "ft_id": [
            "L’identifiant France Travail compte 11 chiffres, ou 7 chiffres suivis d’un"
            " chiffre ou d’une lettre (ancien format), par exemple 1234567A."
        ]
    }
    assert 'value="Bourgoin-Jallieu"' in response.text


def test_the_commune_gets_its_code_from_postcode_and_name(as_adviser):
    add(as_adviser, postcode="38080", city="l'isle d'abeau")

    assert Candidate.objects.get().commune_code == "38193"


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [
        ("KARIM", "benali"),
        ("Karïm", "Bénali"),
        ("Benali", "Karim"),
        (" Karim ", "Benali"),
    ],
)
def test_a_name_that_i_accompany_already_warns_and_lets_me_choose(
    as_adviser, adviser, first_name, last_name
):
    known = CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")

    response = add(as_adviser, first_name=first_name, last_name=last_name)

    assert response.context["form"].homonyms == [known]
    assert "Vous accompagnez déjà un candidat de ce nom" in response.text
    assert known.get_absolute_url() in response.text
    assert Candidate.objects.count() == 1

    add(as_adviser, create_anyway="1")
    assert Candidate.objects.count() == 2


def test_a_colleagues_namesake_or_a_strangers_identifier_is_no_hindrance(
    as_adviser, adviser
):
    """S24: a name is no key to the register; S20: nor tells of elsewhere."""
    named = {"first_name": "Karim", "last_name": "Benali"}
    CandidateFactory(adviser=AdviserFactory(structure=adviser.structure), **named)
    CandidateFactory(ft_id="7654321Z")

    assert add(as_adviser, ft_id="7654321Z").status_code == 302


def test_an_identifier_that_i_have_already_leads_to_its_sheet(as_adviser, adviser):
    known = CandidateFactory(adviser=adviser, ft_id="1234567A")

    response = add(as_adviser, ft_id="1234567a", create_anyway="1")

    assert response.context["form"].errors == {
        "ft_id": ["Vous accompagnez déjà le candidat qui porte cet identifiant."]
    }
    assert known.get_absolute_url() in response.text
    assert Candidate.objects.count() == 1


def test_a_colleagues_identifier_names_the_colleague_and_opens_no_sheet(
    as_adviser, adviser
):
    """S24."""
    colleague = AdviserFactory(structure=adviser.structure, first_name="Samir")
    theirs = CandidateFactory(
        adviser=colleague, ft_id="7654321Z", last_name="Canari", city="Canarville"
    )

    response = add(as_adviser, ft_id="7654321Z")

    (error,) = response.context["form"].errors["ft_id"]
    assert error.startswith(f"{colleague}, de votre structure, accompagne déjà")
    assert "RGC" in error
    assert not any(
        word in response.text for word in ["Canari", "Canarville", str(theirs.pk)]
    )


# --- Changing --------------------------------------------------------------------


def test_the_sheet_is_put_right_and_the_journal_tells_which_fields(as_adviser, adviser):
    candidate = CandidateFactory(adviser=adviser, first_name="Karim", ft_id="")
    url = reverse("candidate_edit", args=[candidate.pk])
    as_it_stands = {name: getattr(candidate, name) for name in TYPED}
    assert as_adviser.post(url, as_it_stands).url == candidate.get_absolute_url()

    response = as_adviser.post(
        url, TYPED | {"last_name": candidate.last_name, "ft_id": "12345678901"}
    )

    assert response.url == candidate.get_absolute_url()
    candidate.refresh_from_db()
    assert candidate.ft_id == "12345678901"
    entry = last_entry()
    assert entry.action == "candidate_changed"
    assert "ft_id" in entry.details["fields"]
    assert "12345678901" not in str(entry.details)


# --- Looking up ------------------------------------------------------------------


@pytest.mark.parametrize(
    "who", ["1234567A", "1234567a", "Karim Benali", "BENALI karim", "bénali  karim"]
)
def test_an_exact_identifier_or_name_finds_my_candidate(as_adviser, adviser, who):
    mine = CandidateFactory(
        adviser=adviser, first_name="Karim", last_name="Benali", ft_id="1234567A"
    )

    response = look_up(as_adviser, who)

    assert response.context["found"].candidates == [mine]
    entry = last_entry()
    assert (entry.action, entry.persons) == ("person_looked_up", 1)
    assert "enali" not in str(entry.details)


def test_a_colleagues_or_a_strangers_name_finds_nobody(as_adviser, adviser):
    """S24."""
    colleague = AdviserFactory(structure=adviser.structure)
    for whose in [colleague, AdviserFactory()]:
        CandidateFactory(adviser=whose, first_name="Zoé", last_name="Canari")

    response = look_up(as_adviser, "Zoé Canari")

    assert response.context["found"].candidates == []
    assert last_entry().persons == 0


def test_a_colleagues_identifier_says_who_accompanies_the_person(as_adviser, adviser):
    colleague = AdviserFactory(structure=adviser.structure, first_name="Samir")
    CandidateFactory(adviser=colleague, ft_id="7654321Z", last_name="Canari")

    response = look_up(as_adviser, "7654321Z")

    assert response.context["found"].with_colleague.startswith(str(colleague))
    assert "Canari" not in response.text
    assert last_entry().details == {"found": 0, "with_colleague": True}


def test_no_look_up_passes_by_the_address(as_adviser, adviser):
    """V17: names stand in no address, so none is read from it."""
    CandidateFactory(adviser=adviser, first_name="Karim", last_name="Benali")

    response = as_adviser.get(reverse("candidates"), {"who": "Karim Benali"})

    assert response.context["found"] is None


# --- Reading ---------------------------------------------------------------------


def test_the_list_holds_my_candidates_and_tells_the_journal_how_many(
    as_adviser, adviser
):
    """S24, S38."""
    mine = CandidateFactory.create_batch(2, adviser=adviser)
    CandidateFactory(adviser=AdviserFactory(structure=adviser.structure))
    CandidateFactory()

    response = as_adviser.get(reverse("candidates"))

    assert set(response.context["page"]) == set(mine)
    assert (last_entry().action, last_entry().persons) == ("persons_listed", 2)


def test_the_sheet_keeps_few_data():
    """V16: name, contact, identifier, place; nothing else."""
    fields = Candidate._meta.get_fields()
    assert {field.name for field in fields if field.concrete} == {
        "id",
        "structure",
        "adviser",
        "transfer",
        "first_name",
        "last_name",
        "ft_id",
        "email",
        "phone",
        "address",
        "postcode",
        "city",
        "commune_code",
        "created_at",
        # When the sheet last changed: the term of its data runs from there (V9).
        "changed_at",
        # How often it changed: two tabs overwrite nothing unseen.
        "version",
    }
