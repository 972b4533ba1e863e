"""Sixty persons an hour, five exports a day, for each account (S25)."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.security import detection, personal_data_quotas
from accounts.security.models import Alert, Rule
from opus.lib.audit.journal import READS, Action
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.candidate_emails import actions
from referrals.candidate_emails.models import DocumentMail
from referrals.candidates.models import Candidate
from referrals.documents.models import EasyDocument, EasyForm
from tests.accounts.factories import FtAdminFactory, RgcFactory
from tests.accounts.journal import paris, somebody
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvFileFactory, CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    DocumentFactory,
    FavouriteFactory,
    ReferralFactory,
)
from tests.referrals.print_job_cases import make_job
from tests.referrals.screened import ScreenedReferralFactory
from tests.walk import addresses

pytestmark = pytest.mark.django_db

NOW = paris(2026, 11, 24, 10, 0)
LIMIT = settings.DETECTION.persons_an_hour
DAILY = settings.DETECTION.persons_a_day
MOST_EMPTY = settings.DETECTION.empty_look_ups


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def see(by: Any, count: int) -> None:
    """As many persons as a list of that length shows, none of them seen before."""
    personal_data_quotas.show(
        by, Action.PERSONS_LISTED, {somebody() for _ in range(count)}
    )


def send_letters() -> None:
    """What waits leaves now; PostgreSQL dated it by its own clock."""
    OutboxEntry.objects.update(next_attempt_at=NOW)
    outbox.relay()


def open_sheets(client: Client, candidates: list[Any]) -> list[int]:
    return [
        client.get(candidate.get_absolute_url()).status_code for candidate in candidates
    ]


def test_the_sixty_first_person_of_the_hour_is_refused(as_adviser, adviser):
    """S25, through the pages: 429, a line, an alert, a letter to the correspondent."""
    candidates = CandidateFactory.create_batch(LIMIT + 1, adviser=adviser)

    statuses = open_sheets(as_adviser, candidates)
    detection.watch()
    send_letters()

    assert statuses == [200] * LIMIT + [429]
    refusal = AuditEntry.objects.get(action=Action.CEILING_REACHED)
    assert (refusal.actor_id, refusal.persons, refusal.details) == (
        adviser.pk,
        0,
        {"ceiling": "persons"},
    )
    alert = Alert.objects.get(rule=Rule.PERSONS)
    assert (alert.account, alert.level) == (adviser, "grave")
    correspondent = adviser.structure.conventions.get().ft_contact_email
    # At half of the ceiling, then at the ceiling: both at once (S25).
    assert [letter.to for letter in mail.outbox] == [[correspondent]] * 2
    subjects = sorted(letter.subject for letter in mail.outbox)
    assert subjects == [
        "Opus : alerte, plafond de personnes atteint",
        "Opus : signal, beaucoup de personnes consultées",
    ]


def see_all_day(by: Any, count: int, clock: time_machine.Traveller) -> None:
    """As many persons, fifty an hour: never above the ceiling of the hour."""
    while count > 0:
        see(by, min(50, count))
        count -= 50
        clock.shift(dt.timedelta(hours=1, seconds=1))


def test_the_two_hundred_and_forty_first_person_of_the_day_is_refused(
    client, adviser, clock
):
    """S25: slowly, under the ceiling of the hour; open again as the first ones age."""
    see_all_day(adviser, DAILY, clock)
    candidate = CandidateFactory(adviser=adviser)
    sign_in(client, adviser)

    response = client.get(candidate.get_absolute_url())

    assert response.status_code == 429
    assert "Vous avez vu 240 personnes différentes en vingt-quatre" in response.text
    assert "à partir de 10 h 00, mercredi 25 novembre" in response.text
    refusal = AuditEntry.objects.get(action=Action.CEILING_REACHED)
    assert refusal.details == {"ceiling": "persons_day"}
    detection.watch()
    assert Alert.objects.get(rule=Rule.PERSONS_DAY).level == "grave"
    clock.move_to(NOW + dt.timedelta(days=1, seconds=1))
    sign_in(client, adviser)
    assert client.get(candidate.get_absolute_url()).status_code == 200


def test_whoever_was_seen_within_the_day_stays_open(client, adviser, clock):
    candidates = CandidateFactory.create_batch(4, adviser=adviser)
    sign_in(client, adviser)
    open_sheets(client, candidates[:3])
    see_all_day(adviser, DAILY - 3, clock)
    sign_in(client, adviser)

    assert open_sheets(client, candidates) == [200, 200, 200, 429]


def test_the_half_of_a_day_is_told_at_once(adviser, clock):
    """S25: 120 persons; to the correspondent and the RGC, without waiting."""
    rgc = RgcFactory(structure=adviser.structure)
    for _ in range(6):
        see(adviser, 20)
        clock.shift(dt.timedelta(minutes=59))
    see(adviser, 1)

    detection.watch()
    send_letters()

    alert = Alert.objects.get(rule=Rule.MANY_PERSONS_DAY)
    assert (alert.level, alert.peak) == ("signal", 121)
    told = {to for letter in mail.outbox for to in letter.to}
    assert rgc.email in told


# --- Exact look-ups -------------------------------------------------------------------


def look_for(client: Client, who: str, url: str = "/candidats/") -> Any:
    return client.post(url, {"who": who, "look_up": "1"})


@pytest.fixture
def _fifteen_found_nobody(as_adviser: Client) -> None:
    for n in range(MOST_EMPTY):
        assert look_for(as_adviser, f"Zoé Personne{n}").status_code == 200


@pytest.mark.usefixtures("_fifteen_found_nobody")
def test_after_fifteen_look_ups_for_nobody_no_other_is_answered(as_adviser, adviser):
    """S39: whether it would find somebody or not; what was typed is given back."""
    known = CandidateFactory(adviser=adviser, first_name="Zoé", last_name="Canari")

    responses = [look_for(as_adviser, who) for who in [str(known), "Zoé Zzinconnue"]]

    for response, who in zip(responses, [str(known), "Zoé Zzinconnue"], strict=True):
        assert response.status_code == 429
        assert response["Retry-After"] == "3600"
        assert "Vous avez cherché 15 fois en une heure" in response.text
        assert f'value="{who}"' in response.text
    assert responses[0].context["found"] is None
    refused = AuditEntry.objects.filter(action=Action.CEILING_REACHED)
    assert [entry.details for entry in refused] == [{"ceiling": "look_ups"}] * 2


@pytest.mark.usefixtures("_fifteen_found_nobody")
def test_every_page_with_a_look_up_stops_it(as_adviser):
    offer = OfferFactory()
    pages = [
        reverse("referral_start", args=[offer.pk]),
        reverse("favourite_keep", args=[offer.pk]),
        f"{reverse('bulk')}?offre={offer.pk}",
        f"{reverse('saved_search_for')}?q=macon",
    ]

    assert [look_for(as_adviser, "Zoé Zz", url).status_code for url in pages] == [
        429
    ] * len(pages)


@pytest.mark.usefixtures("_fifteen_found_nobody")
def test_an_hour_later_look_ups_are_answered_again(as_adviser, clock):
    clock.shift(dt.timedelta(hours=1))

    assert look_for(as_adviser, "Zoé Personne").status_code == 200


def test_look_ups_that_find_somebody_are_not_counted(as_adviser, adviser):
    known = CandidateFactory(adviser=adviser, first_name="Zoé", last_name="Canari")

    statuses = {look_for(as_adviser, str(known)).status_code for _ in range(20)}

    assert statuses == {200}


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_get_no_more_answers_than_one(adviser):
    assert race(adviser, 20, look_up_for_nobody) == MOST_EMPTY


# --- The refusal ----------------------------------------------------------------------


def test_the_refusal_says_until_when_and_what_to_do(as_adviser, adviser, clock):
    see(adviser, 1)
    clock.shift(dt.timedelta(minutes=20))
    see(adviser, LIMIT - 1)

    response = as_adviser.get(CandidateFactory(adviser=adviser).get_absolute_url())

    assert response.status_code == 429
    assert response["Retry-After"] == str(40 * 60)
    page = response.content.decode()
    assert "Vous avez vu 60 personnes différentes en une heure" in page
    assert "à partir de 11 h 00" in page
    assert "responsable de gestion des comptes (RGC)" in page


def test_once_the_delay_is_over_the_page_opens(as_adviser, adviser, clock):
    candidate = CandidateFactory(adviser=adviser)
    see(adviser, LIMIT)
    wait = as_adviser.get(candidate.get_absolute_url())["Retry-After"]
    clock.shift(dt.timedelta(seconds=int(wait) - 1))
    assert as_adviser.get(candidate.get_absolute_url()).status_code == 429

    clock.shift(dt.timedelta(seconds=1))

    assert as_adviser.get(candidate.get_absolute_url()).status_code == 200


def test_whoever_was_seen_within_the_hour_stays_open(as_adviser, adviser):
    """Different persons count: nobody is shut out of his work in the middle of it."""
    candidates = CandidateFactory.create_batch(LIMIT, adviser=adviser)
    open_sheets(as_adviser, candidates)

    assert open_sheets(as_adviser, candidates[:3]) == [200, 200, 200]


def test_another_account_has_its_own_count(as_adviser, adviser):
    see(FtAdminFactory(), LIMIT)

    assert open_sheets(as_adviser, [CandidateFactory(adviser=adviser)]) == [200]


def test_frances_travails_staff_has_the_same_ceiling(as_ft_admin, ft_admin):
    referral = ReferralFactory()
    see(ft_admin, LIMIT)

    url = reverse("admin:referrals_referral_change", args=[referral.pk])

    assert as_ft_admin.get(url).status_code == 429


# --- Every page that shows somebody ---------------------------------------------------

# They say no person's name, whatever their address: each with its reason.
NAMELESS = {
    "candidate_add": "an empty form; who is known already is told by the post",
    "document_large_progress": "how far the printing is, and no name",
    "document_plain_progress": "how far the printing is, and no name",
    "document_progress": "how far the printing is, and no name",
    "mailed_document": "it opens by a press, for whoever has the letter's link",
    "person_mail_stop": "whoever has the link learns nothing of anybody",
    "print_job_progress": "how far the printing is, and no name",
    "print_jobs": "days and numbers of sheets, and no name",
    "appointment_ics": "an hour and a number for an agenda, and no name",
}
# They count persons or acts and name none (V19); a file that names some is
# told to the journal as an export, which has its own ceiling.
COUNTS_ONLY = {
    "account_close",
    "account_confide",
    "account_hand_over",
    "caseload_confide",
    "caseload_transfer",
    "activity",
    "activity_export",
    "activity_pack",
    # What is typed there is told to nobody but its author.
    "candidate_import",
    "candidate_import_model",
    # A search for a person has her number, and no name.
    "alerts_stop",
    # One’s own e-mails, in *Mon compte*.
    "decision_emails",
    "saved_search",
    "saved_search_add",
    "saved_search_delete",
    "saved_search_edit",
    "saved_search_stop",
    "saved_searches",
}
PLAIN = """
home print_jobs candidates candidate_add referrals appointments screened_referrals
cv_requests favourites saved_search_for
"""
# They stay open, without their persons: the rest of them is nobody's data.
STRIPPED = {"home", "offer"}


@pytest.fixture
def canary(adviser: Any) -> Candidate:
    """Somebody whose every page has her name, with an act and its document."""
    candidate: Candidate = CandidateFactory(adviser=adviser, last_name="Zzcanari")
    return candidate


@pytest.fixture
def pages(adviser: Any, canary: Candidate) -> dict[str, str]:
    """Every address that could show the candidate, with her own numbers in it."""
    offer = OfferFactory()
    referral = ReferralFactory(candidate=canary, offer=offer)
    document = DocumentFactory(
        ready=True, act=referral, html="<p>Pour Karim Zzcanari</p>"
    )
    for form in EasyForm:
        EasyDocument.objects.create(
            document=document,
            form=form,
            state="pret",
            html=document.html,
            html_sha256=document.html_sha256,
            content=b"%PDF-1.7 essai",
            ready_at=timezone.now(),
        )
    appointment = AppointmentFactory(candidate=canary)
    screened = ScreenedReferralFactory(candidate=canary)
    delegated = OfferFactory(delegated_preselection=True)
    cv_request = CvFileFactory(
        cv_request=CvRequestFactory(candidate=canary, sent=True)
    ).cv_request
    preselected = OfferFactory(preselected=True)
    consent = actions.give_consent(
        canary, by=adviser, given_on=timezone.localdate(), way="ecrit"
    )
    job = make_job(adviser, [document], ready=True)
    preselection = OfferFactory(preselected=True)
    numbers: list[tuple[str, list[Any]]] = [
        ("candidate candidate_edit candidate_mails candidate_merge", [canary.pk]),
        ("candidate_offers candidate_documents person_search", [canary.pk]),
        ("print_job print_job_pdf print_job_progress", [job.pk]),
        ("cv_request cv_request_file", [cv_request.pk]),
        ("cv_request_start", [preselected.pk]),
        ("cv_request_confirm", [preselected.pk, canary.pk]),
        ("document document_pdf document_progress", [document.pk]),
        ("document_large document_large_pdf document_large_progress", [document.pk]),
        ("document_plain document_plain_pdf document_plain_progress", [document.pk]),
        ("referral", [referral.pk]),
        ("referral_start", [OfferFactory().pk]),
        ("referral_confirm", [OfferFactory().pk, canary.pk]),
        ("appointment appointment_ics", [appointment.pk]),
        ("appointment_start", [preselection.pk]),
        ("appointment_confirm", [OfferFactory(preselected=True).pk, canary.pk]),
        ("screened_referral", [screened.pk]),
        ("screened_referral_start", [delegated.pk]),
        ("screened_referral_confirm", [delegated.pk, canary.pk]),
        ("offer favourite_keep", [offer.pk]),
        ("bulk_done", [somebody()]),
        ("mailed_document", [DocumentMail.begin(document, consent, by=adviser).token]),
        ("person_mail_stop", [consent.stop_link.rstrip("/").rpartition("/")[2]]),
    ]
    arguments = {name: pks for names, pks in numbers for name in names.split()}
    FavouriteFactory(candidate=canary, offer=offer)
    plain = PLAIN.split()
    ticked = {
        "bulk": f"?offre={offer.pk}&personne={canary.pk}",
        "bulk_done": f"?paire={offer.pk}.{canary.pk.hex}",
    }
    return {
        name: reverse(name, args=arguments.get(name))
        + ticked.get(name, "")
        + ("?q=macon" if name in {"saved_search_for", "person_search"} else "")
        for name in [*plain, "bulk", *arguments]
    }


def test_the_walk_knows_every_page_of_persons(pages):
    """A new page of ``referrals`` must be tried here, or it fails the build."""
    read = {
        address.name
        for address in addresses()
        if not address.is_admin
        and address.view.__module__.startswith("referrals.")
        and address.name not in POSTS | BUTTONS
    }

    assert read - COUNTS_ONLY <= set(pages)


STEPS_OF_SCREENED = """
hand_over complete shortlist set_aside present interview outcome outcome_undo cancel
"""
STEPS = """
referral_hand_over referral_contact referral_interview referral_outcome
referral_outcome_undo referral_cancel appointment_hand_over appointment_change
appointment_attend appointment_miss appointment_date_accept appointment_date_decline
appointment_cancel cv_request_hand_over cv_request_relaunch cv_request_receive
cv_request_cancel document_again
"""
SCREENED_POSTS = {f"screened_{verb}" for verb in STEPS_OF_SCREENED.split()}
POSTS = SCREENED_POSTS | {*STEPS.split()}
# Without anything to correct: they always lead to a page that counts.
PRESSED = """
account_hand_over_stop account_take_back documents_hand_over candidate_mails_stop
caseload_take_back document_mail document_renew print_job_again print_job_cancel
favourite_remove
"""
BUTTONS = {*PRESSED.split()}
# Files are read by no test: what they are is told by who made them.
FILES = (
    "document_pdf document_large_pdf document_plain_pdf cv_request_file print_job_pdf"
)
PERSONS_FILES = {*FILES.split()}


def test_each_of_them_tells_whom_it_shows(as_adviser, canary, pages):
    """S38: a line with the person's number for every page that has her name."""
    for name, url in pages.items():
        before = AuditEntry.objects.count()
        content = as_adviser.get(url).content.decode("utf-8", "replace")
        seen = {
            pk
            for entry in AuditEntry.objects.order_by("pk")[before:]
            if entry.action in READS
            for pk in entry.person_ids
        }
        is_file = name in PERSONS_FILES
        shows = is_file or "Zzcanari" in content
        assert (canary.pk in seen) == shows, name


