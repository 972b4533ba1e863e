"""A post of RGC without anybody: what stays open, who is told, the eight days (4.3)."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.agreements.models.conventions import ConventionState
from accounts.nominations import actions
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.nominations.tasks import warn_of_overdue_letters
from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
    staff_named,
)
from tests.accounts.journeys import another_browser
from tests.admin.registers import action_url, record_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

LEFT_ON = dt.date(2026, 10, 20)  # The clocks go back on the 25th.


def today():
    return timezone.localdate()


def at_noon(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def leave(nomination, by, ended_on=None, is_absence=False):
    actions.end_office(
        nomination, by=by, ended_on=ended_on or today(), is_absence=is_absence
    )


# --- The access ends, the accounts stay -----------------------------------------------


@pytest.mark.parametrize("how", ["leave", "absence", "withdraw"])
def test_an_rgcs_access_ends_with_his_office_within_one_request(client, how):
    """S14: two clients, the desk and the RGC's own."""
    rgc = RgcFactory()
    sign_in(client, rgc)
    desk = sign_in(another_browser(), FtAdminFactory())
    nomination = rgc.nominations.get()
    assert client.get(reverse("accounts")).status_code == 200

    day = today().isoformat()
    opinion = {"director": "site", "opinion": "favorable", "opinion_by": "X", "on": day}
    decision = {"decision_by": "Y", "reference": "DR-1", "reason": "comptes", "on": day}
    match how:
        case "leave":
            desk.post(action_url(nomination, "partir"), {"on": day})
        case "absence":
            desk.post(action_url(nomination, "absence"), {"on": day})
        case _:
            desk.post(action_url(nomination, "avis-retrait"), opinion)
            assert client.get(reverse("accounts")).status_code == 200
            desk.post(action_url(nomination, "retirer"), decision)

    assert client.get(reverse("accounts")).status_code == 403
    assert client.get("/").status_code == 403


def test_the_advisers_keep_working_and_nobody_opens_accounts(client):
    """4.3: creations are frozen."""
    rgc = RgcFactory()
    adviser = AdviserFactory(structure=rgc.structure)
    leave(rgc.nominations.get(), FtAdminFactory())
    form = {
        "last_name": "Durand",
        "first_name": "Zoé",
        "email": "zoe.durand@partenaire.example",
    }

    sign_in(client, adviser)
    assert client.get("/").status_code == 200
    for user in [rgc, adviser]:
        sign_in(client, user)
        assert client.post(reverse("account_add"), form).status_code == 403
    assert not User.objects.filter(last_name="Durand").exists()


def test_an_adviser_sees_whom_to_ask_meanwhile(client):
    rgc = RgcFactory(first_name="Nadia", last_name="Ferrand")
    sign_in(client, AdviserFactory(structure=rgc.structure))

    before = client.get(reverse("profile")).text
    leave(rgc.nominations.get(), FtAdminFactory())
    after = client.get(reverse("profile")).text

    assert "Nadia Ferrand" in before
    assert "Le poste est vacant" not in before
    assert "Le poste est vacant" in after
    assert "Mme Essai, agence d’essai" in after
    assert "Nadia Ferrand" not in after


# --- The account of who left ----------------------------------------------------------


def test_closing_the_account_is_offered_at_once_and_done_by_its_own_button(as_ft_admin):
    nomination = NominationFactory()
    person = nomination.person

    response = as_ft_admin.post(
        action_url(nomination, "partir"), {"on": today().isoformat()}
    )

    assert response.url == action_url(person, "fermer")
    person.refresh_from_db()
    assert person.state == UserState.ACTIVE
    assert response.url in as_ft_admin.get(record_url(nomination)).text
    as_ft_admin.post(response.url, {"reason": "depart"})
    person.refresh_from_db()
    assert person.state == UserState.CLOSED
    assert response.url not in as_ft_admin.get(record_url(nomination)).text


@pytest.mark.parametrize("state", [NominationState.IN_OFFICE, NominationState.ACCEPTED])
def test_the_account_of_who_is_rgc_is_not_offered_to_close(state):
    assert not actions.may_close_account(NominationFactory(state=state))


