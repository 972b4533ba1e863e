"""How a form's fields are drawn, and what they say when something is missing (A5)."""

import datetime as dt

import pytest
from django import forms
from django.template import Context, Template

from opus.lib.forms.base import DateInput, Form
from tests.opus.page import Page


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