def test_above_the_ceiling_no_page_shows_anybody(as_adviser, adviser, canary, pages):
    """S25: the whole site; a page that counts nothing fails here."""
    see(adviser, LIMIT)

    for name, url in pages.items():
        response = as_adviser.get(url)
        content = response.content.decode("utf-8", "replace")
        assert "Zzcanari" not in content, name
        if name in STRIPPED:
            assert response.status_code == 200, name
            assert "60 personnes différentes" in content, name
        elif name not in NAMELESS:
            assert response.status_code == 429, name
    told = AuditEntry.objects.filter(action__in=READS, person_ids__contains=[canary.pk])
    assert not told.exists()


@each_case("name", sorted(POSTS - {"document_again"}))
def test_a_form_sent_back_with_its_faults_shows_somebody_too(
    as_adviser, adviser, canary, name
):
    """S25, S38: the page with what to correct is a page like another."""
    factory = AppointmentFactory if name.startswith("appointment") else ReferralFactory
    act = factory(candidate=canary, handed_over=True)
    if name.startswith("cv_request"):
        act = CvRequestFactory(candidate=canary, handed_over=True)
    if name in SCREENED_POSTS:
        act = ScreenedReferralFactory(candidate=canary, to_review=True)
    before = AuditEntry.objects.count()
    response = as_adviser.post(reverse(name, args=[act.pk]))
    told = [
        entry
        for entry in AuditEntry.objects.order_by("pk")[before:]
        if entry.person_ids == [canary.pk]
    ]
    if response.status_code == 200:
        assert [entry.action for entry in told] == [Action.PERSON_READ]