def test_the_account_stays_if_its_holder_is_rgc_of_the_next_convention():
    left = NominationFactory(state=NominationState.LEFT)
    following = ConventionFactory(structure=left.convention.structure, draft=True)
    NominationFactory(convention=following, person=left.person, state="accepte")

    assert not actions.may_close_account(left)


# --- The clock ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "is_overdue"), [(0, False), (7, False), (8, False), (9, True)]
)
def test_the_letter_is_due_within_eight_calendar_days(days, is_overdue):
    """4.3; the change of clock counts for a day like another."""
    nomination = NominationFactory(state=NominationState.LEFT, ended_on=LEFT_ON)

    with time_machine.travel(at_noon(LEFT_ON + dt.timedelta(days=days)), tick=False):
        found = list(Nomination.objects.letter_overdue())
        told = (nomination.days_vacant, nomination.is_letter_overdue)

    assert nomination.letter_due_on == dt.date(2026, 10, 28)
    assert told == (days, is_overdue)
    assert found == ([nomination] if is_overdue else [])


def test_a_letter_recorded_stops_the_clock(as_ft_admin):
    nomination = NominationFactory(
        state=NominationState.LEFT, ended_on=today() - dt.timedelta(days=20)
    )
    assert nomination.is_letter_overdue

    as_ft_admin.post(
        action_url(nomination, "lettre-vacance"),
        {"on": today().isoformat(), "reference": "TC-18"},
    )

    nomination.refresh_from_db()
    assert nomination.vacancy_letter_reference == "TC-18"
    assert not nomination.is_letter_overdue
    assert list(Nomination.objects.letter_overdue()) == []
    assert list(Nomination.objects.vacant()) == [nomination]


def test_a_vacancy_is_derived_from_who_is_in_office():
    """Of each post the last to have held it, while nobody does."""
    first = NominationFactory(state=NominationState.LEFT, ended_on=LEFT_ON)
    last = NominationFactory(
        convention=first.convention,
        state=NominationState.WITHDRAWN,
        ended_on=LEFT_ON + dt.timedelta(days=3),
    )
    over = NominationFactory(state=NominationState.LEFT, convention__over=True)
    never = NominationFactory(
        state=NominationState.WITHDRAWN, office_on=None, person=None
    )
    assert set(Nomination.objects.vacant()) == {last}

    successor = NominationFactory(
        convention=first.convention, state="accepte", is_validated=True
    )
    assert set(Nomination.objects.vacant()) == {last}
    successor.take_office(by=staff_named("fonction.ft"))

    assert set(Nomination.objects.vacant()) == set()
    assert over.convention.state == ConventionState.SIGNED
    assert never.convention.is_in_force()


@pytest.mark.parametrize(
    ("floor", "said"),
    [
        (None, "Cette date est à venir"),
        ("office_on", "la fin ne peut pas précéder"),
        ("proposed_on", "ne peut pas précéder la lettre de la structure"),
    ],
)
def test_an_office_does_not_end_on_any_day(as_ft_admin, floor, said):
    nomination = NominationFactory()
    one_day = dt.timedelta(days=1)
    day = getattr(nomination, floor) - one_day if floor else today() + one_day

    response = as_ft_admin.post(action_url(nomination, "partir"), {"on": day})

    assert said in response.text
    nomination.refresh_from_db()
    assert nomination.state == NominationState.IN_OFFICE


def test_neither_does_an_action_end_it_tomorrow():
    with pytest.raises(MoveRefused, match="à venir"):
        leave(NominationFactory(), FtAdminFactory(), today() + dt.timedelta(days=1))


# --- A departure that is known beforehand (4.3) ---------------------------------------


ENDS_ON = dt.date(2038, 3, 26)  # The clocks go forward on the 28th.


def announce(nomination, how="parti", on=ENDS_ON):
    actions.announce_end(nomination, by=FtAdminFactory(), how=how, on=on)


def last_minute(day):
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))


