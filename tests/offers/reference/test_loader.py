"""Reference data in the database."""

import pytest
from django.core.management import call_command
from django.db import connection

from offers.reference.loader import load_reference
from offers.reference.models import Commune, FormerCommune, Rome

pytestmark = pytest.mark.django_db


def test_communes_and_trades_are_there():
    grenoble = Commune.objects.get(pk="38185")

    assert Commune.objects.count() == 35_014
    assert Rome.objects.get(pk="F1703").label == "Maçon / Maçonne"
    assert (grenoble.name, grenoble.plain_name) == ("Grenoble", "grenoble")
    assert (grenoble.department, grenoble.region) == ("38", "84")
    assert set(grenoble.postcodes) == {"38000", "38100"}
    assert grenoble.population > 150_000
    assert (round(grenoble.latitude, 1), round(grenoble.longitude, 1)) == (45.2, 5.7)


def test_arrondissements_of_paris_lyon_and_marseille_are_communes():
    names = Commune.objects.filter(name__contains="Arrondissement")

    assert names.count() == 20 + 9 + 16


def test_a_merged_commune_leads_to_the_one_of_today():
    assert FormerCommune.objects.get(pk="67297").commune_id == "67539"
    assert not FormerCommune.objects.filter(code__in=Commune.objects.values("pk"))


def test_a_second_load_has_nothing_to_do():
    assert load_reference() is False


def test_a_forced_load_writes_no_row_that_is_the_same():
    def versions() -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(xmin::text::bigint) FROM offers_commune")
            return cursor.fetchall()

    before = versions()

    assert load_reference(force=True) is True
    assert versions() == before


def test_a_load_puts_right_what_was_changed_lost_or_added():
    Rome.objects.create(code="M1896", label="Métier vu dans une offre")
    Commune.objects.filter(pk="38185").update(name="Grelibre")
    Commune.objects.filter(pk="38193").delete()
    Commune.objects.create(
        code="99999", name="Nulle-Part", plain_name="nulle part", department="99"
    )
    FormerCommune.objects.create(code="00000", commune_id="38421")

    call_command("load_reference", "--force", verbosity=0)

    assert Commune.objects.get(pk="38185").name == "Grenoble"
    assert Commune.objects.filter(pk="38193").exists()
    assert not Commune.objects.filter(pk="99999").exists()
    assert not FormerCommune.objects.filter(pk="00000").exists()
    # Newer than the files: it came from an offer.
    assert Rome.objects.filter(pk="M1896").exists()
