"""The letters: frozen when prepared, printed by a worker, posted under a number."""

import datetime as dt
import io

import pikepdf
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.agreements import letters
from accounts.agreements.models.letters import (
    Carrier,
    Letter,
    LetterKind,
    clean_registered_number,
    s10_check_digit,
)
from accounts.agreements.models.terminations import BreachReason
from accounts.nominations.enums import NominationState
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import (
    AgencyFactory,
    AgentFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
)
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.files import make_file
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

DAY = dt.date(2027, 1, 31)


def prepare(kind=LetterKind.NOTICE_PERIOD, **told):
    convention = told.pop("convention", None) or ConventionFactory()
    told["ending"] = EndingFactory.build(convention=convention, ends_on=DAY)
    return letters.prepare(kind, by=FtAdminFactory(), **told)


def post(letter, on):
    slip = {"carrier": Carrier.LA_POSTE, "registered_number": "RK473124829GB"}
    letters.record_posting(letter, by=FtAdminFactory(), on=on, **slip)


def print_now(letter):
    make_file(letter)
    letter.refresh_from_db()
    return pikepdf.open(io.BytesIO(bytes(letter.content)))


# --- The text -------------------------------------------------------------------------


def test_a_letter_is_frozen_to_the_structure_and_numbered_in_its_convention():
    convention = ConventionFactory(number="CA-7")
    first, second = (prepare(convention=convention) for _ in range(2))

    assert [first.number, second.number] == ["CA-7/L1", "CA-7/L2"]
    assert first.addressee == [
        convention.structure.name,
        "À l’attention de son représentant légal",
        "1 place de la Mairie",
        "38080 L’Isle-d’Abeau",
    ]
    assert "31 janvier 2027 au soir" in first.html
    assert AuditEntry.objects.filter(action="letter_prepared").count() == 2


@pytest.mark.parametrize(
    "kind", [kind for kind in LetterKind if kind.value.startswith("rgc_")]
)
def test_letters_about_an_rgc_name_the_person_and_no_other(kind):
    """Art. 4.1, 4.3."""
    nomination = NominationFactory(state=NominationState.ACCEPTED)
    letter = prepare(kind, convention=nomination.convention, nomination=nomination)

    assert str(nomination.person) in letter.html
    assert letter.nomination == nomination


def test_the_worker_prints_one_tagged_page_once():
    """A13, R6: PDF/UA-1, with its language, title and headings."""
    letter = prepare()
    with print_now(letter) as pdf:
        assert len(pdf.pages) == 1
        assert str(pdf.Root.Lang) == "fr"
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.docinfo["/Title"]) == f"Lettre n° {letter.number}"
    made = bytes(letter.content)

    make_file(letter)

    letter.refresh_from_db()
    assert bytes(letter.content) == made


def test_the_longest_letters_hold_on_one_page():
    """U4: every reason and all that facts may say; an amendment of every term."""
    breach = BreachFactory(
        reasons=BreachReason.values,
        other_obligation="une réunion de suivi refusée deux fois (article 11)",
        facts="un compte partagé entre deux personnes, " * 7,
    )
    amendment = AmendmentFactory(
        consultation=False,
        referrals=False,
        quota=3,
        convention__ends_on=dt.date(2097, 12, 31),
        ends_on=dt.date(2098, 12, 31),
        ft_contact="Hélène Marchand, chargée de partenariats, direction territoriale",
        ft_contact_email="helene.marchand.partenariats@francetravail.example",
        ft_contact_phone="04 65 71 01 01",
        partner_contact="Anne Tissot, directrice adjointe de la mission locale",
        partner_contact_email="anne.tissot@trois-collines.example",
        partner_contact_phone="04 65 71 00 41",
    )
    letters_made = [
        prepare(LetterKind.BREACH, convention=breach.convention, breach=breach),
        prepare(
            LetterKind.AMENDMENT, convention=amendment.convention, amendment=amendment
        ),
    ]

    for letter in letters_made:
        with print_now(letter) as pdf:
            assert len(pdf.pages) == 1, letter.kind


