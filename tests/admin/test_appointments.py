"""Slots and convocations at the agency's desk."""

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.models import AuditEntry
from opus.lib.dates import date_format, holiday_name
from opus.lib.outbound import outbox
from referrals.appointments.models import Appointment, Slot
from referrals.documents.actions import make_document
from referrals.preselection.models import ScreenedReferral
from tests.accounts.factories import AgencyFactory, AgentFactory
from tests.admin.registers import action_url, list_url, record_url, text_of
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.closed_days import DAY, holiday_to_come, sunday_to_come
from tests.referrals.factories import AppointmentFactory, SlotFactory

pytestmark = pytest.mark.django_db

ADD = "admin:referrals_slot_add"


@pytest.fixture
def agency(db: None) -> Any:
    return AgencyFactory(safir="38086")


@pytest.fixture
def agent(agency: Any) -> Any:
    return AgentFactory(agency=agency)


@pytest.fixture
def desk(client: Client, agent: Any) -> Client:
    return sign_in(client, agent)


NINE = dt.time(9)


def monday() -> dt.date:
    """One to come, at least a week ahead, in a fortnight without holidays."""
    day = timezone.localdate() + dt.timedelta(days=7)
    day += dt.timedelta(days=-day.weekday() % 7)
    while any(holiday_name(day + dt.timedelta(days=n)) for n in range(14)):
        day += dt.timedelta(days=7)
    return day


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "agency": "38086",
        "day": monday().isoformat(),
        "hour": "09:00",
        "minutes": "30",
        "mode": "lieu",
        "where": "1 place de l’Emploi",
        "capacity": "1",
    } | changes


def days() -> list[dt.date]:
    slots = Slot.objects.order_by("at")
    return [timezone.localtime(slot.at).date() for slot in slots]


def hours() -> list[str]:
    slots = Slot.objects.order_by("at")
    return [f"{timezone.localtime(slot.at):%a %H:%M}" for slot in slots]


# --- Opening --------------------------------------------------------------------------


def test_one_slot_is_opened(desk: Client, agent: Any) -> None:
    """For one offer."""
    offer = OfferFactory(preselected=True)
    there = {"mode": "visio", "where": "https://a.example"}

    desk.post(reverse(ADD), typed(capacity="8", offer_number=offer.pk.lower(), **there))

    slot = Slot.objects.get()
    assert (slot.capacity, slot.mode, slot.opened_by) == (8, "visio", agent)
    assert slot.offer == offer
    assert timezone.localtime(slot.at).date() == monday()


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"hour": "08:45"},
        {"hour": "09:29", "minutes": "5"},
        {"hour": "08:00", "last_hour": "12:00", "every": "30"},
    ],
)
def test_one_place_is_not_opened_twice_at_one_hour(
    desk: Client, changes: dict[str, str]
) -> None:
    """Saved again, or beside; another place or hour is free."""
    desk.post(reverse(ADD), typed())

    refused = desk.post(reverse(ADD), typed(**changes))
    beside = [typed(where="2 place de l’Emploi"), typed(hour="09:30")]

    assert "Un créneau est déjà ouvert à ce lieu" in text_of(refused)
    for data in beside:
        assert desk.post(reverse(ADD), data).status_code == 302
    assert Slot.objects.count() == 3


def test_two_slots_of_one_place_and_hour_do_not_stand_in_the_database() -> None:
    """Whoever writes; a closed one leaves its hour."""
    slot = SlotFactory(minutes=60)
    beside = {"agency": slot.agency, "where": slot.where}
    SlotFactory(**beside, at=slot.ends_at)
    SlotFactory(**beside, at=slot.at, closed_at=timezone.now())

    SlotFactory(**beside, at=slot.at + dt.timedelta(minutes=59))

    with pytest.raises(IntegrityError, match="follow_each_other"), transaction.atomic():
        connection.check_constraints()
    Slot.objects.exclude(pk=slot.pk).delete()


