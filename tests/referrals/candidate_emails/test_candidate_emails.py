"""E-mails to a person: consent, link, handing over once the letter left (ADR 12)."""

import datetime as dt
import smtplib

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from offers.enums import OfferState
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.acts.models import usual_channel
from referrals.appointments import actions as appointments_actions
from referrals.appointments import jobs
from referrals.appointments.models import Appointment, AppointmentDetails
from referrals.candidate_emails import actions as mails
from referrals.candidate_emails import emails
from referrals.candidate_emails.actions import give_consent, withdraw_consent
from referrals.candidate_emails.models import DocumentMail, MailConsent
from referrals.corrections.actions import change_candidate
from referrals.documents.actions import make_document
from referrals.follow_up import actions
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.opus.page import Page
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    ReferralFactory,
    SlotFactory,
)
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import IncidentFactory, PlannedWorkFactory

pytestmark = pytest.mark.django_db
# What no letter says: who she is, which offer, at whose place she is accompanied.
CANARIES = ("Zzprenom", "Zznom", "Zzmetier", "Zzpatron", "Zzstructure", "9988776Z")


@pytest.fixture
def candidate(adviser):
    candidate = CandidateFactory(
        adviser=adviser,
        first_name="Zzprenom",
        last_name="Zznom",
        ft_id="9988776Z",
        email="zz@messagerie.example",
    )
    consent(candidate)
    return candidate


def consent(candidate):
    return mails.give_consent(
        candidate, by=candidate.adviser, given_on=timezone.localdate(), way="personne"
    )


@pytest.fixture
def document(candidate):
    offer = OfferFactory(title="Zzmetier")
    return make_document(ReferralFactory(candidate=candidate, offer=offer))


@pytest.fixture
def appointment(candidate):
    slot = SlotFactory(at=timezone.now() + dt.timedelta(days=5))
    appointment = AppointmentFactory(
        candidate=candidate,
        offer__title="Zzmetier",
        slot=slot,
        at=slot.at,
        where=slot.where,
    )
    make_document(appointment)
    return appointment


def send(document):
    row = mails.mail_document(document, by=document.candidate.adviser)
    outbox.relay()
    row.refresh_from_db()
    return row


def link(row):
    return reverse("mailed_document", args=[row.token])


def whole(message):
    html = "".join(part.content for part in message.alternatives)
    files = "".join(str(file.content) for file in message.attachments)
    return "\n".join([message.subject, message.body, html, files])