def test_what_a_structure_is_called_is_text_and_nothing_else():
    """S31."""
    letter = prepare(
        convention=ConventionFactory(structure__name="<img src=file:///etc/passwd>")
    )

    assert "&lt;img src=file:///etc/passwd&gt;" in letter.html


# --- The number -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("RK 473 124 829 GB", "RK473124829GB"),
        ("ee473124829us", "EE473124829US"),
        ("RK.000.000.005.FR", "RK000000005FR"),
    ],
)
def test_a_number_of_the_post_is_kept_without_its_spaces(typed, kept):
    """UPU, ``S10``: 47312482 has check digit 9, as the standard's own example."""
    assert clean_registered_number(typed, Carrier.LA_POSTE) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("RK 473 124 828 GB", "n’existe pas"),
        ("RK 473 214 829 GB", "n’existe pas"),
        ("1A 123 456 7890 1", "13 caractères"),
        ("", "13 caractères"),
    ],
)
def test_a_number_that_cannot_exist_is_refused_with_the_way_out(typed, why):
    with pytest.raises(ValidationError, match=why):
        clean_registered_number(typed, Carrier.LA_POSTE)


def test_one_digit_misread_on_the_slip_is_found():
    """What the check digit is for."""
    digits = "47312482"
    misread = {
        digits[:place] + other + digits[place + 1 :]
        for place in range(8)
        for other in "0123456789"
        if other != digits[place]
    }

    assert len(misread) == 72
    assert {number for number in misread if s10_check_digit(number) == 9} == set()


def test_another_carriers_number_is_free_but_not_empty():
    assert (
        clean_registered_number("1a 123 456 7890 1", Carrier.OTHER) == "1A12345678901"
    )
    with pytest.raises(ValidationError):
        clean_registered_number("?", Carrier.OTHER)


# --- The post -------------------------------------------------------------------------


def test_a_posting_and_a_receipt_are_recorded_with_their_lines_in_the_journal(
    as_ft_admin,
):
    """Art. 12: the delays run from the presentation, until then from the posting."""
    letter = prepare()
    print_now(letter)
    posted_on = timezone.localdate()
    slip = {"carrier": "laposte", "registered_number": "RK 473 124 829 GB"}

    as_ft_admin.post(action_url(letter, "poster"), slip | {"on": posted_on})
    letter.refresh_from_db()
    assert (letter.registered_number, letter.notified_on) == (
        "RK473124829GB",
        posted_on,
    )
    received_on = posted_on + dt.timedelta(days=2)
    with time_machine.travel(timezone.now() + dt.timedelta(days=3)):
        sign_in(as_ft_admin, FtAdminFactory())
        as_ft_admin.post(action_url(letter, "presenter"), {"on": received_on})

    letter.refresh_from_db()
    assert letter.notified_on == received_on
    told = AuditEntry.objects.filter(target_id=letter.pk).order_by("pk")
    assert [
        (entry.action, entry.details)
        for entry in told
        if entry.action.startswith("letter_")
    ] == [
        ("letter_prepared", {"kind": "preavis"}),
        ("letter_posted", {"on": posted_on.isoformat()}),
        ("letter_received", {"on": received_on.isoformat()}),
    ]


def test_a_wrong_number_is_shown_beside_its_field_and_nothing_is_kept(as_ft_admin):
    letter = LetterFactory()
    slip = {"carrier": "laposte", "registered_number": "RK473124828GB"}

    response = as_ft_admin.post(
        action_url(letter, "poster"), slip | {"on": "2026-11-24"}
    )

    assert "Ce numéro n’existe pas" in response.content.decode()
    letter.refresh_from_db()
    assert not letter.is_posted


def test_a_number_belongs_to_one_letter():
    taken = LetterFactory(posted=True)

    with database_refuses("one_letter_by_registered_number"):
        LetterFactory(posted=True, registered_number=taken.registered_number)


