"""Convocations: appointment, place, change, what became of it."""

import datetime as dt
import functools
import re
import uuid
from contextlib import contextmanager

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from icalendar import Calendar

from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import next_working_day
from opus.lib.outbound import outbox
from referrals.acts.act_rights import ActKind
from referrals.acts.states import AppointmentState, CancelReason
from referrals.appointments import actions, jobs
from referrals.appointments.actions import SlotTaken, taking_a_place
from referrals.appointments.jobs import check_appointments
from referrals.appointments.models import Appointment, AppointmentDetails, Slot
from referrals.documents.actions import make_document
from referrals.documents.models import Document
from referrals.follow_up import actions as follow_up
from referrals.making.actions import make
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.cases import each_case
from tests.harness import in_parallel, walk_at_random
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.closed_days import holiday_to_come, sunday_to_come
from tests.referrals.factories import AppointmentFactory, CandidateFactory, SlotFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

PARIS = timezone.get_default_timezone()


@pytest.fixture
def offer(db):
    AgencyFactory(safir="38086")
    return OfferFactory(preselected=True)


def page_of(client, offer, candidate, **data):
    """Step 2, posted."""
    path = reverse("appointment_confirm", args=[offer.pk, candidate.pk])
    return client.post(path, {"key": str(uuid.uuid4()), **data})


def own_date(**changes):
    """A date of the adviser's own choice, as it is typed."""
    day = next_working_day(timezone.localdate() + dt.timedelta(days=4))
    return {
        "choice": "libre",
        "day": day.isoformat(),
        "hour": "09:30",
        "minutes": "45",
        "mode": "lieu",
        "where": "CCAS, 12 rue des Lilas",
    } | changes


def summon(candidate, offer, **details):
    """The act, past the form."""
    chosen = {"at": timezone.now() + dt.timedelta(days=3), "where": "CCAS", **details}
    return make(
        ActKind.APPOINTMENT,
        offer.pk,
        candidate.pk,
        by=candidate.adviser,
        key=uuid.uuid4(),
        **chosen,
    )


def book(slot, candidate, offer):
    with taking_a_place():
        return summon(
            candidate, offer, slot=slot, at=slot.at, mode=slot.mode, where=slot.where
        )


# --- Which slots ----------------------------------------------------------------------


def test_a_slot_is_open_to_the_offers_of_its_agency_or_to_one(offer):
    for_all = SlotFactory()
    for_it = SlotFactory(offer=offer)
    SlotFactory(offer=OfferFactory(preselected=True))
    SlotFactory(agency=AgencyFactory(safir="69001"))
    SlotFactory(closed_at=timezone.now())
    SlotFactory(at=timezone.now() - dt.timedelta(minutes=1))
    AppointmentFactory(slot=SlotFactory(), offer=offer)

    assert set(Slot.objects.open_for(offer)) == {for_all, for_it}


def test_a_slot_that_somebody_took_is_held_until_the_place_is_given_back(
    offer, candidate
):
    slot = SlotFactory()
    appointment = book(slot, candidate, offer)
    assert slot not in Slot.objects.open_for(offer)
    with pytest.raises(MoveRefused, match="déjà été pris"):
        slot.close()
    with pytest.raises(IntegrityError), transaction.atomic():
        Slot.objects.filter(pk=slot.pk).update(closed_at=timezone.now())

    actions.cancel(appointment, by=candidate.adviser)

    assert slot in Slot.objects.open_for(offer)


# --- Step 2 ---------------------------------------------------------------------------


def test_the_appointment_of_a_slot_is_that_of_the_act(as_adviser, offer, candidate):
    slot = SlotFactory(minutes=45, mode="telephone", where="04 65 71 00 09")

    response = page_of(as_adviser, offer, candidate, choice=slot.pk)

    appointment = Appointment.objects.get()
    assert response["Location"] == appointment.get_absolute_url()
    assert (appointment.slot, appointment.at, appointment.minutes) == (
        slot,
        slot.at,
        45,
    )
    assert (appointment.mode, appointment.where) == ("telephone", "04 65 71 00 09")
    assert not appointment.waits_for_agency
    assert "04 65 71 00 09" in appointment.documents.get().html