class TestConsent:
    @pytest.mark.parametrize("lacks", ["accord", "adresse"])
    def test_without_consent_or_address_nothing_leaves_and_the_page_says_why(
        self, client, adviser, document, lacks
    ):
        if lacks == "accord":
            mails.withdraw_consent(document.candidate, by=adviser)
        else:
            type(document.candidate).objects.update(email="")
        sign_in(client, adviser)

        page = Page.of(client.get(document.act.get_absolute_url())).one("main").words()
        response = client.post(reverse("document_mail", args=[document.pk]))
        outbox.relay()

        said = {"accord": "n’a pas donné son accord", "adresse": "n’a pas d’adresse"}
        assert said[lacks] in page
        assert response.status_code == 409
        assert (mail.outbox, DocumentMail.objects.count()) == ([], 0)

    def test_with_it_the_document_leaves(self, client, adviser, document):
        sign_in(client, adviser)

        client.post(reverse("document_mail", args=[document.pk]))
        outbox.relay()

        assert (len(mail.outbox), DocumentMail.objects.count()) == (1, 1)

    def test_there_is_one_way_by_e_mail_at_a_time(self, client, adviser, document):
        """Opus's own where it may write; else what the adviser sent himself."""
        sign_in(client, adviser)
        act = document.act
        remise = reverse("referral_hand_over", args=[act.pk])
        today = timezone.localdate().isoformat()
        by_opus = {"channel": "opus", "on": today}

        page = client.get(act.get_absolute_url()).text
        assert "par courriel, envoyé par Opus" in page
        assert "depuis ma messagerie" not in page
        for _ in range(2):
            answer = client.post(remise, by_opus, follow=True)
            assert "Le courriel va partir" in answer.text
        outbox.relay()
        assert len(mail.outbox) == 1
        act.refresh_from_db()
        assert (act.state, act.channel) == ("remise", "courriel")

    def test_opus_sends_nothing_that_it_may_not(self, client, adviser, document):
        """A page opened before the consent was withdrawn loses nothing typed."""
        mails.withdraw_consent(document.candidate, by=adviser)
        sign_in(client, adviser)
        act = document.act
        remise = reverse("referral_hand_over", args=[act.pk])
        today = timezone.localdate().isoformat()

        answer = client.post(remise, {"channel": "opus", "on": today})

        assert "n’a pas donné son accord" in answer.text
        assert "envoyé par Opus" not in answer.text
        assert f'value="{today}"' in answer.text
        client.post(remise, {"channel": "courriel", "on": today})
        outbox.relay()
        act.refresh_from_db()
        assert (act.channel, mail.outbox) == ("courriel", [])

    def test_it_is_recorded_with_its_day_its_way_and_by_whom(self, client, adviser):
        candidate = CandidateFactory(adviser=adviser)
        sign_in(client, adviser)
        today = timezone.localdate()

        client.post(
            reverse("candidate_mails", args=[candidate.pk]),
            {"given_on": today.isoformat(), "way": "telephone"},
        )

        row = candidate.mail_consent
        assert (row.given_on, row.way, row.recorded_by) == (today, "telephone", adviser)
        told = AuditEntry.objects.get(action=Action.MAIL_CONSENT_GIVEN)
        assert told.target_id == str(candidate.pk)

    def test_a_day_to_come_is_refused_and_the_rest_is_kept(self, client, adviser):
        candidate = CandidateFactory(adviser=adviser)
        sign_in(client, adviser)
        day = timezone.localdate() + dt.timedelta(days=1)

        response = client.post(
            reverse("candidate_mails", args=[candidate.pk]),
            {"given_on": day.isoformat(), "way": "ecrit"},
        )

        page = Page.of(response)
        assert "n’est pas encore passée" in page.one("main").words()
        assert "checked" in page.one("input", value="ecrit").attrs
        assert candidate.mail_consent is None

    def test_two_at_once_are_one_and_what_was_recorded_is_never_rewritten(
        self, candidate
    ):
        """R10: the database holds it."""
        row = candidate.mail_consent
        with pytest.raises(MoveRefused):
            consent(candidate)
        assert candidate.mail_consents.count() == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            MailConsent.objects.filter(pk=row.pk).update(way="ecrit")
        mails.withdraw_consent(candidate, by=None)
        with pytest.raises(DatabaseError), transaction.atomic():
            MailConsent.objects.filter(pk=row.pk).update(withdrawn_at=None)


def fresh(document):
    return type(document).objects.get(pk=document.pk)


