"""Days, numbers and codes are within bounds, whoever writes and by every way in."""

import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg import sql

from accounts.agreements import actions, documents
from accounts.agreements.models.terminations import Ending, EndingOrigin
from accounts.nominations.enums import NominationState
from accounts.security.emails import staff_told
from accounts.structures.agency_import import import_agencies
from accounts.structures.models import DEEPEST, Agency, AgencyKind
from opus.lib.database.states import MoveRefused
from opus.lib.dates import OUT_OF_YEARS
from opus.lib.forms.fields import (
    PhoneField,
    format_phone,
    validate_ft_id,
    validate_insee,
    validate_phone,
    validate_postcode,
    validate_safir,
    validate_siret,
)
from opus.lib.text_guard.guard import phones
from opus.support.service_status.models import Incident
from opus.support.surveys.models import Survey
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models import Candidate
from referrals.saved_searches.models import SavedSearch
from tests.accounts.factories import (
    AgencyFactory,
    AlertFactory,
    BreachFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    StructureFactory,
)
from tests.admin.registers import MAKERS, action_url, list_url, record_url
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory, ReferralFactory, SlotFactory
from tests.support.factories import IncidentFactory, PlannedWorkFactory, SurveyFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

OURS = ("lib", "accounts", "offers", "support", "referrals")
# Dates that nobody types, and who writes them.
BY_OPUS = {
    "accounts.teamreview.due_on": "Opus counts it",
    "support.measuredmonth.month": "Opus counts it",
    "lib.textguardcount.on": "Opus's clock writes it",
    "accounts.modeltext.published_at": "Opus's clock writes it",
    "offers.miss.on": "Opus's clock writes it",
    "offers.missedword.on": "Opus's clock writes it",
    **dict.fromkeys(
        [
            "offers.offer.created_at",
            "offers.offer.updated_at",
            "offers.offer.posts_left_at",
            "offers.offer.mode_at",
            "offers.offersearch.created_at",
        ],
        "of the feed: offers.payload bounds it, and its line goes to quarantine",
    ),
}
# Instants of Opus's own clock, by the name of their column.
OF_THE_CLOCK = {
    *("answer_due_at", "answered_at", "asked_at", "began_at", "cancelled_at"),
    *("change_told_at", "checked_at", "clock_restarted_at", "closed_at"),
    *("confirmed_at", "covers_from", "covers_to", "date_refused_at", "disowned_at"),
    *("done_at", "dropped_at", "emailed_at", "ended_at", "erased_at", "escalated_at"),
    *("expires_at", "first_at", "given_up_at", "lapses_at", "last_at", "last_form_at"),
    *("last_login", "last_used_at", "lifted_at", "minute", "proved_at", "purged_at"),
    *("quiet_at", "read_to", "read_until", "ready_at", "receipt_due_at"),
    *("registered_at", "reminded_at", "replied_at", "resume_at", "revoked_at"),
    *("seen_at", "sent_at", "settled_at", "signed_at", "since", "stopped_at"),
    *("taken_at", "undone_at", "until", "used_at", "void_at"),
    *("withdrawal_told_at", "withdrawn_at"),
}