def test_a_slot_moves_by_a_quarter_of_an_hour_and_not_onto_another(
    desk: Client,
) -> None:
    appointment = convened(in_slot=True)
    old, at = appointment.slot, timezone.make_aware(dt.datetime.combine(monday(), NINE))
    Slot.objects.filter(pk=old.pk).update(at=at)
    SlotFactory(agency=old.agency, where=old.where, at=at + dt.timedelta(hours=1))

    refused = desk.post(
        action_url(old, "deplacer"),
        new_hour(where=old.where, hour="09:45"),
        follow=True,
    )
    said = new_hour(where="Elle est enceinte", hour="09:15")
    read = desk.post(action_url(old, "deplacer"), said)
    assert read.context["form"].errors.keys() == {"where"}
    desk.post(action_url(old, "deplacer"), new_hour(where=old.where, hour="09:15"))

    assert "Un créneau est déjà ouvert à ce lieu" in text_of(refused)
    appointment.refresh_from_db()
    assert appointment.at == at + dt.timedelta(minutes=15)


def test_the_same_hour_on_several_days_is_one_gesture(desk: Client) -> None:
    """Friday to Tuesday: the week-end is left out; one line of the journal."""
    friday = monday() + dt.timedelta(days=4)
    last = friday + dt.timedelta(days=4)

    desk.post(reverse(ADD), typed(day=friday.isoformat(), last_day=last.isoformat()))

    assert hours() == ["Fri 09:00", "Mon 09:00", "Tue 09:00"]
    [entry] = AuditEntry.objects.filter(action="admin_added")
    assert entry.details["slots"] == 3


def test_one_after_another_between_two_hours(desk: Client) -> None:
    """The last one ends in time."""
    response = desk.post(
        reverse(ADD), typed(last_hour="11:00", every="45"), follow=True
    )

    assert hours() == ["Mon 09:00", "Mon 09:45", "Mon 10:30"]
    assert "3 créneaux ouverts" in text_of(response)


@pytest.mark.parametrize("before", [1, 0])
def test_a_series_leaves_holidays_out_and_says_so(desk: Client, before: int) -> None:
    """Also one that begins on a holiday: it begins the day after."""
    day = holiday_to_come()
    typed_days = {"day": f"{day - before * DAY}", "last_day": f"{day + DAY}"}

    response = desk.post(reverse(ADD), typed(**typed_days), follow=True)

    assert days() == [day - DAY, day + DAY][1 - before :]
    told = f"{date_format(day, 'l j F Y')} ({holiday_name(day)})"
    assert f"Jour férié laissé de côté : {told}." in plain(response)