class TestLetter:
    @pytest.mark.parametrize(
        "factory", [ReferralFactory, ScreenedReferralFactory, CvRequestFactory]
    )
    def test_it_is_neutral_and_holds_a_link(self, candidate, factory):
        """V17, V18: for each kind of act."""
        type(candidate.structure).objects.update(
            name="CCAS Zzstructure", sender_name="Zzstructure"
        )
        act = factory(
            candidate=candidate, offer__title="Zzmetier", offer__company="Zzpatron"
        )
        row = send(make_document(act))

        (message,) = mail.outbox
        told = whole(message)
        assert [word for word in CANARIES if word in told] == []
        assert "CCAS" not in told
        assert message.to == ["zz@messagerie.example"]
        assert message.subject == "Opus : un document vous attend"
        assert act.number not in message.subject
        for word in (act.number, str(act.adviser), link(row)):
            assert word in told

    def test_it_is_text_and_html_and_says_how_to_stop(self, document):
        """A15, R8."""
        row = send(document)

        (message,) = mail.outbox
        assert '<html lang="fr">' in message.alternatives[0].content
        assert "/courriels/arreter/" in message.body
        assert "List-Unsubscribe" in message.extra_headers
        entry = OutboxEntry.objects.get(key=str(row.pk))
        assert message.extra_headers["Message-ID"] == entry.message_id

    def test_a_convocation_says_when_and_where_and_brings_its_calendar_file(
        self, appointment
    ):
        send(appointment.document)

        (message,) = mail.outbox
        told = whole(message)
        assert [word for word in CANARIES if word in told] == []
        assert message.subject == "Opus : votre rendez-vous"
        assert appointment.where in message.body
        (file,) = message.attachments
        assert file.filename == "rendez-vous.ics"
        assert "BEGIN:VEVENT" in file.content
        assert "/convocations/" not in told

    def test_the_outbox_knows_neither_address_nor_link(self, document):
        """S34: numbers, and of the link its hash alone."""
        row = send(document)

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT row_to_json(o)::text || row_to_json(m)::text"
                " FROM lib_outboxentry o, referrals_documentmail m"
            )
            (held,) = cursor.fetchone()
        assert "messagerie.example" not in held
        assert row.token not in held
        assert len(row.token) * 4 >= 128

    @pytest.mark.parametrize("what", ["consent", "offer"])
    def test_what_is_withdrawn_before_it_left_holds_it_back(
        self, adviser, document, what
    ):
        mails.mail_document(document, by=adviser)
        if what == "consent":
            mails.withdraw_consent(document.candidate, by=adviser)
        else:
            withdraw(document.act.offer)
        outbox.relay()

        assert [m for m in mail.outbox if "zz@" in m.to[0]] == []
        assert fresh(document).act.handed_over_on is None
        assert DocumentMail.objects.get().fate.startswith("non envoyé")

    def test_the_same_document_leaves_once_a_day(self, document):
        """R8."""
        send(document)

        with pytest.raises(MoveRefused):
            send(fresh(document))
        later = timezone.now() + dt.timedelta(hours=25)
        with time_machine.travel(later, tick=False):
            send(fresh(document))
        assert len(mail.outbox) == 2


class TestHandedOver:
    def test_it_is_written_down_once_the_letter_left(self, adviser, document):
        mails.mail_document(document, by=adviser)
        assert fresh(document).act.handed_over_on is None

        outbox.relay()

        act = fresh(document).act
        today = timezone.localdate()
        assert (act.channel, act.handed_over_on) == ("courriel", today)
        # Opus sent it: that is no way of the adviser's own.
        assert usual_channel(act.adviser) == "main"
        told = AuditEntry.objects.get(action=Action.REFERRAL_MOVED)
        assert (told.actor_id, told.target_id) == (adviser.pk, str(act.pk))

    def test_a_letter_that_cannot_leave_hands_nothing_over(
        self, client, adviser, document, monkeypatch
    ):
        def refuse(message, *args, **kwargs):
            raise smtplib.SMTPRecipientsRefused({})

        monkeypatch.setattr(mail.EmailMessage, "send", refuse)
        row = send(document)
        with time_machine.travel(timezone.now() + dt.timedelta(days=4), tick=False):
            outbox.relay()

        assert row.sent_at is None
        assert fresh(document).act.handed_over_on is None
        sign_in(client, adviser)
        page = Page.of(client.get(document.act.get_absolute_url())).one("main").words()
        assert "non parti" in page
        assert emails.why_no_email(fresh(document).act, document) == ""

    def test_killed_before_the_mark_it_leaves_again_as_the_same(
        self, adviser, document, monkeypatch
    ):
        """R6, R8: mark and handing over stand or fall together."""
        mails.mail_document(document, by=adviser)
        real = OutboxEntry.settle

        def killed(*args):
            monkeypatch.setattr(OutboxEntry, "settle", real)
            raise KeyboardInterrupt

        monkeypatch.setattr(OutboxEntry, "settle", killed)
        # The link is signed with its second: the two are of the same.
        with time_machine.travel(timezone.now(), tick=False):
            with pytest.raises(KeyboardInterrupt), transaction.atomic():
                outbox.relay()
            assert fresh(document).act.handed_over_on is None
            outbox.relay()

        one, other = mail.outbox
        assert one.body == other.body
        ids = {message.extra_headers["Message-ID"] for message in mail.outbox}
        assert len(ids) == 1
        assert fresh(document).act.channel == "courriel"

    def test_what_was_handed_over_meanwhile_stands(self, adviser, document):
        mails.mail_document(document, by=adviser)
        act = fresh(document).act
        actions.hand_over(act, by=adviser, channel="main", on=timezone.localdate())

        outbox.relay()

        assert fresh(document).act.channel == "main"
        assert DocumentMail.objects.get().sent_at is not None