def columns_without_bounds() -> tuple[set[str], dict[str, str]]:
    """The columns of days and instants that no CHECK bounds: typed, and left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)"
            " WHERE contype = 'c' AND convalidated"
            " AND pg_get_constraintdef(pg_constraint.oid) ~ '210[01]-'"
        )
        bounded = set(cursor.fetchall())
    typed, left_out = set(), {}
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if (model._meta.db_table, field.column) not in bounded:
                    sort_out(field, typed, left_out)
    return typed, left_out


def sort_out(field: Any, typed: set[str], left_out: dict[str, str]) -> None:
    if not isinstance(field, models.DateField):
        return
    label = f"{field.model._meta.label_lower}.{field.name}"
    is_set = field.has_default() or field.has_db_default() or field.generated
    if label in BY_OPUS:
        left_out[label] = BY_OPUS[label]
    elif isinstance(field, models.DateTimeField) and (
        is_set or field.auto_now or field.auto_now_add or field.name in OF_THE_CLOCK
    ):
        left_out[label] = "Opus's clock writes it"
    else:
        typed.add(label)


def test_every_day_that_people_type_has_its_bounds():
    typed, left_out = columns_without_bounds()

    for label, reason in sorted(left_out.items()):
        sys.stdout.write(f"{label}: {reason}\n")
    assert typed == set()
    # The names of the clock's columns hide none that is typed.
    assert "support.incident.ended_at" not in left_out
    assert "referrals.slot.at" not in left_out


def test_a_day_out_of_the_years_is_refused_beside_its_field(as_ft_admin: Client):
    page = as_ft_admin.get(reverse("admin:support_incident_add"))
    sent = longest_form(page).data(
        title="L’impression", advice="Réessayez.", started_at="0001-01-01T00:00"
    )

    response = as_ft_admin.post(reverse("admin:support_incident_add"), sent)

    assert response.status_code == 200
    form = response.context["adminform"].form
    assert OUT_OF_YEARS in form.errors["started_at"]
    assert "0001-01-01T00:00" in response.content.decode()
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("days", "named"),
    [
        ((0, -3), "survey_closes_after_it_opens"),
        ((0, 400), "survey_lasts_six_months_at_most"),
    ],
)
def test_postgresql_tells_which_order_of_days_it_refuses(days: Any, named: str):
    today = timezone.localdate()
    opens_on, closes_on = (today + dt.timedelta(days=each) for each in days)

    with pytest.raises(IntegrityError, match=named), transaction.atomic():
        SurveyFactory(opens_on=opens_on, closes_on=closes_on)


@pytest.mark.parametrize(
    ("opens_on", "closes_on", "told"),
    [
        ("2030-06-10", "2030-06-01", "se clôt après son ouverture"),
        ("2030-06-10", "2031-06-10", "six mois au plus"),
        ("2030-06-10", "9999-12-31", "Vérifiez l’année"),
    ],
)
def test_a_survey_whose_days_cannot_be_is_refused_in_french(
    as_ft_admin: Client, opens_on: str, closes_on: str, told: str
):
    """A reversed range raises in PostgreSQL: the CHECK speaks first."""
    sent = {"opens_on": opens_on, "closes_on": closes_on}

    response = as_ft_admin.post(reverse("admin:support_survey_add"), sent)

    assert response.status_code == 200
    assert told in response.content.decode()
    assert closes_on in response.content.decode()
    assert not Survey.objects.exists()


def test_an_incident_of_long_ago_is_refused_by_the_table():
    with pytest.raises(IntegrityError, match="incident_began_within_the_year"):
        IncidentFactory(started_at=timezone.now() - dt.timedelta(days=400))


def test_a_slot_opens_at_most_eighteen_months_ahead():
    with pytest.raises(IntegrityError, match="slot_is_near"):
        SlotFactory(at=timezone.now() + dt.timedelta(days=600))


def drop_checks(table: str) -> None:
    """Without its CHECKs, undone with the test: what an old row could be."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'c'",
            [table],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def write_sql(table: str, column: str, value: str, pk: Any) -> None:
    with connection.cursor() as cursor:
        names = [sql.Identifier(name) for name in (table, column)]
        update = sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(*names)
        cursor.execute(update, [value, pk])


@pytest.mark.parametrize("value", ["0001-01-01 00:00+00", "9999-12-31 23:59:59+00"])
@pytest.mark.parametrize("ends", [False, True])
def test_one_odd_incident_brings_no_page_down(
    as_ft_admin: Client, value: str, ends: bool
):
    incident = IncidentFactory(over=ends)
    sound = IncidentFactory(title="La recherche")
    drop_checks("support_incident")
    write_sql("support_incident", "started_at", value, incident.pk)
    if ends:
        write_sql("support_incident", "ended_at", "9999-12-31 23:59:59+00", incident.pk)

    for path in ("/etat-du-service/", "/", list_url("support.incident")):
        response = as_ft_admin.get(path, follow=True)
        assert response.status_code == 200, path
    assert sound.title in as_ft_admin.get("/etat-du-service/").content.decode()


@pytest.mark.plants_defects
def test_odd_works_bring_no_page_down(as_ft_admin: Client):
    works = PlannedWorkFactory()
    drop_checks("support_plannedwork")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE support_plannedwork DISABLE TRIGGER USER")
    write_sql("support_plannedwork", "starts_at", "9999-12-31 23:59:59+00", works.pk)

    for path in ("/etat-du-service/", "/"):
        assert as_ft_admin.get(path, follow=True).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_one_odd_survey_brings_no_page_down(as_ft_admin: Client, day: str):
    survey = SurveyFactory()
    drop_checks("support_survey")
    column = "opens_on" if day < "2000" else "closes_on"
    write_sql("support_survey", column, day, survey.pk)

    for path in (list_url("support.survey"), record_url(survey), "/"):
        assert as_ft_admin.get(path, follow=True).status_code == 200


