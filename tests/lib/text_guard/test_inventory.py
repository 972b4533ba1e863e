"""Each field that can hold a sentence is listed, or the build fails (V1)."""

from pathlib import Path

from django.apps import apps
from django.db import models

from opus.lib.text_guard.fields import LONGEST_NOTE, Guarded, NoteField

LISTED = Path(__file__).parent / "inventory.tsv"
OURS = ("lib", "accounts", "offers", "referrals", "support")
SHORT = 40


def fields() -> dict[str, models.Field]:
    return {
        f"{model._meta.label_lower}.{field.name}": field
        for app in apps.get_app_configs()
        if app.label in OURS
        for model in app.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and (field.max_length is None or field.max_length > SHORT)
    }


def test_every_long_text_is_listed_with_purpose_guard_and_retention():
    """V1."""
    rows = [line.split("\t") for line in LISTED.read_text("utf-8").splitlines()]
    listed = {name: rest for name, *rest in rows}

    assert set(listed) == set(fields())
    for name, field in fields().items():
        purpose, guard, retention = listed[name]
        assert all([purpose, guard, retention])
        assert (guard == "guarded") == isinstance(field, Guarded), name


def test_a_note_is_short_and_has_its_rule_beside_it():
    """V1."""
    notes = [field for field in fields().values() if isinstance(field, NoteField)]

    assert notes
    assert all(note.max_length <= LONGEST_NOTE and note.help_text for note in notes)
