"""Names of persons show whole: what does not show leaves them, on every way in."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.models import Nomination
from accounts.users.models.users import User
from opus.lib.forms.fields import (
    HIDDEN,
    NOT_WHOLE,
    NOTHING_TO_READ,
    NameField,
    NameFormField,
    clean_name,
)
from opus.support.data_rights.models import RightsRequest
from referrals.candidates.models import Candidate
from tests.accounts.factories import (
    AdviserFactory,
    AmendmentFactory,
    ConventionFactory,
    EndingFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
)
from tests.cases import each_case
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory
from tests.support.factories import RightsRequestFactory

DIRTY = "\u202e\tMarie\u200b \u2066 Ange\u0301lique\u00ad "
CLEAN = "Marie Angélique"
OURS = ("lib", "accounts", "offers", "support", "referrals")
OUR_PACKAGES = ("accounts.", "offers.", "opus.", "referrals.")
FACTORIES = {
    "accounts.user": AdviserFactory,
    "accounts.nomination": NominationFactory,
    "accounts.convention": ConventionFactory,
    "accounts.ending": EndingFactory,
    "accounts.amendment": AmendmentFactory,
    "referrals.candidate": CandidateFactory,
    "support.rightsrequest": RightsRequestFactory,
}


def text_fields() -> Iterator[models.Field]:
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.local_concrete_fields:
                if isinstance(field, models.CharField) and not field.choices:
                    yield field


NAMES = [field for field in text_fields() if isinstance(field, NameField)]
# What a field is called that holds a person's name, or begins with one.
CALLED = re.compile(r"(first|last)_name|\w*_contact|\w+_signatory|\w+_by")


def test_every_field_called_like_a_person_is_one():
    called = {str(field) for field in text_fields() if CALLED.fullmatch(field.name)}

    assert called | {"support.RightsRequest.name"} == set(map(str, NAMES))
    assert {field.model._meta.label_lower for field in NAMES} == set(FACTORIES)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (DIRTY, CLEAN),
        ("Jean\tPaul\r\nSartre", "Jean Paul Sartre"),
        ("Jean\u2028Paul\u00a0\u202fX", "Jean Paul X"),
        ("E\u200d\u0301lodie", "Élodie"),
        ("N\ufeffguyễn\ue000 \U000e0041\ud800Thị", "Nguyễn Thị"),
        ("Marie-Ange d’Œuvre (née L'Hay)", "Marie-Ange d’Œuvre (née L'Hay)"),
        ("\u0645\u0631\u064a\u0645", "\u0645\u0631\u064a\u0645"),
        ("", ""),
        ("\u200b\u202e", ""),
    ],
)
def test_what_does_not_show_leaves_a_name_and_nothing_else_does(typed, kept):
    assert clean_name(typed) == kept
    assert clean_name(kept) == kept


def test_what_postgresql_refuses_is_what_opus_takes_away():
    refused = [chr(n) for n in range(1, 0x10000) if re.match(HIDDEN, chr(n))]

    assert len(refused) > 6_000
    assert [
        char for char in refused if clean_name(f"a{char}b") not in {"ab", "a b"}
    ] == []


# --- Every way in ---------------------------------------------------------------------


@pytest.mark.django_db
@each_case("field", NAMES, ids=str)
def test_a_name_is_stored_clean_whoever_writes_it(field):
    # A change of RGC is validated whole, or not at all.
    whole = {"is_validated": True} if field.name == "validation_by" else {}
    row = FACTORIES[field.model._meta.label_lower](**{field.name: DIRTY}, **whole)

    assert getattr(row, field.name) == CLEAN
    row.refresh_from_db()
    assert getattr(row, field.name) == CLEAN
    assert field.clean(DIRTY, row) == CLEAN
    assert field.model.objects.filter(**{field.name: DIRTY}).get() == row


@each_case("field", NAMES, ids=str)
def test_a_name_without_anything_to_read_is_refused(field):
    for read in (lambda text: field.clean(text, None), field.formfield().clean):
        with pytest.raises(ValidationError) as refused:
            read("\u200b\u202e")
        assert refused.value.messages == [NOTHING_TO_READ]


def classes_of_forms(base: type = forms.BaseForm) -> Iterator[type]:
    for form in base.__subclasses__():
        yield from chain([form], classes_of_forms(form))


def test_every_form_and_every_page_of_the_desk_cleans_them():
    """However its field is made: of the model, or typed beside it."""
    names = {field.name for field in NAMES} - {"name"}
    declared = {
        (form.__qualname__, name): type(field)
        for form in classes_of_forms()
        for name, field in getattr(form, "base_fields", {}).items()
        if name in names and form.__module__.startswith(OUR_PACKAGES)
    }
    of_the_desk = {
        (str(field), "admin"): type(page.formfield_for_dbfield(field, request=None))
        for field in NAMES
        if (page := admin.site._registry.get(field.model))
    }

    assert {"AccountForm", "CandidateForm", "DecisionForm", "AdviseForm"} <= {
        form for form, _ in declared
    }
    found = declared | of_the_desk
    dirty = [one for one, kind in found.items() if not issubclass(kind, NameFormField)]
    assert dirty == []


@pytest.mark.django_db
def test_a_person_is_added_and_looked_for_by_a_clean_name(as_adviser):
    typed = {"first_name": DIRTY, "last_name": "\u2066Be\u200bnali\u2069"}

    as_adviser.post(reverse("candidate_add"), typed)

    candidate = Candidate.objects.get()
    assert str(candidate) == f"{CLEAN} Benali"
    found = as_adviser.post(reverse("candidates"), {"who": f"{DIRTY} Benali\u200b"})
    assert found.context["found"].candidates == [candidate]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["candidate_import", "account_import"])
def test_a_list_is_read_with_clean_names(client, name):
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=3)
    maker = RgcFactory if name == "account_import" else AdviserFactory
    by = sign_in(client, maker(structure=structure))
    typed = DIRTY.replace("\t", "")
    lines = f"Nom;Prénom;Courriel\nBe\u200bnali;{typed};m@exemple.example\n"

    response = by.post(
        reverse(name), {"file": SimpleUploadedFile("l.csv", lines.encode())}
    )

    kind: Any = User if name == "account_import" else Candidate
    assert str(kind.objects.get(email="m@exemple.example")) == f"{CLEAN} Benali"
    assert "\u202e" not in response.text


@pytest.mark.django_db
def test_a_request_for_ones_rights_is_recorded_under_a_clean_name(as_ft_admin):
    form = {
        "received_on": timezone.localdate().isoformat(),
        "kind": "non_inscrit",
        "right": "rectification",
        "addressed_to": "dpo",
        "reply_to": "odile@messagerie.example",
    }
    url = reverse("admin:support_rightsrequest_add")

    page = as_ft_admin.post(url, form | {"name": "\u200b\u202e"})
    as_ft_admin.post(url, form | {"name": DIRTY})

    assert NOTHING_TO_READ in page.text
    assert RightsRequest.objects.get().name == CLEAN


# --- The database ---------------------------------------------------------------------

# The lines of agreements are frozen once they are signed, whatever stands there.
HELD = [field for field in NAMES if field.name in {"first_name", "last_name", "name"}]


@pytest.mark.django_db
@each_case("sign", ["\u202e", "\u200b", "\u2066", "\t", "\u00ad"])
@each_case("field", HELD, ids=str)
def test_postgresql_refuses_what_does_not_show_whoever_writes(field, sign):
    # Whom a director agreed on is frozen besides.
    early = {"state": "propose"} if field.model is Nomination else {}
    row = FACTORIES[field.model._meta.label_lower](**early)
    table, column = field.model._meta.db_table, field.column

    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="shows_whole"),
        transaction.atomic(),
    ):
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE id = %s",  # noqa: S608
            [f"Marie{sign}", row.pk],
        )


def test_the_constraints_say_what_to_do():
    told = {
        constraint.violation_error_message
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.name.endswith("_name_shows_whole")
    }

    assert told == {NOT_WHOLE}