@pytest.mark.parametrize(
    ("typed", "words"), [("-1", "0 au moins"), ("40000", "32767 au plus")]
)
def test_a_number_out_of_bounds_is_refused_in_words_of_opus(
    as_ft_admin: Client, typed: str, words: str
):
    url = record_url(ConventionFactory(draft=True))
    form = longest_form(as_ft_admin.get(url))

    page = as_ft_admin.post(url, form.data(signed_quota=typed))

    [error] = page.context["adminform"].form.errors["signed_quota"]
    assert error == f"«\u00a0Comptes utilisateurs actifs\u00a0»\u00a0: {words}."


# --- The network --------------------------------------------------------------------


def test_no_place_of_the_network_stands_above_itself():
    low = AgencyFactory(parent=AgencyFactory(parent=AgencyFactory()))
    top = low.parent.parent

    for place, parent in ((top, low), (low, low)):
        place.parent = parent
        refusal = pytest.raises(IntegrityError, match="ne dépend pas d’elle-même")
        with refusal, transaction.atomic():
            place.save()
        with pytest.raises(ValidationError) as refused:
            place.full_clean()
        assert "ne dépend pas d’elle-même" in str(refused.value.message_dict["parent"])


def test_a_branch_of_the_network_is_turned_over_in_one_statement():
    """Both rows move at once: what is between them was never there."""
    low = AgencyFactory(parent=AgencyFactory())
    top = low.parent
    low.parent, top.parent = None, low

    Agency.objects.bulk_update([top, low], ["parent"])

    top.refresh_from_db()
    assert top.parent == low


@pytest.mark.plants_defects
def test_a_loop_of_old_is_walked_no_further():
    agency = AgencyFactory()
    structure = StructureFactory(agency=agency)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_agency DISABLE TRIGGER USER")
        cursor.execute("UPDATE accounts_agency SET parent_id = safir")
    agency.refresh_from_db()

    assert len(list(agency.upwards())) == DEEPEST
    assert documents.above(agency, AgencyKind.REGION) == agency
    assert staff_told(AlertFactory(account__structure=structure)) == []


def test_a_file_with_a_loop_costs_its_own_link_and_no_other_row(tmp_path: Any):
    path = tmp_path / "agences.csv"
    path.write_text(
        "code_safir,nom,safir_parent\n"
        "38001,Un,38002\n38002,Deux,38001\n38003,Trois,38001\n"
        "٣٨٠٠٤,Quatre,\n"
    )

    report = import_agencies(path)

    assert report.created == 3
    assert [line for line, _ in report.troubles] == [2, 5]
    parents = dict(Agency.objects.values_list("safir", "parent_id"))
    assert parents == {"38001": None, "38002": "38001", "38003": "38001"}
    # The same network the other way round, in one go.
    path.write_text("code_safir,nom,safir_parent\n38001,Un,38002\n38002,Deux,\n")
    import_agencies(path)
    assert Agency.objects.get(pk="38001").parent_id == "38002"


# --- Telephones, postcodes, identifiers ---------------------------------------------


@pytest.mark.parametrize(
    "phone",
    [
        "04 65 71 00 00",
        "06.39.98.00.00",
        "+33 4 65 71 00 00",
        "0590 12 34 56",
        "+262 262 20 20 20",
        "+32 2 555 12 12",
        "39 49",
    ],
)
def test_a_number_that_rings_is_taken(phone: str):
    validate_phone(phone)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("0614253647", "06 14 25 36 47"),
        ("06.14.25.36.47", "06 14 25 36 47"),
        ("+33 (0)6 14 25 36 47", "06 14 25 36 47"),
        ("+3225551212", "+32 2 555 12 12"),
        ("39 49", "39 49"),
        ("0614253647/0465710000", "0614253647/0465710000"),
    ],
)
def test_a_number_is_written_in_one_way(typed: str, written: str):
    assert format_phone(typed) == written


def test_every_telephone_of_a_person_or_a_place_is_written_so():
    person = CandidateFactory(phone="0614253647")

    person.refresh_from_db()
    assert person.phone == "06 14 25 36 47"
    assert Candidate.objects.filter(phone="06.14.25.36.47").exists()
    # Who types it otherwise changes nothing.
    field = CandidateForm(instance=person, by=person.adviser).fields["phone"]
    assert not field.has_changed(person.phone, "06.14.25.36.47")
    fields = [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if field.name.endswith("phone")
    ]
    assert len(fields) > 5
    assert [field for field in fields if not isinstance(field, PhoneField)] == []