class TestLink:
    def test_a_look_shows_nothing_and_a_press_shows_the_document(
        self, client, document
    ):
        """Scanners of mailboxes open links."""
        row = send(document)

        looked = client.get(link(row))
        opened = client.post(link(row))

        assert (looked.status_code, "Zznom" in looked.text) == (200, False)
        assert "Zzmetier" not in looked.text
        assert "Zzmetier" in opened.text
        for response in (looked, opened):
            assert response["Cache-Control"] == "no-store"
            assert response["X-Robots-Tag"].startswith("noindex")
        told = AuditEntry.objects.get(action=Action.DOCUMENT_READ)
        assert told.details == {"mail": str(row.pk)}

    def test_it_gives_the_same_pdf_as_the_advisers(self, client, document):
        """A13."""
        row = send(document)
        waiting = client.post(link(row), {"forme": "pdf"})
        type(document).objects.update(
            state="pret", content=b"%PDF-1.7 essai", ready_at=timezone.now()
        )
        ready = client.post(link(row), {"forme": "pdf"})

        assert "pas encore prêt" in waiting.text
        assert ready.content == b"%PDF-1.7 essai"
        assert "Zz" not in ready["Content-Disposition"]

    def test_it_opens_one_document_and_no_other(self, client, candidate, document):
        other = make_document(
            ReferralFactory(candidate=candidate, offer__title="Zzautremetier")
        )
        row = send(document)

        assert "Zzautremetier" not in client.post(link(row)).text
        path = reverse("mailed_document", args=[str(other.pk)])
        assert client.post(path).status_code == 410
        assert client.get(other.get_absolute_url()).status_code == 302

    def test_it_ends_after_fifteen_days(self, client, document):
        row = send(document)
        almost = row.expires_at - dt.timedelta(minutes=1)
        with time_machine.travel(almost, tick=False):
            assert client.post(link(row)).status_code == 200
        with time_machine.travel(row.expires_at, tick=False):
            response = client.post(link(row))
        assert (response.status_code, "Zz" in response.text) == (410, False)
        assert dt.timedelta(days=15) == settings.DOCUMENT_LINK_LASTS

    def test_consent_withdrawn_or_another_address_closes_it_at_once(
        self, client, adviser, document
    ):
        row, candidate = send(document), document.candidate
        mails.withdraw_consent(candidate, by=adviser)
        assert client.post(link(row)).status_code == 410
        consent(candidate)
        assert client.post(link(row)).status_code == 410
        with time_machine.travel(timezone.now() + dt.timedelta(days=2), tick=False):
            row = send(fresh(document))
            assert client.post(link(row)).status_code == 200
            change_candidate(candidate, by=adviser, email="autre@messagerie.example")
            assert client.post(link(row)).status_code == 410

    @pytest.mark.parametrize("how", ["withdrawn", "cancelled"])
    def test_a_void_document_shows_its_void_sheet(self, client, adviser, document, how):
        row = send(document)
        if how == "withdrawn":
            withdraw(document.act.offer)
        else:
            actions.cancel(fresh(document).act, by=adviser)

        for response in (client.get(link(row)), client.post(link(row))):
            assert response.status_code == 200
            assert "n’est plus valable" in response.text
            assert [word for word in CANARIES if word in response.text] == []

    def test_who_tries_many_links_is_made_to_wait(self, client, document, settings):
        """S6."""
        settings.DOCUMENT_LINKS_TRIED = 3
        row = send(document)
        statuses = [
            client.get(reverse("mailed_document", args=[f"{n:064x}"])).status_code
            for n in range(4)
        ]
        assert statuses == [410, 410, 410, 429]
        assert client.post(link(row)).status_code == 429