@pytest.mark.parametrize(
    ("day", "told"),
    [(holiday_to_come(), "est un jour férié ("), (sunday_to_come(), "est un dimanche")],
)
def test_a_single_slot_on_a_closed_day_is_asked_twice(
    desk: Client, day: dt.date, told: str
) -> None:
    asked = desk.post(reverse(ADD), typed(day=f"{day}"))
    assert not Slot.objects.exists()
    desk.post(reverse(ADD), typed(day=f"{day}", even_closed="on"))

    assert told in text_of(asked)
    assert 'type="checkbox" name="even_closed"' in asked.text
    assert days() == [day]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"hour": "02:30"}, "Un rendez-vous se tient entre 7 h et 21 h"),
        ({"hour": "21:00"}, "Un rendez-vous se tient entre 7 h et 21 h"),
        ({"last_hour": "12:00", "every": "15"}, "C’est moins que la durée"),
        ({"minutes": "481"}, "480 au plus"),
        ({"minutes": "100000"}, "480 au plus"),
        ({"day": "2020-01-06"}, "Cette heure est passée"),
        ({"day": "2040-01-06"}, "Choisissez des dates dans l’année qui vient"),
        ({"offer_number": "000AAAA"}, "Aucune offre ouverte ne porte ce numéro"),
        ({"mode": "telephone"}, "écrivez le numéro entier"),
        ({"mode": "visio"}, "collez le lien entier"),
        ({"capacity": "0"}, "capacity"),
        ({"minutes": "1"}, "minutes"),
        (
            {"last_day": (monday() + dt.timedelta(days=60)).isoformat(), "every": "5",
             "minutes": "5", "last_hour": "18:00"},
            "200 au plus",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_opens_nothing(desk: Client, changes: Any, sentence: str) -> None:
    """At night, one before the other has ended, too long, past, of no offer."""
    response = desk.post(reverse(ADD), typed(**changes), follow=True)

    assert sentence in plain(response)
    assert not Slot.objects.exists()


def test_an_offer_of_another_agency_has_no_slot_here(desk: Client) -> None:
    other = OfferFactory(preselected=True, agency_safir="69001")

    response = desk.post(reverse(ADD), typed(offer_number=other.pk))

    assert "n’est pas de cette agence" in text_of(response)


def test_an_agent_opens_slots_of_his_own_agency_alone(desk: Client) -> None:
    """S27."""
    theirs = SlotFactory(agency=AgencyFactory(safir="69001"), where="Ailleurs")

    desk.post(reverse(ADD), typed(agency="69001"))

    assert Slot.objects.get() == theirs
    assert desk.get(record_url(theirs)).status_code in {302, 404}
    assert "69001" not in text_of(desk.get(list_url("referrals.slot")))
    assert desk.post(action_url(theirs, "fermer")).status_code == 404


# --- Changing -------------------------------------------------------------------------


def test_places_never_go_under_those_taken(desk: Client) -> None:
    """The trigger speaks; the page repeats it."""
    slot = SlotFactory(capacity=3)
    for _ in range(2):
        AppointmentFactory(slot=slot)

    response = desk.post(record_url(slot), {"capacity": "1"}, follow=True)
    desk.post(record_url(slot), {"capacity": "2", "where": "Ailleurs"})

    assert "plus de personnes que de places" in text_of(response)
    before = slot.where
    slot.refresh_from_db()
    assert (slot.capacity, slot.where) == (2, before)


def test_a_slot_that_nobody_took_is_closed(desk: Client) -> None:
    free, taken = SlotFactory(), AppointmentFactory(in_slot=True).slot

    desk.post(action_url(free, "fermer"))
    desk.post(action_url(taken, "fermer"))

    free.refresh_from_db()
    taken.refresh_from_db()
    assert (free.is_open, taken.is_open) == (False, True)
    assert "Fermer le créneau" not in text_of(desk.get(record_url(taken)))


def test_a_slots_sheet_names_nobody(desk: Client) -> None:
    """S24: whom it is for stands on the act's own sheet."""
    appointment = AppointmentFactory(in_slot=True, candidate__last_name="Zzcanari")

    page = text_of(desk.get(record_url(appointment.slot)))

    assert appointment.number in page
    assert "Zzcanari" not in page


# --- Convocations ---------------------------------------------------------------------


def test_an_agent_sees_those_on_his_agencys_offers(desk: Client) -> None:
    ours = AppointmentFactory()
    theirs = AppointmentFactory(offer__agency_safir="69001")

    page = text_of(desk.get(list_url("referrals.appointment")))

    assert ours.number in page
    assert theirs.number not in page
    assert desk.get(record_url(theirs)).status_code == 404
    assert desk.post(action_url(theirs, "annuler")).status_code == 404


def test_the_agency_confirms_a_date_that_it_did_not_open(desk: Client) -> None:
    appointment = AppointmentFactory()

    desk.post(action_url(appointment, "confirmer-le-rendez-vous"))

    appointment.refresh_from_db()
    assert not appointment.waits_for_agency
    page = text_of(desk.get(record_url(appointment)))
    assert "Date et lieu confirmés par l’agence" in page
    assert "Confirmer date et lieu" not in page


def test_from_the_appointment_to_the_shortlist(desk: Client, agent: Any) -> None:
    appointment = AppointmentFactory(past=True)

    asked = desk.post(action_url(appointment, "effectue"))
    assert 'id="erreurs"' in text_of(asked)
    desk.post(action_url(appointment, "effectue"), {"not_handed_because": "jour"})
    desk.post(action_url(appointment, "retenir"))

    referral = ScreenedReferral.objects.get()
    assert (referral.follows, referral.state) == (appointment, "preselection")
    assert referral.steps.get().by == agent


def test_what_article_3_2_refuses_is_told(desk: Client) -> None:
    appointment = AppointmentFactory(attended=True)
    withdraw(appointment.offer)

    response = desk.post(action_url(appointment, "retenir"), follow=True)

    assert "Rien n’est enregistré" in text_of(response)
    appointment.refresh_from_db()
    assert appointment.state == "effectuee"
    assert not ScreenedReferral.objects.exists()


def test_the_agency_calls_off_as_the_organiser(desk: Client) -> None:
    appointment = AppointmentFactory(in_slot=True)

    refused = desk.post(action_url(appointment, "annuler"), {"reason": "candidat"})
    desk.post(action_url(appointment, "annuler"), {"reason": "offre"})

    assert 'id="erreurs"' in text_of(refused)
    appointment.refresh_from_db()
    assert (appointment.state, appointment.reason) == ("annulee", "organisateur")
    assert appointment.slot in Slot.objects.open_for(appointment.offer)


def test_absent_then_not_kept_are_the_agencys_words_too(desk: Client) -> None:
    missed, came = AppointmentFactory(past=True), AppointmentFactory(attended=True)

    desk.post(action_url(missed, "absence"), {"absence": "non_excusee"})
    desk.post(action_url(came, "ne-pas-retenir"))

    states = dict(Appointment.objects.values_list("pk", "state"))
    assert (states[missed.pk], states[came.pk]) == ("absent", "non_retenu")


def test_the_piles_hold_what_waits_for_the_agency(desk: Client) -> None:
    last_week = timezone.now() - dt.timedelta(days=8)
    own_date, old = AppointmentFactory(), AppointmentFactory(at=last_week)
    AppointmentFactory(in_slot=True)
    AppointmentFactory(past=True)
    came = AppointmentFactory(attended=True)

    def pile(name: str) -> list[Any]:
        page = desk.get(list_url("referrals.appointment"), {"file": name})
        return list(page.context["cl"].result_list)

    assert pile("a-confirmer") == [own_date]
    assert pile("a-renseigner") == [old]
    assert pile("a-decider") == [came]


def test_the_adviser_is_written_to_and_nobody_is_named(desk: Client) -> None:
    """V17: what the agency said, a number and a date."""
    told = []
    for slug, data, traits in (
        ("confirmer-le-rendez-vous", {}, {}),
        ("annuler", {"reason": "offre"}, {}),
        ("retenir", {}, {"attended": True}),
        ("ne-pas-retenir", {}, {"attended": True}),
    ):
        appointment = AppointmentFactory(candidate__last_name="Zzcanari", **traits)
        desk.post(action_url(appointment, slug), data)
        outbox.relay()
        letter = mail.outbox[-1]
        assert letter.to == [appointment.adviser.email]
        assert appointment.number in letter.body
        assert "Zzcanari" not in letter.body + letter.subject
        told.append(letter.body)

    words = ("sont confirmés", "est annulé", "est retenue", "pas retenue")
    assert all(word in body for word, body in zip(words, told, strict=True))


# --- Moving ---------------------------------------------------------------------------


def convened(**traits: Any) -> Any:
    """With its document, as the action makes it."""
    appointment = AppointmentFactory(**traits)
    make_document(appointment, version=1)
    return appointment


def move_to(slot: Any, **changes: Any) -> dict[str, Any]:
    return {"choice": slot.pk, "because": "agence"} | changes


def plain(response: Any) -> str:
    """With ordinary spaces."""
    return text_of(response).replace("\xa0", " ")


def own_date(**changes: Any) -> dict[str, Any]:
    return {
        "choice": "libre",
        "day": f"{monday()}",
        "hour": "10:30",
        "minutes": "45",
        "mode": "lieu",
        "where": "Salle du conseil",
        "because": "employeur",
    } | changes


def letters() -> list[Any]:
    before = len(mail.outbox)
    outbox.relay()
    return mail.outbox[before:]


def test_the_agency_moves_an_appointment_to_another_slot(
    desk: Client, agent: Any
) -> None:
    """The place is free again, the old document void, a step tells why."""
    appointment = convened(in_slot=True, handed_over=True)
    old = appointment.slot
    slot = SlotFactory(where="2 rue Neuve")

    response = desk.post(
        action_url(appointment, "deplacer"), move_to(slot), follow=True
    )

    appointment.refresh_from_db()
    assert (appointment.state, appointment.slot, appointment.at) == (
        "modifiee",
        slot,
        slot.at,
    )
    assert old in Slot.objects.open_for(appointment.offer)
    before, after = appointment.documents.order_by("version")
    assert (before.is_void, after.is_void, after.version) == (True, False, 2)
    assert "2 rue Neuve" in after.html
    step = appointment.steps.latest("at")
    assert (step.by, step.note["moved_because"]) == (agent, "agence")
    told = text_of(response)
    assert "Le rendez-vous est déplacé" in told
    assert "l’agence n’est pas disponible" in told
    [entry] = AuditEntry.objects.filter(action="referral_moved")
    assert (entry.actor_id, entry.details["to"]) == (agent.pk, "modifiee")


def test_its_adviser_has_a_letter_with_the_event_for_his_agenda(desk: Client) -> None:
    """R8, V17: the same event, one version later; nobody is named."""
    appointment = convened(handed_over=True, candidate__last_name="Zzcanari")
    assert appointment.waits_for_agency

    desk.post(action_url(appointment, "deplacer"), own_date())

    # A date that the agency sets needs no agreement.
    appointment.refresh_from_db()
    assert (appointment.where, appointment.minutes) == ("Salle du conseil", 45)
    assert not appointment.waits_for_agency
    [letter] = letters()
    assert letter.to == [appointment.adviser.email]
    assert "a déplacé le rendez-vous" in letter.body
    assert date_format(monday(), "l j F Y") in letter.body
    [event] = [part for part in letter.attachments if part.mimetype == "text/calendar"]
    assert event.filename == f"{appointment.number}.ics"
    assert f"UID:{appointment.pk}\r\n" in event.content
    assert "SEQUENCE:1\r\n" in event.content
    assert "Zzcanari" not in letter.body + letter.subject + event.content


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"because": ""}, "Choisissez une réponse à « Motif »"),
        ({"where": ""}, "Écrivez où le candidat est attendu"),
        ({"day": "2020-01-06"}, "Cette date est passée"),
        ({"day": f"{sunday_to_come()}"}, "est un dimanche"),
        ({"mode": "visio"}, "collez le lien entier"),
    ],
)
def test_what_is_wrong_moves_nothing_and_loses_nothing(
    desk: Client, changes: Any, sentence: str
) -> None:
    appointment = convened(in_slot=True)
    data = own_date(**changes)

    response = desk.post(action_url(appointment, "deplacer"), data)

    assert sentence in plain(response)
    assert all(f'value="{data[name]}"' in response.text for name in ("day", "hour"))
    appointment.refresh_from_db()
    assert appointment.state == "planifiee"