def test_a_number_is_found_among_words():
    assert any(phones("Appelez le 04 65 71 00 00, poste 12"))
    assert not any(phones("Salle 12, 38000 Grenoble"))
    assert not any(phones(f"Appelez le {'٠٤٦٥٧١٠٠٠٠'}"))


@pytest.mark.parametrize(
    "phone",
    [
        "'; DROP--",
        "☎️☎️☎️☎️☎️",
        "٠٤٦٥٧١٠٠٠٠",
        "0465",
        "04 65 71 00 00 \u202e",
        "..........",
        "-1",
    ],
)
def test_what_is_no_number_is_refused(phone: str):
    with pytest.raises(ValidationError):
        validate_phone(phone)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "'; DROP--"),
        ("postcode", "-1"),
        ("postcode", "٣٨٠٠٠"),
        ("email", "ni arobase"),
        ("ft_id", "١٢٣٤٥٦٧٨٩٠١"),
    ],
)
def test_staff_corrects_a_person_within_the_same_rules(
    as_ft_admin: Client, field: str, value: str
):
    act = ReferralFactory(offer__agency_safir="38086")
    AgencyFactory(safir="38086")
    url = action_url(act, "rectifier")
    sent = longest_form(as_ft_admin.get(url)).data(reason="demande", **{field: value})

    response = as_ft_admin.post(url, sent)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert getattr(Candidate.objects.get(pk=act.candidate_id), field) != value


@pytest.mark.parametrize(
    ("model", "field", "value"),
    [
        ("referrals.candidate", "phone", "'; DROP--"),
        ("referrals.candidate", "postcode", "-1"),
        ("accounts.user", "phone", "☎️"),
        ("accounts.structure", "phone", "☎️"),
        ("accounts.structure", "postcode", "3800"),
        ("accounts.agency", "postcode", "٣٨٠٠٠"),
        ("accounts.convention", "signed_ft_contact_phone", "☎️"),
    ],
)
def test_the_tables_refuse_them_too(model: str, field: str, value: str):
    ReferralFactory()
    AgencyFactory()
    ConventionFactory(draft=True)
    row = apps.get_model(model)._base_manager.latest("pk")

    with (
        pytest.raises(IntegrityError, match="phones?_|postcodes?_"),
        transaction.atomic(),
    ):
        type(row)._base_manager.filter(pk=row.pk).update(**{field: value})


@pytest.mark.parametrize(
    ("validate", "value"),
    [
        (validate_safir, "٣٨٠٨٦"),
        (validate_insee, "٣٨١٩٣"),
        (validate_postcode, "３８０００"),
        (validate_siret, "１２３４５６７８９０１２３４"),
        (validate_ft_id, "१२३४५६७८९०१"),
    ],
)
def test_digits_of_other_scripts_are_refused_with_a_sentence(validate: Any, value: str):
    with pytest.raises(ValidationError, match="compte|est une lettre"):
        validate(value)


def test_a_siret_has_a_right_key_and_is_of_somebody():
    """La Poste's have a rule of their own; zeros have a right key, and are nobody's."""
    for value in ("35600000000048", "73282932000074"):
        validate_siret(value)
    for value in ("0" * 14, "73282932000075", "73282932000074 "):
        with pytest.raises(ValidationError, match="SIRET"):
            validate_siret(value)


def test_an_odd_line_of_a_list_of_persons_costs_that_line(as_adviser: Client):
    lines = [
        "Nom;Prénom;Identifiant France Travail;Téléphone;Code postal",
        "Benali;Karim;12345678901;;",
        "Petit;Zoé;١٢٣٤٥٦٧٨٩٠١;;",
        "Garnier;Élodie;;'; DROP--;",
        "Morel;Inès;;;٣٨٠٠٠",
        "Faure;Léa;;;",
    ]
    file = SimpleUploadedFile("liste.csv", "\r\n".join(lines).encode("utf-8"))

    response = as_adviser.post(reverse("candidate_import"), {"file": file})

    assert [bool(row.reasons) for row in response.context["rows"]] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_what_the_database_refuses_of_a_line_costs_that_line(
    as_adviser: Client, monkeypatch: pytest.MonkeyPatch
):
    """Whatever the forms let through."""

    def break_down(form: CandidateForm) -> str:
        if form.cleaned_data["last_name"] == "Petit":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        return str(form.cleaned_data["last_name"])

    monkeypatch.setattr(CandidateForm, "clean_last_name", break_down, raising=False)
    lines = ["Nom;Prénom", "Petit;Zoé", "Faure;Léa"]
    file = SimpleUploadedFile("liste.csv", "\r\n".join(lines).encode("utf-8"))

    response = as_adviser.post(reverse("candidate_import"), {"file": file})

    first, second = response.context["rows"]
    assert "n’a pas pu écrire cette ligne" in first.reasons[0]
    assert second.candidate