@pytest.mark.parametrize(
    ("how", "last_day"),
    [("parti", ENDS_ON), ("absent", ENDS_ON - dt.timedelta(days=1))],
)
def test_an_announced_end_closes_the_access_at_midnight_without_any_job(
    client, how, last_day
):
    """R12, S14: who leaves serves his last day; the absent does not serve his first."""
    rgc = RgcFactory()
    announce(rgc.nominations.get(), how)

    answers = []
    for moment in [last_minute(last_day), last_minute(last_day) + dt.timedelta(0, 1)]:
        with time_machine.travel(moment, tick=False):
            sign_in(client, rgc)
            answers.append(client.get(reverse("accounts")).status_code)

    assert answers == [200, 403]


def test_the_vacancy_is_derived_before_any_job_has_moved_the_state():
    nomination = NominationFactory()
    announce(nomination)

    with time_machine.travel(at_noon(ENDS_ON + dt.timedelta(days=9)), tick=False):
        assert set(Nomination.objects.vacant()) == {nomination}
        assert set(Nomination.objects.letter_overdue()) == {nomination}
        assert nomination.days_vacant == 9
        assert nomination.state == NominationState.IN_OFFICE


def test_the_job_moves_the_state_once_and_prepares_the_letter():
    """S37: Opus did it, by what somebody had announced."""
    nomination = NominationFactory()
    announce(nomination)

    with time_machine.travel(at_noon(ENDS_ON), tick=False):
        warn_of_overdue_letters()
        nomination.refresh_from_db()
        assert nomination.state == NominationState.IN_OFFICE
    with time_machine.travel(at_noon(ENDS_ON + dt.timedelta(days=1)), tick=False):
        warn_of_overdue_letters()
        warn_of_overdue_letters()

    nomination.refresh_from_db()
    assert (nomination.state, nomination.ended_on) == (NominationState.LEFT, ENDS_ON)
    assert nomination.steps.last().by is None
    letter = nomination.letters.get()
    assert (letter.kind, letter.made_by) == ("rgc_vacance", nomination.end_announced_by)
    told = AuditEntry.objects.filter(details__verb="leave").get()
    assert (told.actor, told.details["on"]) == ("", ENDS_ON.isoformat())


def test_a_successor_takes_office_the_next_day_though_no_job_has_run():
    earlier = NominationFactory()
    announce(earlier)
    successor = NominationFactory(
        convention=earlier.convention, state="accepte", is_validated=True
    )

    with time_machine.travel(at_noon(ENDS_ON + dt.timedelta(days=1)), tick=False):
        actions.put_in_office(successor, by=FtAdminFactory())

    earlier.refresh_from_db()
    successor.refresh_from_db()
    assert earlier.state == NominationState.LEFT
    assert successor.state == NominationState.IN_OFFICE


def test_an_end_is_announced_at_the_desk_and_shown_to_the_rgc(as_ft_admin):
    rgc = RgcFactory()
    nomination = rgc.nominations.get()
    on = today() + dt.timedelta(days=20)
    board = sign_in(another_browser(), rgc)

    past = as_ft_admin.post(
        action_url(nomination, "annoncer"), {"how": "parti", "on": today().isoformat()}
    )
    as_ft_admin.post(
        action_url(nomination, "annoncer"), {"how": "parti", "on": on.isoformat()}
    )
    sheet = as_ft_admin.get(record_url(nomination)).text
    shown = board.get(reverse("accounts")).text
    as_ft_admin.post(action_url(nomination, "rester"))

    assert "Choisissez un jour à venir" in past.text
    assert f"départ, le {date_format(on)}" in sheet
    assert "Votre fonction de RGC prend fin" in shown
    assert "Votre fonction de RGC prend fin" not in board.get(reverse("accounts")).text
    nomination.refresh_from_db()
    assert nomination.end_announced_on is None


@pytest.mark.parametrize("factory", [AgentFactory, RgcFactory])
def test_an_end_is_announced_by_an_administrator_alone(factory):
    """S23."""
    with pytest.raises(MoveRefused):
        actions.announce_end(NominationFactory(), by=factory(), how="parti", on=ENDS_ON)


# --- Who is told ----------------------------------------------------------------------


CORRESPONDENT = "correspondant@francetravail.example"


