"""The outbox: what must leave Opus leaves once, and never before commit (R6, R8)."""

import datetime as dt
import smtplib
import threading

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from opus.lib.outbound.models import KeptMail, OutboxEntry
from opus.lib.outbound.outbox import Button, DemoMailBackend
from tests.accounts.factories import AdviserFactory, AgentFactory
from tests.admin.registers import action_url, list_url, text_of
from tests.conftest import sign_in, wait_until


@outbox.mail("trial")
def trial(*, number: int) -> mail.EmailMessage | None:
    """A letter of these tests: number 0 has nothing to say any more."""
    if number == 0:
        return None
    return outbox.compose_email(
        to="claire@partenaire.example",
        subject="Essai",
        template="emails/frame.txt",
        context={"paragraphs": f"L’essai n° {number}.", "button": None},
        button=Button("Ouvrir l’essai", outbox.link("/essai/")),
    )


@pytest.fixture
def breaks(monkeypatch):
    """A mail server that answers by an error for as long as the list has one."""
    errors = []

    def send(message, *args, **kwargs):
        if errors:
            raise errors.pop()
        return real(message, *args, **kwargs)

    real = mail.EmailMessage.send
    monkeypatch.setattr(mail.EmailMessage, "send", send)
    return errors


def test_a_letter_leaves_once_whatever_the_number_of_posts_and_relays():
    """R8."""
    trial.post(key="a", number=1)
    trial.post(key="a", number=1)
    outbox.relay()
    trial.post(key="a", number=1)
    outbox.relay()

    assert [message.subject for message in mail.outbox] == ["Opus : Essai"]
    assert OutboxEntry.objects.get().sent_at is not None
    trial.post(key="b", number=2)
    outbox.relay()
    assert len(mail.outbox) == 2


def test_what_is_undone_never_leaves():
    """R6: the row stands or falls with its cause."""
    with transaction.atomic():
        trial.post(key="a", number=1)
        transaction.set_rollback(True)
    outbox.relay()

    assert mail.outbox == []


def test_a_letter_that_has_nothing_to_say_any_more_is_dropped():
    trial.post(key="a", number=0)
    outbox.relay()

    entry = OutboxEntry.objects.get()
    assert mail.outbox == []
    assert (entry.dropped_at is not None, entry.sent_at) == (True, None)


def test_a_letter_reads_the_same_as_text_and_as_html():
    """A15: two versions, a language, a link that says where it leads."""
    trial.post(key="a", number=7)
    outbox.relay()

    message = mail.outbox[0]
    html = message.alternatives[0].content
    assert "L’essai n° 7." in message.body
    assert "Ouvrir l’essai :\nhttps://localhost/essai/" in message.body
    assert '<html lang="fr">' in html
    assert "L’essai n° 7." in html
    assert '<a href="https://localhost/essai/"><strong>Ouvrir l’essai' in html
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_a_letter_of_which_nobody_knows_if_it_left_keeps_its_message_id(breaks):
    """R8: killed between sending and writing it down, it is known as the same."""
    breaks.append(smtplib.SMTPServerDisconnected())
    trial.post(key="a", number=1)
    outbox.relay()
    entry = OutboxEntry.objects.get()
    with time_machine.travel(entry.next_attempt_at, tick=False):
        outbox.relay()

    assert mail.outbox[0].extra_headers["Message-ID"] == f"<{entry.pk}@localhost>"


def test_a_mail_server_that_refuses_is_asked_again_later_and_stops_nobody(breaks):
    trial.post(key="a", number=1)
    breaks.append(smtplib.SMTPDataError(451, b"later"))
    outbox.relay()
    trial.post(key="b", number=2)
    outbox.relay()

    waiting = OutboxEntry.objects.waiting().get()
    assert waiting.key == "a"
    assert (waiting.attempts, waiting.error) == (1, "SMTPDataError 451")
    assert waiting.next_attempt_at > timezone.now()
    assert len(mail.outbox) == 1

    with time_machine.travel(waiting.next_attempt_at, tick=False):
        outbox.relay()
    assert len(mail.outbox) == 2


def test_a_letter_that_cannot_leave_for_three_days_is_given_up(breaks):
    trial.post(key="a", number=1)
    breaks.extend([smtplib.SMTPServerDisconnected()] * 2)
    outbox.relay()
    with time_machine.travel(timezone.now() + dt.timedelta(days=3), tick=False):
        outbox.relay()
        outbox.relay()

    assert OutboxEntry.objects.get().given_up_at is not None
    assert mail.outbox == []


