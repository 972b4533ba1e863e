"""The pages of demandes de CV: asked in two steps, followed, its file sent and read."""

import datetime as dt
import uuid

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.security import personal_data_quotas
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from referrals.acts.states import CvRefusal, CvState
from referrals.cv_requests import actions, uploads
from referrals.cv_requests.forms import usual_due_day
from referrals.cv_requests.models import CvFile, CvRequest
from tests.accounts.factories import AgentFactory
from tests.accounts.journal import somebody
from tests.conftest import sign_in
from tests.lib.uploads.files import docx, odt, opening, pdf, script
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.cv_factories import (
    PDF,
    CvFileFactory,
    CvLetterFactory,
    CvRequestFactory,
    photo,
    upload,
)
from tests.referrals.documents.offer_events import write

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def today():
    return timezone.localdate()


@pytest.fixture
def offer():
    return OfferFactory(preselected=True)


def make(candidate, **traits):
    return CvRequestFactory(candidate=candidate, **traits)


def page_of(client, cv_request):
    return client.get(cv_request.get_absolute_url())


def send(client, cv_request, file):
    url = reverse("cv_request_receive", args=[cv_request.pk])
    return client.post(url, {"cv": file})


# --- Asking for it (U3) ---------------------------------------------------------------


def confirm_url(offer, candidate):
    return reverse("cv_request_confirm", args=[offer.pk, candidate.pk])


def test_a_cv_is_asked_for_in_two_steps(as_adviser, offer, candidate):
    start = as_adviser.get(reverse("cv_request_start", args=[offer.pk]))
    assert confirm_url(offer, candidate) in start.text
    check = as_adviser.get(confirm_url(offer, candidate))
    assert "Proposer à Karim Benali" in check.text
    assert "Confirmer la demande de CV" in check.text
    form = check.context["form"]
    assert f"{usual_due_day().day} " in check.context["preview"]
    assert "au plus tard le" in check.context["preview"]

    response = as_adviser.post(
        confirm_url(offer, candidate),
        {"key": form["key"].value(), "due_on": form["due_on"].value().isoformat()},
        follow=True,
    )

    cv_request = CvRequest.objects.get()
    assert response.redirect_chain == [(cv_request.get_absolute_url(), 302)]
    assert "la demande de CV est enregistrée" in response.text
    assert cv_request.due_on == usual_due_day()
    assert cv_request.number.startswith("DCV-")
    letter = cv_request.documents.get()
    assert letter.title == f"Demande de CV n°\u00a0{cv_request.number}"
    assert cv_request.number in letter.html


@pytest.mark.parametrize(
    ("made_on", "due_on"),
    [
        ("2026-11-24", "2026-12-01"),
        # Saturday, Sunday; the 1st of May and its weekend; Easter Monday.
        ("2026-11-28", "2026-12-07"),
        ("2026-11-29", "2026-12-07"),
        ("2026-04-24", "2026-05-04"),
        ("2026-03-30", "2026-04-07"),
    ],
)
def test_the_usual_day_is_worked(made_on, due_on, time_machine):
    time_machine.move_to(f"{made_on}T12:00:00Z")

    assert usual_due_day().isoformat() == due_on


@pytest.mark.parametrize(
    ("days", "is_taken"), [(-1, False), (0, False), (61, False), (1, True), (60, True)]
)
def test_a_due_day_is_tomorrow_at_least_and_in_sixty_days_at_most(
    as_adviser, offer, candidate, days, is_taken
):
    due_on = today() + days * DAY
    typed = {"key": uuid.uuid4(), "due_on": due_on.isoformat()}

    response = as_adviser.post(confirm_url(offer, candidate), typed)

    made = CvRequest.objects.values_list("due_on", flat=True)
    assert list(made) == [due_on] * is_taken
    assert is_taken or "Choisissez un jour entre demain" in response.text