@pytest.mark.parametrize("on", [dt.date(2000, 1, 1), dt.date(2999, 1, 1)])
def test_a_letter_is_not_posted_before_it_is_made_nor_tomorrow(on):
    with pytest.raises(MoveRefused, match="Choisissez un jour"):
        post(LetterFactory(), on)


def test_a_letter_not_printed_or_cancelled_cannot_have_left():
    cancelled = LetterFactory()
    letters.cancel(cancelled, by=FtAdminFactory())
    for letter in [LetterFactory(waiting=True), cancelled]:
        with pytest.raises(MoveRefused, match="n’est pas prête"):
            post(letter, timezone.localdate())


def test_a_posted_letter_is_not_taken_back():
    with pytest.raises(MoveRefused, match="déjà postée"):
        letters.cancel(LetterFactory(posted=True), by=FtAdminFactory())


# --- Evidence -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{"html": "<p>autre</p>"}, {"addressee": ["ailleurs"]}, {"content": b"%PDF autre"}],
)
def test_the_database_keeps_a_letter_as_it_was_prepared(changes):
    letter = LetterFactory()

    with database_refuses("ne change plus"):
        Letter.objects.filter(pk=letter.pk).update(**changes)


def test_a_letter_is_not_deleted_and_a_cancelled_one_does_not_come_back():
    letter = LetterFactory()
    with database_refuses("ne s’efface pas"):
        Letter.objects.filter(pk=letter.pk).delete()
    letters.cancel(letter, by=FtAdminFactory())

    with database_refuses():
        Letter.objects.filter(pk=letter.pk).update(state="pret")


# --- The desk -------------------------------------------------------------------------


def test_the_queue_of_letters_to_post_holds_those_without_a_number(as_ft_admin):
    """U15: a posted one leaves it, a cancelled one too."""
    waiting = LetterFactory()
    LetterFactory(posted=True)
    letters.cancel(LetterFactory(), by=FtAdminFactory())

    desk = as_ft_admin.get(reverse("admin:index")).content.decode()
    page = as_ft_admin.get("/admin/accounts/letter/?envoi=a-poster").content.decode()

    assert "Lettres à poster" in desk
    assert page.count('class="field-number"') == 1
    assert waiting.number in page


def test_the_pdf_is_always_the_same_bytes_and_the_text_has_its_page(as_ft_admin):
    letter = LetterFactory()

    pdf = as_ft_admin.get(reverse("admin:accounts_letter_pdf", args=[letter.pk]))
    page = as_ft_admin.get(letter.get_absolute_url()).content.decode()

    assert pdf.content == b"%PDF-1.7 essai"
    assert pdf["Content-Type"] == "application/pdf"
    assert letter.html in page
    assert page.count("<h1") == 1
    assert AuditEntry.objects.filter(action="admin_read").count() == 2


@pytest.mark.parametrize(("trait", "status"), [("waiting", 202), ("failed", 409)])
def test_a_pdf_that_is_not_there_says_why(as_ft_admin, trait, status):
    letter = LetterFactory(**{trait: True})

    response = as_ft_admin.get(reverse("admin:accounts_letter_pdf", args=[letter.pk]))

    assert response.status_code == status
    assert letter.html in response.content.decode()


def test_a_letter_that_failed_is_printed_again(as_ft_admin):
    letter = LetterFactory(failed=True)

    as_ft_admin.post(action_url(letter, "relancer"))

    with print_now(letter) as pdf:
        assert len(pdf.pages) == 1


def test_the_letters_of_another_territory_do_not_exist(client):
    """S20, S27."""
    letter = LetterFactory(convention__agency=AgencyFactory(safir="69001"))
    sign_in(client, AgentFactory(agency=AgencyFactory(safir="38086")))

    for name in ["read", "pdf"]:
        url = reverse(f"admin:accounts_letter_{name}", args=[letter.pk])
        assert client.get(url).status_code == 404