def test_homonyms_named_by_a_form_are_told(as_adviser, canary):
    """S38: « vous accompagnez déjà cette personne » shows her."""
    before = AuditEntry.objects.count()

    as_adviser.post(
        reverse("candidate_add"),
        {"first_name": canary.first_name, "last_name": canary.last_name},
    )

    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.action, entry.person_ids) == (Action.PERSONS_LISTED, [canary.pk])


# --- Exports --------------------------------------------------------------------------


def test_the_sixth_export_of_the_day_is_refused(ft_admin, clock):
    for _ in range(settings.DETECTION.exports_a_day):
        personal_data_quotas.export(ft_admin, "essai", {somebody()})
        clock.shift(dt.timedelta(hours=1))

    with pytest.raises(personal_data_quotas.CeilingReached) as refusal:
        personal_data_quotas.export(ft_admin, "essai", set())

    assert refusal.value.seconds == 19 * 3600
    assert "Vous avez fait 5 exports" in str(refusal.value)
    assert "10 h 00, mercredi 25 novembre" in str(refusal.value)
    assert AuditEntry.objects.latest("pk").details == {"ceiling": "exports"}


def test_the_persons_of_a_file_do_not_count_as_seen_on_a_page(ft_admin):
    personal_data_quotas.export(ft_admin, "essai", {somebody() for _ in range(LIMIT)})

    see(ft_admin, LIMIT)


