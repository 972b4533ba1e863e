"""The prefix of identifiers, and how they are read at sign-in (art. 5.1)."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.signin import rate_limits
from accounts.structures.models import Structure
from accounts.team import actions
from accounts.users.models import User
from tests.accounts.factories import AdviserFactory, RgcFactory, StructureFactory
from tests.accounts.journeys import PASSWORD, give_password
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db


def open_account(rgc: User, name: str = "Léa") -> User:
    email = f"{name}.essai@partenaire.example"
    account, _ = actions.open_account(
        by=rgc, first_name=name, last_name="Essai", email=email
    )
    return account


def test_an_identifier_begins_with_the_prefix_of_its_structure():
    rgc = RgcFactory(structure=StructureFactory(identifier_prefix="VDR38"))

    assert re.fullmatch(r"VDR38-\w{4}", open_account(rgc).identifier)


def test_a_new_prefix_changes_no_identifier_already_given():
    rgc = RgcFactory(structure=StructureFactory(identifier_prefix="AVANT"))
    account = open_account(rgc)
    given = account.identifier

    rgc.structure.identifier_prefix = "APRES"
    rgc.structure.save()

    account.refresh_from_db()
    assert account.identifier == given
    assert open_account(rgc, "Nora").identifier.startswith("APRES-")


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("CCAS de L’Isle-d’Abeau", "IDA"),
        ("Mission locale des Trois-Collines", "TC"),
        ("Ville d'Échirolles", "VDE"),
        ("Association Rebond", "REB"),
        ("Foyer Tout", "FT2"),
        ("CCAS", "CCA"),
        ("É", "EOP"),
        ("«»", "OPU"),
    ],
)
def test_a_structure_without_a_prefix_gets_one_from_its_name(name, prefix):
    assert StructureFactory(name=name).identifier_prefix == prefix


def test_two_structures_of_one_name_have_two_prefixes():
    names = ["Ville de Bourgoin Jallieu Nord Sud"] * 12
    found = {StructureFactory(name=name).identifier_prefix for name in names}

    assert len(found) == 12
    assert all(re.fullmatch("[A-Z0-9]{2,5}", one) for one in found)


@pytest.mark.parametrize("wrong", ["A", "ABCDEF", "ida", "ÎDA", "A-B", "IDA\n", "FT"])
def test_a_prefix_is_two_to_five_capitals_or_digits(wrong):
    """Refused in the form with its sentence, and by the database."""
    structure = StructureFactory()
    structure.identifier_prefix = wrong

    with pytest.raises(ValidationError, match="préfixe"):
        structure.full_clean()
    if len(wrong) <= 5:
        with database_refuses():
            Structure.objects.filter(pk=structure.pk).update(identifier_prefix=wrong)


def test_a_prefix_is_of_one_structure():
    StructureFactory(identifier_prefix="IDA")
    other = StructureFactory()
    other.identifier_prefix = "IDA"

    with pytest.raises(ValidationError, match="Une autre structure a déjà ce préfixe"):
        other.full_clean()


def test_an_account_of_a_structure_written_by_the_first_release_has_a_prefix():
    rgc = RgcFactory(structure=StructureFactory(name="Ville de Vif"))
    Structure.objects.update(identifier_prefix=None)
    rgc = User.objects.get(pk=rgc.pk)

    assert open_account(rgc).identifier.startswith("VV-")
    assert Structure.objects.get(pk=rgc.structure_id).identifier_prefix == "VV"


@pytest.mark.parametrize(
    "typed", ["ida-7k2f", " IDA 7K2F ", "ida7k2f", "i d a\u00a0–\u00a07k2f", "IDA‑7K2F"]
)
def test_case_spaces_and_hyphen_do_not_count_at_sign_in(client, typed):
    adviser = AdviserFactory(identifier="IDA-7K2F")

    give_password(client, typed, PASSWORD)

    assert client.session["_auth_user_id"] == str(adviser.pk)


def test_an_identifier_counts_as_one_however_it_is_typed():
    """S6: no more tries by moving a hyphen."""
    for typed in ["IDA-7K2F", "ida7k2f", "IDA 7K2F", "I-D-A 7K2F", "ida–7k2f"]:
        rate_limits.count_try(rate_limits.TryKind.PASSWORD, account=typed, address=None)

    with pytest.raises(rate_limits.TooManyTries):
        rate_limits.count_try(
            rate_limits.TryKind.PASSWORD, account="ID-A7K2F", address=None
        )


def test_two_accounts_never_differ_by_a_hyphen_alone():
    AdviserFactory(identifier="IDA-7K2F")

    with database_refuses("identifier_read_as_one_person"):
        AdviserFactory(identifier="ida7k2f")


def test_france_travail_sets_the_prefix_in_the_admin(as_ft_admin):
    structure = StructureFactory()
    page = reverse("admin:accounts_structure_change", args=[structure.pk])

    assert 'name="identifier_prefix"' in as_ft_admin.get(page).text
