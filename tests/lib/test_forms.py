"""Fields of forms: drawn, missing (A5), and names of persons that show whole."""

import datetime as dt
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
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from accounts.nominations.models import Nomination
from accounts.users.models import User
from opus.lib.forms.base import DateInput, Form
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
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory
from tests.support.factories import RightsRequestFactory


class HandOverForm(Form):
    """One field of each sort."""

    last_name = forms.CharField(
        label="Nom",
        help_text="Tel qu’il figure sur la pièce d’identité.",
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(label="Courriel", required=False)
    channel = forms.ChoiceField(label="Remis", choices=[("", "—"), ("main", "en main")])
    said_by = forms.ChoiceField(
        label="Selon",
        help_text="Qui vous l’a dit.",
        choices=[("c", "le candidat"), ("e", "l’employeur")],
        widget=forms.RadioSelect,
    )
    contracts = forms.MultipleChoiceField(
        label="Contrats",
        required=False,
        choices=[("CDI", "CDI")],
        widget=forms.CheckboxSelectMultiple,
    )
    on = forms.DateField(label="Date", widget=DateInput())
    accepted = forms.BooleanField(label="J’accepte la charte")
    cv = forms.FileField(label="CV (PDF)", required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)


class SearchForm(Form):
    all_optional = True
    q = forms.CharField(label="Métier", required=False)


def draw(form: forms.Form) -> Page:
    template = Template('{% include "forms/form.html" with form=form %}')
    return Page.of(template.render(Context({"form": form})))


def test_hint_and_error_are_tied_to_the_field():
    page = draw(HandOverForm({}))

    field = page.by_id("id_last_name")
    told = [page.by_id(part).words() for part in field["aria-describedby"].split()]
    assert told == ["Tel qu’il figure sur la pièce d’identité.", "Remplissez « Nom »."]
    assert field["aria-invalid"] == "true"
    assert field["autocomplete"] == "family-name"
    assert field["class"] == "fr-input"


def test_a_sound_field_is_not_marked_invalid():
    page = draw(HandOverForm({"last_name": "Benali"}))

    field = page.by_id("id_last_name")
    assert "aria-invalid" not in field.attrs
    assert (field["aria-describedby"], field["value"]) == (
        "id_last_name_helptext",
        "Benali",
    )


def test_a_group_is_a_fieldset_with_its_legend_hint_and_error():
    page = draw(HandOverForm({}))

    group = page.by_id("id_said_by")
    told = [page.by_id(part).words() for part in group["aria-labelledby"].split()]
    assert group.name == "fieldset"
    assert told == [
        "Selon Qui vous l’a dit.",
        "Qui vous l’a dit.",
        "Choisissez une réponse à « Selon ».",
    ]
    assert [tag["id"] for tag in page.all("input", type="radio")] == [
        "id_said_by_0",
        "id_said_by_1",
    ]


def test_every_visible_field_has_a_label():
    page = draw(HandOverForm())

    labelled = {tag["for"] for tag in page.all("label")}
    visible = {
        tag["id"]
        for tag in page.tags
        if tag.name in {"input", "select"} and tag.attrs.get("type") != "hidden"
    }
    assert labelled == visible


def test_what_may_be_left_out_is_said_in_words():
    page = draw(HandOverForm())

    labels = {tag.words() for tag in page.all("label")}
    assert {"Courriel (facultatif)", "CV (PDF) (facultatif)"} <= labels
    assert "Nom (facultatif)" not in labels


def test_where_most_may_be_left_out_the_others_are_named():
    """RGAA 11.10: nobody guesses among fields most of which are optional."""
    few = HandOverForm()
    for name in ("said_by", "on", "accepted", "channel"):
        few.fields[name].required = False

    assert draw(few).all("p")[0].words() == "Champ obligatoire : nom."
    assert draw(HandOverForm()).all("p") == []


def test_a_search_does_not_say_so_field_by_field():
    page = draw(SearchForm())

    assert [tag.words() for tag in page.all("label")] == ["Métier"]
    assert page.all("p") == []


def test_the_summary_takes_the_cursor_and_leads_to_each_fault():
    page = draw(HandOverForm({"key": "odd"}))

    summary = page.by_id("erreurs")
    assert (summary["tabindex"], summary["role"]) == ("-1", "alert")
    assert "autofocus" in summary.attrs
    targets = [tag["href"] for tag in page.all("a")]
    assert targets == [
        "#id_last_name",
        "#id_channel",
        "#id_said_by",
        "#id_on",
        "#id_accepted",
    ]
    for target in targets:
        page.by_id(target[1:])


def test_the_summary_counts_what_it_lists():
    """An answer may be wrong in two ways."""
    form = HandOverForm({"key": "odd"})
    form.add_error("last_name", "Ce nom est réservé.")

    page = draw(form)

    assert page.one("h2").words() == "7 points sont à corriger"
    assert len(page.all("li")) == 7


def test_no_summary_where_nothing_is_wrong():
    assert "erreurs" not in {tag.attrs.get("id") for tag in draw(HandOverForm()).tags}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("last_name", "Remplissez « Nom »."),
        ("channel", "Choisissez une réponse à « Remis »."),
        ("said_by", "Choisissez une réponse à « Selon »."),
        ("accepted", "Cochez « J’accepte la charte » pour continuer."),
    ],
)
def test_a_missing_answer_is_asked_for_by_its_name(name, sentence):
    (error,) = HandOverForm({}).errors[name]

    assert error.replace("\N{NO-BREAK SPACE}", " ") == sentence


def test_a_form_may_say_it_in_its_own_words():
    class Own(Form):
        name = forms.CharField(error_messages={"required": "Votre nom ?"})

    assert Own({}).errors["name"] == ["Votre nom ?"]


def test_a_date_is_given_back_as_browsers_read_it():
    form = HandOverForm(initial={"on": dt.date(2026, 11, 24)})

    field = draw(form).by_id("id_on")
    assert (field["type"], field["value"]) == ("date", "2026-11-24")


def test_the_title_of_a_page_with_errors_says_so():
    source = '{% extends "base.html" %}{% block title %}Remise{% endblock %}'

    def title(form):
        html = Template(source).render(Context({"form": form}))
        return Page.of(html).one("title").words()

    assert title(HandOverForm({})) == "Erreur : Remise – Opus"
    assert title(HandOverForm()) == "Remise – Opus"


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