class TestStop:
    def test_a_person_stops_the_letters_by_one_press(self, client, document):
        row = send(document)
        (path,) = {
            word
            for word in mail.outbox[0].body.split()
            if "/courriels/arreter/" in word
        }
        path = path.removeprefix(settings.SITE_URL)

        looked = client.get(path)
        assert MailConsent.objects.live().exists()
        assert "Zz" not in looked.text
        client.post(path)

        assert not MailConsent.objects.live().exists()
        assert client.post(link(row)).status_code == 410
        told = AuditEntry.objects.get(action=Action.MAIL_CONSENT_WITHDRAWN)
        assert (told.actor_id, told.details) == (None, {"by": "person"})
        assert MailConsent.objects.get().withdrawn_by is None
        assert "Vous ne recevrez plus" in client.post(path).text

    def test_an_old_link_does_not_end_a_consent_given_since(
        self, client, adviser, candidate
    ):
        """GDPR 7: each link is about the consent of its own e-mail."""
        old = MailConsent.objects.get()
        withdraw_consent(candidate, by=adviser)
        give_consent(candidate, by=adviser, given_on=timezone.localdate(), way="ecrit")

        page = client.post(old.stop_link.removeprefix(settings.SITE_URL))

        assert candidate.mail_consent is not None
        assert "accepté de nouveau" in page.text

    def test_an_adviser_stops_them_too(self, client, adviser, candidate):
        sign_in(client, adviser)
        client.post(reverse("candidate_mails_stop", args=[candidate.pk]))

        assert MailConsent.objects.get().withdrawn_by == adviser

    def test_no_banner_of_opus_stands_on_a_persons_pages(self, client, document):
        """Art. 6: incidents and works are told to users; she can do nothing of them."""
        IncidentFactory(title="Zzincident")
        PlannedWorkFactory(title="Zztravaux", under_way=True)
        row = send(document)
        stop = reverse("person_mail_stop", args=["une:fausse:signature"])
        over = reverse("mailed_document", args=["0" * 64])

        pages = [
            client.get(link(row)),
            client.post(link(row)),
            client.get(stop),
            client.get(over),
        ]

        assert [page for page in pages if "Zzincident" in page.text] == []
        assert [page for page in pages if "Zztravaux" in page.text] == []
        assert "Zzincident" in client.get(reverse("login")).text
        # A link that is not ours stops nobody.
        assert client.post(stop).status_code == 410
        assert document.candidate.mail_consent is not None


def event_of(appointment):
    content = appointment.calendar_for_adviser()
    return Calendar.from_ical(content).events[0]