@pytest.mark.parametrize("is_a_slot", [True, False])
def test_the_same_move_sent_twice_counts_once(desk: Client, is_a_slot: bool) -> None:
    """R10."""
    appointment = convened()
    data = move_to(SlotFactory()) if is_a_slot else own_date()

    desk.post(action_url(appointment, "deplacer"), data)
    again = desk.post(action_url(appointment, "deplacer"), data)

    assert "C’est déjà le rendez-vous de cette convocation" in text_of(again)
    assert appointment.steps.count() == 1
    assert len(letters()) == 1


def test_no_agent_moves_what_is_over_withdrawn_or_of_another_agency(
    desk: Client,
) -> None:
    """S27."""
    past, gone = convened(past=True), convened()
    theirs = convened(offer__agency_safir="69001")
    withdraw(gone.offer)

    for appointment in (past, gone):
        page = text_of(desk.get(record_url(appointment)))
        assert "Déplacer le rendez-vous" not in page
        desk.post(action_url(appointment, "deplacer"), own_date())
    answer = desk.post(action_url(theirs, "deplacer"), own_date())

    assert answer.status_code == 404
    assert not Appointment.objects.filter(state="modifiee").exists()


# --- A whole slot ---------------------------------------------------------------------


def new_hour(**changes: Any) -> dict[str, Any]:
    return {
        "day": f"{monday()}",
        "hour": "14:00",
        "mode": "lieu",
        "where": "Salle 2",
        "because": "fermeture",
    } | changes