def test_an_offer_without_preselection_asks_for_no_cv(as_adviser, candidate):
    """Article 3.2; what is near is proposed only where a CV may be asked for."""
    offer = OfferFactory()
    OfferFactory()

    response = as_adviser.get(confirm_url(offer, candidate))

    assert response.status_code == 409
    assert "Demande de CV impossible" in response.text
    assert f'href="{offer.get_absolute_url()}"' in response.text
    assert "Proposer celle-ci" not in response.text


# --- Its page -------------------------------------------------------------------------


def test_the_cv_is_sent_once_the_letter_was_handed_over(as_adviser, candidate):
    """Article 7: before, the page says so and has no field for it."""
    cv_request = CvLetterFactory(act=make(candidate), candidate=candidate).act
    before = page_of(as_adviser, cv_request)
    assert "Il se dépose ici une fois le document remis" in before.text
    assert 'type="file"' not in before.text

    as_adviser.post(
        reverse("cv_request_hand_over", args=[cv_request.pk]),
        {"channel": "main", "on": today().isoformat()},
    )
    page = page_of(as_adviser, cv_request)
    assert 'type="file"' in page.text
    response = send(as_adviser, cv_request, upload())

    assert response.status_code == 302
    cv_request.refresh_from_db()
    assert cv_request.state == CvState.SENT
    text = page_of(as_adviser, cv_request).text
    assert "Le CV est enregistré et transmis" in text
    assert "Télécharger le CV" in text
    assert 'type="file"' not in text


@pytest.mark.parametrize(
    ("content", "suffix"),
    [(PDF, "pdf"), (docx(), "docx"), (odt(), "odt")],
    ids=["pdf", "docx", "odt"],
)
def test_each_format_is_taken_in_and_given_back_as_it_came(
    as_adviser, candidate, content, suffix
):
    """S31, V17: to be kept by the browser, under the number of its act."""
    cv_request = make(candidate, handed_over=True)
    # Whatever its name says: its bytes tell.
    send(as_adviser, cv_request, upload(content, "Karim Benali.exe"))

    response = as_adviser.get(reverse("cv_request_file", args=[cv_request.pk]))

    assert response.content == content
    assert response["Content-Disposition"] == (
        f'attachment; filename="cv-{cv_request.number}.{suffix}"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == uploads.CONTENT_TYPES[suffix]
    assert "Benali" not in str(dict(response.headers))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (None, "Choisissez le fichier du CV"),
        (b"", "Ce fichier est vide"),
        (pdf(opening(script())), "Ce PDF contient un programme (JavaScript)"),
        (PDF + b"\0" * uploads.MAX_BYTES, "dépasse 2\u00a0Mo"),
    ],
)
def test_a_file_that_is_refused_says_why_and_nothing_is_lost(
    as_adviser, candidate, file, sentence
):
    cv_request = make(candidate, handed_over=True)

    url = reverse("cv_request_receive", args=[cv_request.pk])
    response = as_adviser.post(url, {"cv": upload(file)} if file is not None else {})

    assert response.status_code == 200
    assert sentence in response.text
    assert "Un point est à corriger" in response.text
    assert "Benali.pdf" not in response.text
    cv_request.refresh_from_db()
    assert cv_request.state == CvState.HANDED_OVER
    assert not CvFile.objects.exists()


def test_a_cv_that_no_antivirus_scanned_waits(as_adviser, candidate, settings):
    """S31: where there should be one, and it is away."""
    settings.CLAMD = "127.0.0.1:1"
    cv_request = make(candidate, handed_over=True)

    response = send(as_adviser, cv_request, upload())

    assert "Réessayez dans quelques minutes" in response.text
    assert not CvFile.objects.exists()
    settings.CLAMD = ""
    send(as_adviser, cv_request, upload())
    assert CvFile.objects.exists()
    send(as_adviser, cv_request, upload())
    cv_request.refresh_from_db()
    assert cv_request.state == CvState.SENT