class TestAppointments:
    @pytest.fixture
    def handed_over(self, appointment):
        send(appointment.document)
        mail.outbox.clear()
        return Appointment.objects.get()

    def theirs(self):
        outbox.relay()
        return [message for message in mail.outbox if "zz@" in message.to[0]]

    def test_who_agreed_is_reminded_two_days_before_once(self, handed_over):
        morning = timezone.localtime(handed_over.at) - dt.timedelta(days=2)
        with time_machine.travel(morning.replace(hour=9), tick=False):
            jobs.remind_advisers()
            jobs.remind_advisers()
            (message,) = self.theirs()

        assert message.subject == "Opus : rappel de votre rendez-vous"
        assert handed_over.where in message.body
        assert [word for word in CANARIES if word in whole(message)] == []

    @pytest.mark.parametrize(
        "change", [{"hours_label": "10H/semaine"}, {"state": OfferState.SUSPENDED}]
    )
    def test_nobody_is_reminded_of_a_paper_that_is_void(self, handed_over, change):
        """Her adviser is, and reads that she was not; a mail asked before stays."""
        morning = timezone.localtime(handed_over.at) - dt.timedelta(days=2)
        with time_machine.travel(morning.replace(hour=9), tick=False):
            write(handed_over.offer, **change)
            assert jobs.remind_advisers() == 1
            assert self.theirs() == []
            [letter] = [one for one in mail.outbox if "zz@" not in one.to[0]]
            assert "Une convocation n’est plus valable" in letter.body
            assert "remettez-la avant" not in letter.body

            event = event_of(Appointment.objects.get())
            assert event["STATUS"] == "CANCELLED"

    def test_a_reminder_asked_before_its_offer_changed_does_not_leave(
        self, handed_over
    ):
        morning = timezone.localtime(handed_over.at) - dt.timedelta(days=2)
        with time_machine.travel(morning.replace(hour=9), tick=False):
            jobs.remind_advisers()
            write(handed_over.offer, hours_label="10H/semaine")
            assert self.theirs() == []

    def test_the_calendar_takes_back_what_is_good_again(self, handed_over):
        """Each file is newer than the one before (SEQUENCE)."""
        hours, found = handed_over.offer.hours_label, []
        for minutes, label in ((1, "10H/semaine"), (2, hours)):
            write(handed_over.offer, hours_label=label)
            later = timezone.now() + dt.timedelta(minutes=minutes)
            with time_machine.travel(later):
                found.append(event_of(Appointment.objects.get()))

        assert [one["STATUS"] for one in found] == ["CANCELLED", "CONFIRMED"]
        assert found[0]["SEQUENCE"] < found[1]["SEQUENCE"]

    def test_a_new_slot_is_told_with_its_document(self, client, handed_over, adviser):
        slot = SlotFactory(at=timezone.now() + dt.timedelta(days=7), where="Zzailleurs")
        appointments_actions.change(handed_over, by=adviser, to=slot)

        (message,) = self.theirs()

        assert message.subject == "Opus : votre rendez-vous a changé"
        assert "Zzailleurs" in message.body
        new = DocumentMail.objects.get(document__version=2)
        assert link(new) in message.body
        assert Appointment.objects.get().channel == "courriel"

    def test_a_date_that_waits_for_the_agency_takes_the_old_one_back(
        self, handed_over, adviser
    ):
        chosen = AppointmentDetails(
            at=timezone.now() + dt.timedelta(days=8),
            minutes=30,
            mode="lieu",
            where="Zzpeutetre",
        )
        appointments_actions.change(handed_over, by=adviser, to=chosen)

        (message,) = self.theirs()

        assert message.subject == "Opus : votre rendez-vous est annulé"
        assert "Une autre date vous sera donnée" in message.body
        assert "Zzpeutetre" not in whole(message)

    def test_a_cancellation_is_told(self, handed_over, adviser):
        appointments_actions.cancel(handed_over, by=adviser, reason="candidat")

        (message,) = self.theirs()

        assert "ne vous déplacez pas" in message.body
        assert [word for word in CANARIES if word in whole(message)] == []

    def test_a_convocation_that_waits_for_the_agency_is_not_mailed(
        self, candidate, adviser
    ):
        document = make_document(AppointmentFactory(candidate=candidate))
        with pytest.raises(MoveRefused, match="pas encore confirmé"):
            mails.mail_document(document, by=adviser)
