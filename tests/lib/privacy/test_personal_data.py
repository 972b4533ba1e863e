"""What Opus says that it holds about persons is what its tables hold: V9, V13."""

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Field, Model

from opus.lib.privacy import personal_data
from referrals.candidates.models import Candidate

User = get_user_model()
OURS = {"accounts", "offers", "referrals", "lib", "support"}
# A step that was kept by a library's own tables would be told by their model.
PERSONS = (User, Candidate)


def links_to_persons(model: type[Model]) -> set[str]:
    return {
        each.name
        for each in model._meta.get_fields()
        if isinstance(each, Field) and each.related_model in PERSONS
    }


def test_every_table_with_a_link_to_a_person_has_its_class():
    """V9: a table with a person's link and no class fails the build."""
    told = {table.model for table in personal_data.tables()}
    linked = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in OURS
        and not model._meta.proxy
        and links_to_persons(model)
    }

    assert linked - told == set()


def test_every_link_to_a_person_is_told_as_whose_or_as_anothers():
    """V13: what is another person's is masked in an export."""
    lost = {}
    for table in personal_data.tables():
        told = {*table.accounts, *table.candidates, *table.others}
        if left := links_to_persons(table.class_) - told:
            lost[table.model] = left

    assert lost == {}


def test_every_lookup_and_every_field_left_out_exists():
    for table in personal_data.tables():
        rows = table.class_._base_manager.all()
        for lookup in (*table.accounts, *table.candidates, *table.others):
            rows.filter(**{f"{lookup}__isnull": False}).query.sql_with_params()
        fields = {field.name for field in table.class_._meta.get_fields()}
        assert table.left_out.keys() <= fields, table.model