def test_the_correspondent_of_annexe_2_is_told_at_the_departure():
    nomination = NominationFactory()
    FtAdminFactory(agency=nomination.convention.agency)

    leave(nomination, FtAdminFactory())
    outbox.relay()

    [message] = mail.outbox
    assert message.to == [CORRESPONDENT]
    assert nomination.convention.number in message.body
    assert nomination.full_name not in message.body
    assert record_url(nomination) in message.body


def test_without_an_address_in_annexe_2_the_administrators_are_told():
    nomination = NominationFactory(convention__signed_ft_contact_email="")
    reader = FtAdminFactory(agency=nomination.convention.agency)
    FtAdminFactory(agency=AgencyFactory())

    leave(nomination, FtAdminFactory())
    outbox.relay()

    assert [message.to for message in mail.outbox] == [[reader.email]]


def test_they_are_told_once_when_the_eight_days_have_passed():
    nomination = NominationFactory()
    leave(nomination, FtAdminFactory())
    outbox.relay()
    sent = []
    for days in [8, 9, 10]:
        with time_machine.travel(timezone.now() + dt.timedelta(days=days)):
            warn_of_overdue_letters()
            outbox.relay()
        sent.append(len(mail.outbox))

    assert sent == [1, 2, 2]
    assert mail.outbox[1].to == [CORRESPONDENT]
    assert "non signalée" in mail.outbox[1].subject


@pytest.mark.parametrize("what", ["letter", "successor"])
def test_nobody_is_told_of_what_is_settled(what):
    nomination = NominationFactory(state=NominationState.LEFT)
    successor = NominationFactory(
        convention=nomination.convention, state="accepte", is_validated=True
    )
    warn_of_overdue_letters()
    if what == "letter":
        actions.tell_vacancy(
            nomination, by=FtAdminFactory(), letter_on=today(), reference="TC-18"
        )
    else:
        successor.take_office(by=staff_named("fonction.ft"))

    outbox.relay()

    assert mail.outbox == []


# --- The desk -------------------------------------------------------------------------


def test_the_desk_shows_the_days_and_marks_what_is_late(as_ft_admin):
    """U15."""
    late = NominationFactory(
        state=NominationState.ABSENT, ended_on=today() - dt.timedelta(days=12)
    )
    fresh = NominationFactory(
        state=NominationState.LEFT, ended_on=today() - dt.timedelta(days=3)
    )
    NominationFactory()

    desk = as_ft_admin.get(reverse("admin:index"))
    queues = {queue.label: queue for queue in desk.context["queues"]}
    queue, unreported = (
        queues[label]
        for label in ("Postes de RGC vacants", "Départs de RGC non signalés")
    )
    page = as_ft_admin.get(queue.url)

    assert (queue.value, unreported.value) == ("2", "1")
    assert [task.due.label for task in unreported.tasks] == ["En retard"]
    assert set(page.context["cl"].result_list) == {late, fresh}
    assert page.text.count('<strong class="late">') == 1
    assert "12 jours" in page.text
    overdue = as_ft_admin.get(unreported.url)
    assert list(overdue.context["cl"].result_list) == [late]


def test_a_post_that_was_never_filled_stands_in_the_conventions_queue(as_ft_admin):
    never = ConventionFactory()
    NominationFactory(state=NominationState.LEFT)

    desk = as_ft_admin.get(reverse("admin:index"))
    [queue] = [
        queue
        for queue in desk.context["queues"]
        if queue.label == "Conventions sans RGC"
    ]

    assert queue.value == "1"
    assert list(as_ft_admin.get(queue.url).context["cl"].result_list) == [never]


def test_the_story_of_a_post_is_read_on_the_conventions_sheet(as_ft_admin):
    first = NominationFactory(state=NominationState.LEFT, ended_on=dt.date(2026, 11, 2))
    NominationFactory(
        convention=first.convention,
        first_name="Anne",
        last_name="Tissot",
        state=NominationState.PROPOSED,
        person=None,
        email="anne.tissot@partenaire.example",
    )

    page = as_ft_admin.get(record_url(first.convention)).text

    assert "en fonction du 1er février 2024 au 2 novembre 2026 (parti)" in page
    assert first.full_name in page
    assert "Anne Tissot" in page
    assert first.person.role == Role.RGC