@pytest.mark.parametrize("content", [PDF, photo()], ids=["pdf", "photo"])
def test_a_form_sent_twice_is_told_as_done(as_adviser, candidate, content):
    cv_request = make(candidate, handed_over=True)

    answers = [
        send(as_adviser, cv_request, upload(content)).status_code for _ in range(2)
    ]

    assert answers == [302, 302]
    file = CvFile.objects.get()
    assert file.format == "pdf"
    assert bytes(file.content).startswith(b"%PDF-")
    # Another file would else be told as sent, and be lost.
    response = send(as_adviser, cv_request, upload(docx()))
    assert response.status_code == 409
    assert "Un CV est déjà chez France Travail" in response.text


def test_a_file_sent_after_the_session_is_to_be_chosen_again(
    as_adviser, candidate, time_machine
):
    """The page that says so leads to the form again, not to a dead address."""
    cv_request = make(candidate, handed_over=True)
    page_of(as_adviser, cv_request)
    url = reverse("cv_request_receive", args=[cv_request.pk])
    time_machine.move_to(timezone.now() + dt.timedelta(minutes=61))

    ended = as_adviser.post(
        url, {"cv": upload(photo())}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert ended.status_code == 403
    assert "Le fichier que vous aviez joint sera à choisir" in ended.text
    assert f'action="{url}"' in ended.text
    sign_in(as_adviser, cv_request.adviser)
    again = as_adviser.post(url, {})
    assert "Choisissez le fichier du CV" in again.text
    assert 'type="file"' in again.text


def test_an_offer_without_preselection_any_more_reads_no_cv(as_adviser, candidate):
    """Neither the page nor the agency opens what the offer has lost."""
    cv_request = make(candidate, handed_over=True)
    sent = make(candidate, sent=True)
    for one in (cv_request, sent):
        write(one.offer, preselection=False, delegated=False)

    text = page_of(as_adviser, cv_request).text
    assert 'type="file"' not in text
    assert "Noter la relance" not in text
    assert "n’a plus de présélection" in send(as_adviser, cv_request, upload()).text
    with pytest.raises(MoveRefused, match="n’a plus de présélection"):
        actions.keep(sent, by=AgentFactory())
    sent.refresh_from_db()
    assert sent.state == CvState.SENT
    assert not CvFile.objects.exists()


def test_the_person_is_asked_again_as_often_as_needed(as_adviser, candidate):
    cv_request = make(candidate, handed_over=True)
    text = page_of(as_adviser, cv_request).text
    assert "Bonjour Karim Benali," in text
    assert "Opus ne l’envoie pas" in text

    for _ in range(2):
        as_adviser.post(reverse("cv_request_relaunch", args=[cv_request.pk]))

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.REMINDED
    assert page_of(as_adviser, cv_request).text.count("Candidat relancé") == 2


def test_a_cv_that_is_late_says_until_when_it_may_come(as_adviser, candidate):
    cv_request = make(candidate, reminded=True, due_on=today() - DAY)

    text = page_of(as_adviser, cv_request).text

    assert "CV en retard" in text
    assert "Je l’attendais pour le" in text


def test_one_that_was_closed_takes_a_late_cv_all_the_same(as_adviser, candidate):
    cv_request = make(candidate, without_cv=True, due_on=today() - 20 * DAY)
    assert "Close sans CV" in page_of(as_adviser, cv_request).text

    send(as_adviser, cv_request, upload())

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.SENT


def test_what_france_travail_answered_is_on_the_page(as_adviser, candidate):
    kept, refused = (
        CvFileFactory(cv_request=make(candidate, sent=True)).cv_request
        for _ in range(2)
    )
    follows = actions.keep(kept, by=AgentFactory())
    actions.refuse(refused, by=AgentFactory(), reason=CvRefusal.EXPERIENCE)

    told = page_of(as_adviser, kept).text
    assert "France Travail retient le CV" in told
    assert follows.number in told
    told = page_of(as_adviser, refused).text
    assert "France Travail ne retient pas le CV" in told
    assert "expérience insuffisante pour ce poste" in told


def test_a_request_is_called_off(as_adviser, candidate):
    cv_request = CvLetterFactory(act=make(candidate), candidate=candidate).act

    as_adviser.post(reverse("cv_request_cancel", args=[cv_request.pk]))

    cv_request.refresh_from_db()
    assert cv_request.state == CvState.CANCELLED
    assert cv_request.documents.get().is_void


def test_a_withdrawn_offer_says_whom_to_warn_and_takes_no_cv(as_adviser, candidate):
    """GDPR 5.1 c: nobody would read it; it may come once the offer is back."""
    cv_request = make(candidate, handed_over=True)
    withdraw(cv_request.offer)

    text = page_of(as_adviser, cv_request).text

    assert "France Travail a retiré l’offre" in text
    assert 'type="file"' not in text
    response = send(as_adviser, cv_request, upload())
    assert "a suspendu cette offre" in response.text
    assert not CvFile.objects.exists()
    withdraw(cv_request.offer, "active")
    assert 'type="file"' in page_of(as_adviser, cv_request).text


def test_an_erased_cv_is_not_there_any_more(as_adviser, candidate):
    cv_request = make(candidate, sent=True)
    CvFileFactory(cv_request=cv_request, content=None, purged_at=timezone.now())

    assert "Effacé le" in page_of(as_adviser, cv_request).text
    url = reverse("cv_request_file", args=[cv_request.pk])
    assert as_adviser.get(url).status_code == 404


# --- The list (U7) --------------------------------------------------------------------


def test_the_list_is_filtered_and_counted(as_adviser, candidate):
    rows = {
        "a-remettre": make(candidate),
        "attendus": make(candidate, handed_over=True),
        "en-retard": make(candidate, reminded=True, due_on=today() - DAY),
        "agence": make(candidate, sent=True),
        "closes": make(candidate, without_cv=True),
    }
    CvRequestFactory()

    def numbers(value):
        page = as_adviser.get(reverse("cv_requests"), {"etat": value})
        return {row.number for row in page.context["page"]}

    late = rows["en-retard"].number
    assert numbers("") == {row.number for row in rows.values()}
    assert numbers("nul-ne-le-propose") == numbers("")
    for value, row in rows.items():
        assert numbers(value) == {row.number} | (
            {late} if value == "attendus" else set()
        )
    choices = as_adviser.get(reverse("cv_requests")).context["filter"].choices
    assert [choice.count for choice in choices] == [5, 1, 0, 0, 2, 1, 1, 1]


# --- Whose it is (S20, S24) and who is told (S25, S38) --------------------------------


def test_above_the_ceiling_no_cv_leaves(as_adviser, adviser, candidate):
    """S25: it counts like any sight of a person."""
    file = CvFileFactory(cv_request=make(candidate, sent=True))
    most = settings.DETECTION.persons_an_hour
    personal_data_quotas.show(
        adviser, Action.PERSONS_LISTED, {somebody() for _ in range(most)}
    )

    response = as_adviser.get(reverse("cv_request_file", args=[file.cv_request.pk]))

    assert response.status_code == 429
    assert PDF not in response.content


def test_a_download_is_told_to_the_journal_and_no_name_stands_outside(
    as_adviser, candidate
):
    """V17: in no address, title or file name."""
    file = CvFileFactory(cv_request=make(candidate, sent=True))
    page = page_of(as_adviser, file.cv_request)
    as_adviser.get(reverse("cv_request_file", args=[file.cv_request.pk]))

    title = page.text.partition("<title>")[2].partition("</title>")[0]
    assert "Benali" not in title + file.filename + file.cv_request.get_absolute_url()
    assert file.cv_request.number in title
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.target_id) == (Action.DOCUMENT_READ, str(file.pk))
