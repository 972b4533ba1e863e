"""The convocation on paper: what it says, all of it on one page (U4)."""

import datetime as dt

import pytest
import segno
from django.utils import timezone

from offers.page.documents import PAPER_STYLE
from opus.lib.background_files import page_of
from opus.lib.documents import pdf
from referrals.documents import documents
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.documents.test_documents import WORDY, document_of, told_by
from tests.referrals.factories import AppointmentFactory, SlotFactory

pytestmark = pytest.mark.django_db

PARIS = timezone.get_default_timezone()


@pytest.fixture
def appointment(adviser):
    return AppointmentFactory(
        candidate__adviser=adviser,
        candidate__first_name="Karim",
        candidate__last_name="Benali",
        at=dt.datetime(2027, 7, 1, 9, 30, tzinfo=PARIS),
        where="2 rue Neuve, 38080 L’Isle-d’Abeau",
    )


def test_it_says_when_where_what_to_bring_and_whom_to_call(appointment):
    text = told_by(appointment)

    assert [
        fact
        for fact in [
            "Karim Benali",
            "12 rue des Lilas",
            appointment.number,
            "Jour proposé jeudi 1er juillet 2027",
            "Heure 9 h 30",
            "Durée : 30 minutes.",
            "Sur place",
            "2 rue Neuve, 38080 L’Isle-d’Abeau",
            "Pour parler de cet emploi",
            "Apportez une pièce d’identité votre CV cette convocation",
            f"Appelez {appointment.adviser.get_full_name()} au "
            f"{appointment.adviser.phone}",
            "on change le rendez-vous. N’écrivez pas à l’employeur.",
            f"À l’accueil, donnez le n° {appointment.offer.pk} .",
            "délégué à la protection des données",
        ]
        if fact not in text
    ] == []


@pytest.mark.parametrize(
    ("mode", "where", "heading", "advice"),
    [
        ("telephone", "04 65 71 00 09", "Numéro appelé", "Gardez ce numéro libre"),
        ("visio", "https://visio.example/a", "Lien", "Ouvrez le lien cinq minutes"),
    ],
)
def test_it_speaks_of_its_form(appointment, mode, where, heading, advice):
    appointment.details.mode, appointment.details.where = mode, where
    text = told_by(appointment)

    assert f"{heading} {where}" in text
    assert advice in text
    assert "Apportez" not in text


def test_several_persons_know_that_they_are_several(appointment):
    appointment.details.slot = SlotFactory(capacity=8)

    assert "30 minutes, à plusieurs" in told_by(appointment)


@pytest.mark.parametrize("changes", [{}, WORDY], ids=["usual", "wordy"])
@pytest.mark.parametrize(
    "where", ["CCAS", "W" * 200, "https://visio.example/" + "a" * 170]
)
def test_every_convocation_holds_on_one_page(appointment, changes, where):
    """U4: whatever the place; whatever the offer: documents/test_gallery.py."""
    appointment.offer = OfferFactory(preselected=True, **changes)
    appointment.details.where = where
    document = document_of(appointment)

    _, pages = pdf.print_pdf(page_of(document, document.title), PAPER_STYLE)

    assert pages == 1


def test_what_a_place_takes_of_the_page_is_taken_from_the_offers_text(appointment):
    appointment.offer = OfferFactory(**WORDY)

    appointment.details.where = "CCAS"
    short = told_by(appointment)
    appointment.details.where = "W" * 200
    long = told_by(appointment)

    assert long.count("Nord-Isère") < short.count("Nord-Isère")


def test_a_link_is_never_cut(appointment):
    """Half a link leads nowhere."""
    appointment.details.mode = "visio"
    appointment.details.where = "https://visio.example/" + "aB3-" * 44

    assert appointment.where in documents.body_of(appointment)
    assert appointment.where in documents.plain_body_of(appointment)


def test_a_confirmed_appointment_has_a_code_for_the_telephones_calendar(appointment):
    """V17: day, hour and place, without person, job nor link."""
    assert "<svg" not in documents.body_of(appointment)
    appointment.details.confirmed_at = timezone.now()
    event = "BEGIN:VEVENT\r\nSUMMARY:France Travail\r\nDTSTART:20270701T073000Z\r\n"
    place = "LOCATION:2 rue Neuve\\, 38080 L’Isle-d’Abeau\r\n"
    assert path_of(f"{event}{place}END:VEVENT\r\n") in documents.body_of(appointment)

    appointment.details.mode, appointment.details.where = (
        "visio",
        "https://visio.example/aB3",
    )
    assert path_of(f"{event}END:VEVENT\r\n") in documents.body_of(appointment)


def path_of(text):
    code = segno.make(text, error="l", micro=False)
    return code.svg_inline(scale=2, border=0, omitsize=True).partition("<path")[2]