def test_a_row_holds_ids_and_never_an_address(django_assert_num_queries):
    """S34."""
    trial.post(key="a", number=1)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(o)::text FROM lib_outboxentry o")
        assert "partenaire.example" not in cursor.fetchone()[0]


def relay_together(monkeypatch) -> int:
    """Two relays, of which the second starts while the first is sending."""
    started, go_on = threading.Event(), threading.Event()
    real = mail.EmailMessage.send
    sent = []

    def send(message, *args, **kwargs):
        sent.append(message)
        if len(sent) == 1:
            started.set()
            go_on.wait(10)
        return real(message, *args, **kwargs)

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    first = threading.Thread(target=relay_and_close)
    first.start()
    assert started.wait(10)
    second = threading.Thread(target=relay_and_close)
    second.start()
    second.join(10)
    go_on.set()
    first.join(10)
    return len(sent)


def relay_and_close() -> None:
    outbox.relay()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_relays_send_a_letter_once(monkeypatch):
    """R6."""
    trial.post(key="a", number=1)

    assert relay_together(monkeypatch) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_relays_would_send_it_twice(monkeypatch):
    """The negative control of the test above."""
    trial.post(key="a", number=1)
    monkeypatch.setattr(
        "opus.lib.outbound.models.OutboxQuerySet.select_for_update",
        lambda rows, **options: rows,
    )

    assert relay_together(monkeypatch) == 2


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_post_wakes_a_real_worker(worker):
    """The worker knows no effect of these tests: it tries, and tells which error."""
    trial.post(key="a", number=1)

    wait_until(lambda: not OutboxEntry.objects.filter(attempts=0).exists())
    assert OutboxEntry.objects.get().error == "KeyError"


def test_a_demonstration_keeps_its_letters_and_shows_them(client, settings):
    settings.MAILERS = {
        "default": {"BACKEND": "opus.lib.outbound.outbox.DemoMailBackend"}
    }
    settings.DEMO = True
    assert "Aucun courriel" in client.get("/demo/courriels/").text
    trial.post(key="a", number=7)
    outbox.relay()

    page = client.get("/demo/courriels/").content.decode()

    assert mail.outbox == []
    assert "L’essai n° 7." in page
    assert '<a href="https://localhost/essai/"' in page


def test_only_the_last_letters_are_kept(monkeypatch):
    monkeypatch.setattr("opus.lib.outbound.outbox.KEPT_MAILS", 2)
    backend = DemoMailBackend()
    for number in range(4):
        backend.send_messages(
            [mail.EmailMessage(f"n° {number}", "…", to=["a@b.example"])]
        )

    assert [kept.subject for kept in KeptMail.objects.all()] == ["n° 3", "n° 2"]


pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(db):
    account = AdviserFactory()
    return OutboxEntry.objects.create(
        effect="backup-code-used",
        key="a",
        arguments={"account": account.pk},
        given_up_at=timezone.now(),
    )


def test_letters_and_notices_are_told_apart(as_ft_admin: Client, letter) -> None:
    OutboxEntry.objects.create(effect="act-moved", key="b")

    def shown(nature: str) -> set[str]:
        page = as_ft_admin.get(list_url("lib.outboxentry"), {"nature": nature})
        return {row.effect for row in page.context["cl"].result_list}

    assert shown("courriel") == {"backup-code-used"}
    assert shown("avis") == {"act-moved"}
    page = text_of(as_ft_admin.get(list_url("lib.outboxentry")))
    assert "courriels à envoyer" not in page.casefold()


def test_what_was_given_up_leaves_once_more(as_ft_admin: Client, letter) -> None:
    """R6: a dead letter is seen, and may be tried again."""
    as_ft_admin.post(action_url(letter, "relancer"))
    outbox.relay()

    letter.refresh_from_db()
    assert (letter.sent_at is not None, letter.given_up_at) == (True, None)
    assert mail.outbox[0].extra_headers["Message-ID"] == letter.message_id
    told = AuditEntry.objects.get(action=Action.EFFECT_RETRIED)
    assert told.target_id == str(letter.pk)


def test_what_waits_by_itself_is_not_pressed(as_ft_admin: Client, letter) -> None:
    OutboxEntry.objects.update(given_up_at=None, sent_at=timezone.now())

    as_ft_admin.post(action_url(letter, "relancer"))
    outbox.relay()

    assert mail.outbox == []
    assert not AuditEntry.objects.filter(
        action=Action.EFFECT_RETRIED, refused=""
    ).exists()


def test_an_agent_of_an_agency_sends_nothing_again(client: Client, letter) -> None:
    sign_in(client, AgentFactory())

    assert client.post(action_url(letter, "relancer")).status_code in {403, 404}
    assert OutboxEntry.objects.waiting().count() == 0
