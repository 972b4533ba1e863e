"""What no table has room for (S24, V16)."""

import re

from django.apps import apps
from django.db import connection

# The number of the national register and what people call it.
NIR = re.compile(
    r"(^|_)(nir|nirpp|ssn|insee_number|social_security|securite_sociale|secu"
    r"|num_secu|numero_secu|birth|born|naissance|nationality|nationalite)(_|$)"
)
APPS = ("lib", "accounts", "offers", "support", "referrals")


def our_columns() -> set[tuple[str, str]]:
    """Table and column, as PostgreSQL has them: what migrations made by SQL too."""
    tables = [
        model._meta.db_table
        for app in APPS
        for model in apps.get_app_config(app).get_models()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = ANY(%s)",
            [tables],
        )
        return set(cursor.fetchall())


def test_no_column_holds_a_nir_or_a_birth(db):
    """S24: nor a birth date or a nationality, which no act needs."""
    columns = our_columns()

    assert ("referrals_candidate", "ft_id") in columns  # The control: they are read.
    assert {column for column in columns if NIR.search(column[1])} == set()


def test_the_words_would_be_caught():
    """The control."""
    caught = ["nir", "candidate_nir", "nir_hash", "birth_date", "numero_secu"]
    assert all(NIR.search(name) for name in caught)


def test_no_field_of_a_form_or_a_screen_is_called_so():
    """S24: neither the name nor its label."""
    words = re.compile(r"\bNIR\b|sécurité sociale|date de naissance", re.IGNORECASE)
    labels = {
        f"{model._meta.label}.{field.name}"
        for app in APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields()
        if words.search(str(getattr(field, "verbose_name", "")))
    }

    assert labels == set()


def test_a_nir_does_not_fit_where_an_identifier_goes(db):
    """S24: thirteen or fifteen digits are no identifier, for the database either."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = 'ft_id_has_one_of_two_forms'"
        )
        (rule,) = cursor.fetchone()
        pattern = re.search(r"~ '([^']+)'", rule)
        assert pattern
        cursor.execute(
            "SELECT array_agg(v ~ %s) FROM unnest(%s::text[]) v",
            [pattern[1], ["2840538193123", "284053819312345"]],
        )
        assert cursor.fetchone() == ([False, False],)