def test_a_date_of_ones_own_waits_for_the_agency(as_adviser, offer, candidate):
    page_of(as_adviser, offer, candidate, **own_date())

    appointment = Appointment.objects.get()
    at = timezone.localtime(appointment.at)
    assert (at.hour, at.minute, appointment.minutes) == (9, 30, 45)
    assert appointment.waits_for_agency
    page = as_adviser.get(appointment.get_absolute_url())
    assert "L’agence doit encore confirmer la date et le lieu" in page.text


def test_it_is_shown_before_it_is_made(as_adviser, offer, candidate):
    """Once a date is chosen."""
    path = reverse("appointment_confirm", args=[offer.pk, candidate.pk])
    assert "opus-paper" not in as_adviser.get(path).text

    response = page_of(
        as_adviser, offer, candidate, apercu="oui", **own_date(where="Mairie annexe")
    )

    assert "Le document que vous lui remettrez" in response.text
    assert 'class="opus-paper"' in response.text
    assert response.text.count("Mairie annexe") == 2  # On the sheet, in the field.
    assert not Appointment.objects.exists()


@each_case(
    ("typed", "sentence"),
    [
        ({"day": ""}, "Choisissez le jour du rendez-vous."),
        ({"hour": ""}, "Écrivez l’heure du rendez-vous"),
        ({"where": ""}, "Écrivez où le candidat est attendu"),
        ({"day": "2020-01-02"}, "Cette date est passée"),
        ({"day": "2040-01-02"}, "Choisissez une date dans l’année qui vient."),
        ({"minutes": "2"}, "\u00a0: 5 au moins"),
        ({"mode": "telephone"}, "écrivez le numéro entier"),
        ({"mode": "visio"}, "collez le lien entier"),
        ({"choice": ""}, "Choisissez un rendez-vous"),
        ({"choice": str(uuid.uuid4())}, "Ce créneau vient d’être pris"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_typed_is_lost(
    as_adviser, offer, candidate, typed, sentence
):
    SlotFactory()

    response = page_of(as_adviser, offer, candidate, **own_date(**typed))

    assert sentence in response.text
    kept = typed.get("where", "CCAS, 12 rue des Lilas")
    assert f'value="{kept}"' in response.text or not kept
    assert not Appointment.objects.exists()
    # A day like any other is not asked twice.
    assert "even_closed" not in response.text


def test_an_hour_of_the_night_is_refused(as_adviser, offer, candidate):
    """An hour that the clocks jump over, on 28 March 2038, is refused too."""
    typed = own_date(day="2038-03-28", hour="02:30")

    response = page_of(as_adviser, offer, candidate, **typed)

    assert "Un rendez-vous se tient entre 7\xa0h et 21\xa0h" in response.text


@pytest.mark.parametrize(
    ("day", "told"),
    [(holiday_to_come(), "est un jour férié ("), (sunday_to_come(), "est un dimanche")],
)
def test_a_date_when_everything_is_closed_is_asked_twice(
    as_adviser, offer, candidate, day, told
):
    """A warning, since the agency has the last word."""
    date = own_date(day=day.isoformat())
    asked = page_of(as_adviser, offer, candidate, **date)
    assert not Appointment.objects.exists()
    page_of(as_adviser, offer, candidate, even_closed="on", **date)

    assert told in asked.text
    assert 'type="checkbox" name="even_closed"' in asked.text
    assert timezone.localtime(Appointment.objects.get().at).date() == day


def test_the_last_place_taken_meanwhile_is_told_and_another_may_be_chosen(
    as_adviser, offer, candidate, monkeypatch
):
    """Between the form's look and the act: the database has the last word."""
    slot, other = SlotFactory(), SlotFactory()
    summon_first = lambda *_: book(slot, CandidateFactory(), offer)  # noqa: E731
    monkeypatch.setattr(
        "referrals.appointments.models.AppointmentQuerySet.missed",
        lambda self, *args: summon_first() and None,
    )

    response = page_of(as_adviser, offer, candidate, choice=slot.pk)

    assert response.status_code == 200
    assert "Ce créneau vient d’être pris" in response.text
    assert str(slot.pk) not in re.findall(r'value="([^"]+)"', response.text)
    assert str(other.pk) in response.text
    assert Appointment.objects.filter(candidate=candidate).count() == 0


def test_with_no_slot_left_the_page_still_leads_on(as_adviser, offer, candidate):
    slot = SlotFactory()
    book(slot, CandidateFactory(), offer)

    response = page_of(as_adviser, offer, candidate, choice=slot.pk)

    assert "Ce créneau vient d’être pris" in response.text
    assert '<input type="hidden" name="choice" value="libre">' in response.text


def test_the_same_form_sent_twice_makes_one_act_in_its_only_place(
    as_adviser, offer, candidate
):
    """R10: the second click finds the place taken, by the first."""
    slot, key = SlotFactory(), str(uuid.uuid4())

    answers = [
        page_of(as_adviser, offer, candidate, key=key, choice=slot.pk) for _ in range(2)
    ]

    appointment = Appointment.objects.get()
    assert {answer["Location"] for answer in answers} == {
        appointment.get_absolute_url()
    }


def test_an_offer_of_another_mode_has_no_convocation(as_adviser, candidate):
    """Art. 3.2; the refusal stands in the journal."""
    response = page_of(as_adviser, OfferFactory(), candidate, **own_date())

    assert response.status_code == 409
    assert "Réservé aux offres avec présélection" in response.text
    assert AuditEntry.objects.filter(action="referral_refused").count() == 1


# --- Places ---------------------------------------------------------------------------

HANDS = 20


def all_at_once(act):
    """How many were done, the others refused."""
    results = in_parallel(*(functools.partial(act, n) for n in range(HANDS)))
    return sum(not isinstance(one, MoveRefused) for one in results)


def twenty_on_the_last_place():
    """Nineteen too many, each with an offer of his own: the slot alone holds them."""
    slot = SlotFactory(capacity=2)
    AppointmentFactory(slot=slot)
    people = CandidateFactory.create_batch(HANDS)
    offers = OfferFactory.create_batch(HANDS, preselected=True)
    return slot, all_at_once(lambda n: book(slot, people[n], offers[n]))


@contextmanager
def no_trigger():
    table = "referrals_appointmentdetails"
    trigger = f"TRIGGER {table}_slot_has_room"
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE {trigger}")
    try:
        yield
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE {trigger}")


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_on_the_last_place_of_a_slot_make_one_more():
    """R9."""
    slot, done = twenty_on_the_last_place()

    assert done == 1
    assert slot.places_taken == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_they_overfill_it():
    """The control: the same race, nobody holds the slot."""
    with no_trigger():
        slot, done = twenty_on_the_last_place()

    assert done == HANDS
    assert slot.places_taken > slot.capacity


@pytest.mark.django_db(transaction=True)
def test_closing_a_slot_and_taking_it_do_not_both_succeed():
    """Twice ten hands on one slot: it ends taken, or closed."""
    slot, people = SlotFactory(), CandidateFactory.create_batch(HANDS)
    offers = OfferFactory.create_batch(HANDS, preselected=True)

    def close_or_take(n):
        if n % 2:
            Slot.objects.get(pk=slot.pk).close()
        else:
            book(slot, people[n], offers[n])

    done = all_at_once(close_or_take)

    slot.refresh_from_db()
    assert done == 1
    assert slot.is_open == (slot.places_taken == 1)


def test_a_slot_never_has_fewer_places_than_persons(offer):
    slot = SlotFactory(capacity=2)
    for _ in range(2):
        book(slot, CandidateFactory(), offer)

    with pytest.raises(IntegrityError, match="plus de personnes"), transaction.atomic():
        Slot.objects.filter(pk=slot.pk).update(capacity=1)


# --- Another appointment --------------------------------------------------------------


def test_a_change_makes_another_document_and_voids_the_old_one(
    as_adviser, offer, candidate
):
    """What was handed over is no longer good."""
    appointment = summon(candidate, offer)
    actions.confirm(appointment, by=AgentFactory())
    follow_up.hand_over(
        appointment, by=candidate.adviser, channel="main", on=timezone.localdate()
    )
    slot = SlotFactory(where="2 rue Neuve")

    as_adviser.post(
        reverse("appointment_change", args=[appointment.pk]), {"choice": slot.pk}
    )

    appointment.refresh_from_db()
    assert (appointment.state, appointment.slot) == (AppointmentState.CHANGED, slot)
    assert (appointment.handed_over_on, appointment.channel) == (None, "")
    _, old, new = appointment.documents.order_by("version")
    assert (old.is_void, new.is_void, new.version) == (True, False, 3)
    assert "2 rue Neuve" in new.html
    assert "Rendez-vous modifié" in as_adviser.get(appointment.get_absolute_url()).text


def test_it_may_be_changed_again_before_it_is_handed_over(offer, candidate):
    """The table has no such move: a step tells it, the document is another one."""
    appointment = summon(candidate, offer)
    for _ in range(3):
        actions.change(appointment, by=candidate.adviser, to=SlotFactory())

    assert appointment.state == AppointmentState.CHANGED
    versions = appointment.documents.order_by("version")
    assert [one.is_void for one in versions] == [True, True, True, False]
    assert appointment.steps.filter(target=AppointmentState.CHANGED).count() == 3
    # A date of his own waits for the agency anew.
    assert not appointment.waits_for_agency
    later = AppointmentDetails(at=timezone.now() + dt.timedelta(days=9), where="CCAS")
    actions.change(appointment, by=candidate.adviser, to=later)
    assert appointment.waits_for_agency


def test_a_change_sent_twice_counts_once(as_adviser, offer, candidate):
    appointment, slot = summon(candidate, offer), SlotFactory()
    path = reverse("appointment_change", args=[appointment.pk])

    for data in [{"choice": slot.pk}] * 2 + [own_date()] * 2:
        response = as_adviser.post(path, data)
        assert response["Location"] == appointment.get_absolute_url()

    assert appointment.documents.count() == 3


def test_a_change_to_a_place_just_taken_loses_nothing(as_adviser, offer, candidate):
    appointment, slot = summon(candidate, offer), SlotFactory()
    book(slot, CandidateFactory(), offer)

    response = as_adviser.post(
        reverse("appointment_change", args=[appointment.pk]), {"choice": slot.pk}
    )
    with pytest.raises(SlotTaken):
        actions.change(appointment, by=candidate.adviser, to=slot)

    assert "Ce créneau vient d’être pris" in response.text
    assert appointment.documents.get().void_at is None
    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.PLANNED


def test_an_appointment_past_or_on_a_withdrawn_offer_is_not_moved(offer, candidate):
    past = AppointmentFactory(past=True)
    with pytest.raises(MoveRefused, match="est passée"):
        actions.change(past, by=past.adviser, to=SlotFactory())
    appointment = summon(candidate, offer)
    withdraw(offer)

    with pytest.raises(MoveRefused, match="a retiré l’offre"):
        actions.change(appointment, by=candidate.adviser, to=SlotFactory())


# --- What became of it ----------------------------------------------------------------


def test_nobody_tells_of_an_appointment_to_come_and_who_gave_up_is_known(
    offer, candidate
):
    appointment = summon(candidate, offer)

    with pytest.raises(MoveRefused, match="pas encore eu lieu"):
        actions.miss(appointment, by=candidate.adviser, absence="excusee")
    actions.cancel(appointment, by=candidate.adviser, reason=CancelReason.CANDIDATE)
    assert (appointment.reason, appointment.ft_status) == ("candidat", "ANNULE")


def test_who_came_without_the_document_came_for_a_coded_reason(as_adviser, adviser):
    """Art. 7."""
    appointment = AppointmentFactory(past=True, candidate__adviser=adviser)
    path = reverse("appointment_attend", args=[appointment.pk])
    with pytest.raises(MoveRefused, match="art. 7"):
        actions.attend(appointment, by=adviser)

    refused = as_adviser.post(path)
    as_adviser.post(path, {"not_handed_because": "dit"})

    appointment.refresh_from_db()
    assert "Choisissez une réponse" in refused.text
    assert (appointment.state, appointment.reason) == ("effectuee", "dit")
    page = as_adviser.get(appointment.get_absolute_url()).text
    assert "prévenu de vive voix" in page


def test_an_absence_has_no_consequence_and_is_made_up_for(as_adviser, adviser):
    appointment = AppointmentFactory(past=True, candidate__adviser=adviser)
    before = len(mail.outbox)

    response = as_adviser.post(
        reverse("appointment_miss", args=[appointment.pk]),
        {"absence": "non_excusee"},
        follow=True,
    )
    assert "n’entraîne rien d’elle-même" in response.text
    page_of(as_adviser, appointment.offer, appointment.candidate, **own_date())

    outbox.relay()
    assert len(mail.outbox) == before
    again = Appointment.objects.exclude(pk=appointment.pk).get()
    assert again.follows == appointment
    assert again.number in as_adviser.get(appointment.get_absolute_url()).text
    assert appointment.number in as_adviser.get(again.get_absolute_url()).text


def test_an_adviser_calls_it_off_by_its_page(as_adviser, offer, candidate):
    appointment = summon(candidate, offer)

    as_adviser.post(reverse("appointment_cancel", args=[appointment.pk]))

    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.CANCELLED


# --- Kept -----------------------------------------------------------------------------


def test_an_application_that_is_kept_becomes_a_mise_en_contact(
    as_adviser, adviser, agent
):
    """Its page tells the number; the act itself: ``cv_requests``."""
    appointment = AppointmentFactory(attended=True, candidate__adviser=adviser)

    referral = actions.keep(appointment, by=agent)

    assert appointment.state == AppointmentState.KEPT
    assert AuditEntry.objects.filter(target_id=str(appointment.pk)).count() == 1
    assert referral.number in as_adviser.get(appointment.get_absolute_url()).text


# --- Pages ----------------------------------------------------------------------------


def test_the_list_goes_by_the_appointment_and_counts_each_pile(as_adviser, adviser):
    def one(**traits):
        return AppointmentFactory(candidate__adviser=adviser, **traits)

    in_days = lambda n: timezone.now() + dt.timedelta(days=n)  # noqa: E731
    late, soon = one(at=in_days(9)), one(at=in_days(1), handed_over=True)
    past, older = one(past=True), one(at=in_days(-4))
    absent, cancelled = one(absent=True, at=in_days(-8)), one(cancelled=True)
    AppointmentFactory()

    def listed(state=""):
        page = as_adviser.get(reverse("appointments"), {"etat": state})
        return list(page.context["page"])

    assert listed() == [soon, cancelled, late, past, older, absent]
    # The agency has not agreed to the date of the other one.
    assert listed("a-remettre") == []
    AppointmentDetails.objects.filter(act=late).update(confirmed_at=timezone.now())
    assert listed("a-remettre") == [late]
    assert listed("a-venir") == [soon, late]
    assert listed("a-renseigner") == [past, older]
    assert listed("passees") == [absent]
    assert listed("annulees") == [cancelled]
    page = as_adviser.get(reverse("appointments"))
    counts = [choice.count for choice in page.context["filter"].choices]
    assert counts == [6, 1, 0, 0, 2, 2, 1, 1]


def test_a_withdrawn_offer_does_not_call_the_appointment_off(as_adviser, adviser):
    """The page says so; somebody cancels it, or the offer comes back."""
    appointment = AppointmentFactory(candidate__adviser=adviser, handed_over=True)
    withdraw(appointment.offer)

    page = as_adviser.get(appointment.get_absolute_url()).text

    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.HANDED_OVER
    assert "L’offre est retirée, et le rendez-vous tient toujours" in page
    assert "Annuler la convocation" in page
    assert "Changer la date ou le lieu" not in page
    assert "attendez mon appel avant de vous déplacer" in page


def test_a_hand_over_is_still_recorded_after_the_hour(as_adviser, adviser):
    """Until the clock's job comes by: it had been handed over before."""
    appointment = AppointmentFactory(past=True, candidate__adviser=adviser)
    data = {"channel": "main", "on": timezone.localdate().isoformat()}

    as_adviser.post(reverse("appointment_hand_over", args=[appointment.pk]), data)
    as_adviser.post(reverse("appointment_attend", args=[appointment.pk]))

    appointment.refresh_from_db()
    assert (appointment.state, appointment.reason) == ("effectuee", "")


# --- The calendar file ----------------------------------------------------------------


def event_of(response):
    [event] = Calendar.from_ical(response.content).events
    return event


def test_the_appointment_goes_into_an_agenda(as_adviser, adviser):
    appointment = AppointmentFactory(
        candidate__adviser=adviser,
        candidate__last_name="Zzcanari",
        at=dt.datetime(2038, 7, 1, 9, 30, tzinfo=PARIS),
        where="Mairie; salle B, 1er étage \\ porte rouge, au bout du couloir à droite",
    )

    response = as_adviser.get(reverse("appointment_ics", args=[appointment.pk]))

    event = event_of(response)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert f"{appointment.number}.ics" in response["Content-Disposition"]
    assert "METHOD" not in response.text
    assert "DTSTART:20380701T073000Z" in response.text
    assert event["UID"] == str(appointment.pk)
    assert event["SEQUENCE"] == 0
    assert (event.start, event.end) == (appointment.at, appointment.ends_at)
    assert event["URL"].endswith(appointment.get_absolute_url())
    assert event["DESCRIPTION"] == f"Sur place\xa0: {appointment.where}"
    summary = f"Convocation n°\xa0{appointment.number}"
    assert (event["SUMMARY"], event["STATUS"]) == (
        f"{summary} (à confirmer)",
        "TENTATIVE",
    )
    assert event["LOCATION"] == appointment.where
    assert "Zzcanari" not in response.content.decode()

    make_document(appointment)
    actions.confirm(appointment, by=AgentFactory())
    event = event_of(as_adviser.get(reverse("appointment_ics", args=[appointment.pk])))
    assert (event["SUMMARY"], event["STATUS"]) == (summary, "CONFIRMED")
    assert event["SEQUENCE"] == 1


def test_an_unconfirmed_appointment_is_not_handed_over(as_adviser, offer, candidate):
    """Neither by the form nor by a list; the confirmation makes another version."""
    appointment = summon(candidate, offer)
    today = timezone.localdate()
    waiting = Document.objects.waiting_for_hand_over()

    page = as_adviser.get(appointment.get_absolute_url()).text
    assert "Marquer remis" not in page
    assert 'fr-btn" href="/documents/' not in page
    with pytest.raises(MoveRefused, match="n’a pas encore confirmé"):
        follow_up.hand_over(appointment, by=candidate.adviser, channel="main", on=today)
    assert list(waiting.all()) == []

    actions.confirm(appointment, by=AgentFactory())
    old, new = appointment.documents.order_by("version")
    assert "Rendez-vous à confirmer" in old.html
    assert "à confirmer" not in new.html
    assert (old.why_void, new.why_void) == ("Une nouvelle version le remplace.", "")
    assert list(waiting.all()) == [new]
    follow_up.hand_over(appointment, by=candidate.adviser, channel="main", on=today)


def test_no_appointment_is_after_the_end_of_the_convention(
    as_adviser, offer, candidate
):
    convention = candidate.structure.conventions.get()
    late = timezone.make_aware(
        dt.datetime.combine(convention.ends_on + dt.timedelta(days=1), dt.time(10))
    )

    with pytest.raises(MoveRefused, match="La convention de votre structure finit le"):
        actions.refuse_after_agreement(candidate.adviser, late)
    actions.refuse_after_agreement(candidate.adviser, late - dt.timedelta(days=1))


def test_a_change_is_a_later_word_about_the_same_event(as_adviser, offer, candidate):
    appointment = summon(candidate, offer)
    path = reverse("appointment_ics", args=[appointment.pk])
    before = event_of(as_adviser.get(path))
    actions.change(appointment, by=candidate.adviser, to=SlotFactory())
    changed = event_of(as_adviser.get(path))
    actions.cancel(appointment, by=candidate.adviser)
    cancelled = event_of(as_adviser.get(path))

    assert before["UID"] == changed["UID"] == cancelled["UID"]
    assert [one["SEQUENCE"] for one in (before, changed, cancelled)] == [0, 1, 2]
    assert cancelled["STATUS"] == "CANCELLED"


# --- The clock ------------------------------------------------------------------------


def run(at):
    """What the clock does at that instant; the letters that left."""
    before = len(mail.outbox)
    with time_machine.travel(at, tick=False):
        check_appointments()
        outbox.relay()
    return mail.outbox[before:]


def made(adviser, at, *, on, **traits):
    appointment = AppointmentFactory(candidate__adviser=adviser, at=at, **traits)
    Appointment.objects.filter(pk=appointment.pk).update(created_at=on)
    return appointment


def paris(month, day, hour=9, minute=0):
    return dt.datetime(2038, month, day, hour, minute, tzinfo=PARIS)


def test_an_appointment_whose_hour_has_passed_is_to_be_told_of(adviser):
    appointment = made(adviser, paris(3, 1), on=paris(2, 1), handed_over=True)

    run(paris(3, 1, 8, 59))
    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.HANDED_OVER
    run(paris(3, 1, 9, 0))

    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.TO_TELL
    assert appointment.steps.get(target=AppointmentState.TO_TELL).by is None
    entry = AuditEntry.objects.get(action="referral_moved")
    assert entry.actor_id is None


def test_the_adviser_is_told_two_days_before_and_once(adviser):
    wednesday = paris(3, 3, 16)
    first = made(adviser, wednesday, on=paris(2, 1), confirmed_at=paris(2, 1))
    made(adviser, paris(3, 3, 8), on=paris(2, 1), handed_over=True)
    made(adviser, paris(3, 3, 9), on=paris(2, 1))
    made(adviser, paris(3, 9), on=paris(2, 1))

    assert run(paris(2, 28, 23)) == []
    assert run(paris(3, 1, 6, 45)) == []
    [letter] = run(paris(3, 1, 7, 0))

    assert letter.to == [adviser.email]
    assert letter.subject.endswith("3 rendez-vous approchent")
    assert "Une convocation n’est pas encore remise" in letter.body
    assert "l’agence ne l’a pas encore confirmé" in letter.body
    assert first.number in letter.body
    assert first.candidate.last_name not in letter.body + letter.subject
    assert run(paris(3, 1, 7, 15)) == []
    assert run(paris(3, 2, 12)) == []


def test_who_made_it_this_day_is_not_told_of_it(adviser):
    made(adviser, paris(3, 3), on=paris(3, 2, 10))

    assert run(paris(3, 2, 10, 15)) == []
    assert len(run(paris(3, 3, 7))) == 1


def test_a_week_after_without_a_word_the_adviser_is_chased_once(adviser):
    appointment = made(adviser, paris(3, 3), on=paris(2, 1), handed_over=True)
    run(paris(3, 1, 7))

    assert run(paris(3, 10, 8, 59)) == []
    assert not Appointment.objects.long_without_status().exists()
    [letter] = run(paris(3, 10, 9))

    assert letter.subject.endswith("un rendez-vous à renseigner")
    assert "etat=a-renseigner" in letter.body
    assert run(paris(3, 10, 9, 15)) == run(paris(4, 10)) == []
    with time_machine.travel(paris(3, 10, 9)):
        assert list(Appointment.objects.long_without_status()) == [appointment]


HOURS_BEFORE = dt.timedelta(hours=3)


@pytest.mark.parametrize(
    "night",
    [dt.date(2038, 3, 28), dt.date(2038, 10, 31)],
    ids=["an hour less", "an hour more"],
)
def test_the_nights_when_the_clocks_change_shift_nothing(adviser, night):
    """Days are Paris's: the 25 or 23 hours of one are neither skipped nor doubled."""
    at = dt.datetime.combine(night, dt.time(3, 30), PARIS)
    appointment = made(adviser, at, on=paris(1, 1), handed_over=True)
    two_days_before = dt.datetime.combine(
        night - dt.timedelta(days=2), dt.time(7), PARIS
    )

    assert run(two_days_before - dt.timedelta(minutes=15)) == []
    assert len(run(two_days_before)) == 1
    # In UTC: sums of local hours would not see the clocks change.
    quarter, look = dt.timedelta(minutes=15), at.astimezone(dt.UTC) - HOURS_BEFORE
    while look < at.astimezone(dt.UTC) + HOURS_BEFORE:
        run(look)
        appointment.refresh_from_db()
        assert (appointment.state == AppointmentState.TO_TELL) == (look >= at)
        look += quarter


def test_what_was_told_meanwhile_is_left_alone(adviser):
    appointment = AppointmentFactory(past=True, candidate__adviser=adviser)
    actions.miss(appointment, by=adviser, absence="excusee")

    assert not jobs.be_past(appointment.pk)


# --- Any order ------------------------------------------------------------------------


class Life(RuleBasedStateMachine):
    """One convocation in a slot of one, everybody trying everything in any order."""

    def __init__(self):
        super().__init__()
        AgencyFactory(safir="38086")
        self.offer = OfferFactory(preselected=True)
        self.candidate = CandidateFactory()
        self.by = self.candidate.adviser
        self.agent = AgentFactory(agency=AgencyFactory(safir="38086"))
        self.slot = SlotFactory(at=timezone.now() + dt.timedelta(days=4))
        self.appointment = book(self.slot, self.candidate, self.offer)

    def attempt(self, act, **given):
        """As a page does: the row as it stands, and a refusal in words."""
        self.appointment = Appointment.objects.get(pk=self.appointment.pk)
        try:
            with transaction.atomic():
                act(self.appointment, **given)
        except MoveRefused:
            pass
        self.appointment = Appointment.objects.get(pk=self.appointment.pk)

    @rule()
    def hand_over(self):
        today = timezone.localdate()
        self.attempt(follow_up.hand_over, by=self.by, channel="main", on=today)

    @rule(days=st.integers(1, 9), in_slot=st.booleans())
    def change(self, days, in_slot):
        at = timezone.now() + dt.timedelta(days=days)
        wanted = (
            SlotFactory(at=at) if in_slot else AppointmentDetails(at=at, where="CCAS")
        )
        self.attempt(actions.change, by=self.by, to=wanted)

    @rule()
    def confirm(self):
        self.attempt(actions.confirm, by=self.agent)

    @rule()
    def pass_by(self):
        """Its hour comes."""
        ago = timezone.now() - dt.timedelta(minutes=1)
        AppointmentDetails.objects.filter(act=self.appointment).update(at=ago)

    @rule()
    def tick(self):
        jobs.close_past()
        self.appointment = Appointment.objects.get(pk=self.appointment.pk)

    @rule(why=st.sampled_from(["", "dit"]))
    def attend(self, why):
        self.attempt(actions.attend, by=self.by, not_handed_because=why)

    @rule()
    def miss(self):
        self.attempt(actions.miss, by=self.by, absence="excusee")

    @rule()
    def keep(self):
        self.attempt(actions.keep, by=self.agent)

    @rule()
    def refuse(self):
        self.attempt(actions.refuse, by=self.agent)

    @rule(reason=st.sampled_from(["", *CancelReason.values]))
    def cancel(self, reason):
        self.attempt(actions.cancel, by=self.by, reason=reason)

    @invariant()
    def its_documents_agree_with_it(self):
        good = self.appointment.documents.filter(void_at__isnull=True)
        is_cancelled = self.appointment.state == AppointmentState.CANCELLED
        assert good.count() == (0 if is_cancelled else 1)
        if not is_cancelled:
            last = self.appointment.documents.latest("version")
            assert good.get() == last

    @invariant()
    def no_slot_holds_more_than_its_places(self):
        assert all(slot.places_taken <= slot.capacity for slot in Slot.objects.all())

    @invariant()
    def what_is_kept_is_followed(self):
        is_kept = self.appointment.state == AppointmentState.KEPT
        followed = ScreenedReferral.objects.filter(follows=self.appointment)
        assert followed.exists() == is_kept

    @invariant()
    def its_steps_lead_to_where_it_stands(self):
        steps = list(self.appointment.steps.order_by("pk"))
        assert steps[-1].target == self.appointment.state
        for before, after in zip(steps, steps[1:], strict=False):
            assert after.origin == before.target


@pytest.mark.thorough
def test_no_order_of_gestures_breaks_a_convocation():
    """R11."""
    walk_at_random(Life, walks=8, steps=20)