def test_everybody_of_a_slot_follows_it(desk: Client, agent: Any) -> None:
    old = SlotFactory(capacity=5)
    people = [convened(slot=old, at=old.at) for _ in range(2)]

    response = desk.post(action_url(old, "deplacer"), new_hour(), follow=True)

    [new] = Slot.objects.exclude(pk=old.pk)
    assert (new.capacity, new.where, new.opened_by) == (5, "Salle 2", agent)
    assert {person.pk for person in people} == set(
        new.appointments.filter(act__state="modifiee", at=new.at).values_list(
            "pk", flat=True
        )
    )
    old.refresh_from_db()
    assert not old.is_open
    assert "2 convocations ont suivi" in text_of(response)
    assert len(letters()) == 2
    told = AuditEntry.objects.filter(action__in=["referral_moved", "admin_changed"])
    assert set(told.values_list("action", "target_id")) == {
        ("referral_moved", str(person.pk)) for person in people
    }


def test_who_cannot_follow_is_told_and_stops_nobody(desk: Client) -> None:
    """One offer was withdrawn: its convocation stays, and no place beside it."""
    old = SlotFactory(capacity=5)
    follows, stays = (convened(slot=old, at=old.at) for _ in range(2))
    withdraw(stays.offer)

    response = desk.post(action_url(old, "deplacer"), new_hour(), follow=True)

    follows.refresh_from_db()
    stays.refresh_from_db()
    old.refresh_from_db()
    assert (follows.slot == old, stays.slot == old) == (False, True)
    assert (old.is_open, old.capacity) == (True, 1)
    told = plain(response)
    assert "1 convocation a suivi" in told
    assert f"{stays.number} : France Travail a retiré l’offre" in told
    assert "Ce créneau reste ouvert" in told


def test_where_nobody_can_follow_no_slot_is_opened(desk: Client) -> None:
    appointment = convened(in_slot=True)
    withdraw(appointment.offer)

    response = desk.post(
        action_url(appointment.slot, "deplacer"), new_hour(), follow=True
    )

    assert "rien n’est changé" in text_of(response)
    assert Slot.objects.get() == appointment.slot


def test_a_slot_is_emptied_and_closed(desk: Client) -> None:
    slot = SlotFactory(capacity=5)
    people = [convened(slot=slot, at=slot.at) for _ in range(2)]

    refused = desk.post(action_url(slot, "annuler-et-fermer"), {"reason": "candidat"})
    desk.post(action_url(slot, "annuler-et-fermer"), {"reason": "offre"})

    assert 'id="erreurs"' in text_of(refused)
    slot.refresh_from_db()
    assert not slot.is_open
    states = Appointment.objects.filter(pk__in=[person.pk for person in people])
    assert set(states.values_list("state", "reason")) == {("annulee", "organisateur")}
    told = letters()
    assert len(told) == 2
    assert all(
        "STATUS:CANCELLED" in part.content
        for letter in told
        for part in letter.attachments
    )