# --- Threads, and Redis ---------------------------------------------------------------


def look_up_for_nobody(by: Any) -> None:
    personal_data_quotas.show(by, Action.PERSON_LOOKED_UP, (), found=0)


def race(
    by: Any, threads: int, step: Callable[[Any], None] = lambda by: see(by, 1)
) -> int:
    """So many threads ask for another person each, one below the ceiling.

    Returns:
        How many were let through.
    """
    see(by, LIMIT - 1)
    ready = threading.Barrier(threads)
    let_through = []

    def request_page() -> None:
        try:
            ready.wait(timeout=60)
            step(by)
            let_through.append(True)
        except personal_data_quotas.CeilingReached:
            pass
        finally:
            connection.close()

    people = [threading.Thread(target=request_page) for _ in range(threads)]
    for thread in people:
        thread.start()
    for thread in people:
        thread.join()
    return len(let_through)


@pytest.mark.django_db(transaction=True)
def test_twenty_threads_see_no_more_than_one(adviser):
    """S25: counted under lock, in the transaction that writes the line."""
    assert race(adviser, 20) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would(adviser, unlocked):
    """The control: the same race, the same count, no lock."""
    assert race(adviser, 20) > 1


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The count as a statement of its own, which waits for nobody."""
    meeting = threading.Barrier(20)

    def count_alone(by: Any, since: dt.datetime) -> dict[Any, dt.datetime]:
        seen = {
            pk: entry.at
            for entry in AuditEntry.objects.filter(actor_id=by.pk, at__gt=since)
            for pk in entry.person_ids
        }
        if len(seen) == LIMIT - 1:
            meeting.wait(timeout=60)  # Each has counted before anybody writes.
        return seen

    monkeypatch.setattr(personal_data_quotas, "lock_persons_seen", count_alone)


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_it_refuses_to_count(adviser):
    """The refusal's line would fall with it."""
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        see(adviser, 1)


def test_redis_away_changes_nothing(as_adviser, adviser, monkeypatch):
    """S25: nothing of it is asked, or the socket would be refused."""
    monkeypatch.setattr(settings, "REDIS_URL", "redis://localhost:1/0")
    see(adviser, LIMIT)

    assert open_sheets(as_adviser, [CandidateFactory(adviser=adviser)]) == [429]