# --- Statements ---------------------------------------------------------------------


def test_a_structures_letter_does_not_precede_the_signature():
    """Art. 12: its month would be shortened by a date of before the convention."""
    convention = ConventionFactory()
    signed_on = max(convention.signed_by_ft_on, convention.signed_by_structure_on)
    admin = FtAdminFactory()

    for told_on in (signed_on - dt.timedelta(days=1), dt.date(1, 1, 1)):
        ending = Ending(
            convention=convention,
            origin=EndingOrigin.STRUCTURE,
            told_on=told_on,
            ends_on=timezone.localdate() + dt.timedelta(days=1),
        )
        with pytest.raises(MoveRefused, match="ne précède pas la signature"):
            actions.propose(ending, by=admin)


def test_what_was_typed_stands_after_a_refusal_half_way(as_ft_admin: Client):
    """The file had moved before its last day was refused, and moved back."""
    breach = BreachFactory(observed=True)
    url = action_url(breach, "maintenir")
    sent = longest_form(as_ft_admin.get(url)).data(
        ends_on="2001-01-01", signatory="Mme Essai"
    )

    response = as_ft_admin.post(url, sent)

    assert response.status_code == 409
    assert longest_form(response).values["ends_on"] == ["2001-01-01"]


# Lists that stand on a choice, which says nothing of anybody.
ANSWERED = {
    "accounts.letter.poster.carrier": "the usual carrier: checked on the slip",
    "referrals.appointment.deplacer.mode": "the form that the appointment has",
    "referrals.appointment.proposer-une-autre-date.mode": "the same",
    "referrals.slot.deplacer.mode": "the form that the slot has",
    "support.rightsrequest.corriger.kind": "the kind that was recorded",
}


def answered_lists() -> Iterator[str]:
    """The lists of the desk's buttons that answer before anybody chose."""
    for model, page in admin.site._registry.items():
        label = model._meta.label_lower
        for verb in getattr(page, "admin_actions", ()):
            form = verb.form(None, None, instance=MAKERS[label]())
            for name, field in form.fields.items():
                stands = form.get_initial_for_field(field, name)
                if isinstance(field, forms.ChoiceField) and not field.widget.is_hidden:
                    is_select = isinstance(field.widget, forms.Select)
                    first = next(iter(field.choices), ("",))[0] if is_select else ""
                    if stands or first:
                        yield f"{label}.{verb.slug}.{name}"


def test_nobody_answers_by_the_first_choice_of_a_list():
    """What nobody chose reaches no registered letter."""
    for label, reason in ANSWERED.items():
        sys.stdout.write(f"{label}: {reason}\n")

    assert set(answered_lists()) == ANSWERED.keys()


def test_a_list_that_nobody_answered_is_refused(as_ft_admin: Client):
    nomination = NominationFactory(state=NominationState.PROPOSED)
    for slug, name in {"avis": "opinion", "refuser": "reason"}.items():
        form = longest_form(as_ft_admin.get(action_url(nomination, slug)))

        response = as_ft_admin.post(action_url(nomination, slug), form.data())

        assert name in response.context["form"].errors


def test_a_place_that_nobody_knows_is_not_kept(as_adviser: Client, adviser: Any):
    url = "/recherches/ajouter/?q=macon&lieu=99999"
    assert "ne seront pas gardés" in as_adviser.get(url).content.decode()

    as_adviser.post(url, {"name": "Maçon", "alert": "aucune"})

    assert SavedSearch.objects.get(account=adviser).query == "q=macon&mots=exacts"


def test_a_place_that_nobody_knows_is_no_search_and_never_everywhere(
    as_adviser: Client, adviser: Any
):
    OfferFactory()

    response = as_adviser.post("/recherches/ajouter/?lieu=99999", {"name": "Ailleurs"})

    assert response.status_code == 302
    assert not SavedSearch.objects.exists()
    # One kept before its place was lost.
    old = SavedSearch.objects.create(account=adviser, name="Vieux", query="lieu=99999")
    response = as_adviser.get(reverse("saved_search", args=[old.pk]))
    assert response.url == reverse("saved_searches")
