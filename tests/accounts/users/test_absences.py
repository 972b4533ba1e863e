"""An access that nobody uses ends: warned at 60 and 75 days, shut at 90 (S26, 4.2)."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.team import actions
from accounts.users import tasks
from accounts.users.enums import UserState
from accounts.users.models import LONG, Leave, ThreeMonthsAfter, User
from opus.lib import jobs
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from tests.accounts.authenticator import give_passkey
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.accounts.journeys import give_password
from tests.accounts.signin.test_gates import another_browser
from tests.accounts.signin.test_passkeys import with_passkey
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
# The last sign-in: on a quiet day, and so that the clocks change within the 90 days,
# at both ends of a day in Paris.
SIGN_INS = [
    dt.datetime(2028, 5, 10, 12, 0, tzinfo=PARIS),
    dt.datetime(2027, 10, 30, 23, 59, tzinfo=PARIS),
    dt.datetime(2028, 3, 25, 0, 1, tzinfo=PARIS),
]
EASY = SIGN_INS[0]


def days_after(instant: dt.datetime, days: int) -> dt.datetime:
    """The first minute, in Paris, of the day that comes so many days after."""
    day = instant.astimezone(PARIS).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(0, 1), PARIS)


def on(instant: dt.datetime, days: int) -> time_machine.travel:
    return time_machine.travel(days_after(instant, days), tick=False)


def a_team(last_login: dt.datetime = EASY, ends_on=dt.date(2099, 12, 31), **traits):
    """An RGC who comes every day, and an adviser who came last at that instant."""
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=2, ends_on=ends_on)
    rgc = RgcFactory(structure=structure, last_login=last_login + dt.timedelta(400))
    adviser = AdviserFactory(structure=structure, last_login=last_login, **traits)
    return rgc, adviser


def state_of(account) -> str:
    return User.objects.get(pk=account.pk).state


def letters() -> list[tuple[str, str]]:
    """To whom and about what, of what leaves now."""
    outbox.relay()
    told = [(message.to[0], message.subject) for message in mail.outbox]
    mail.outbox.clear()
    return told


def run(times: int = 1) -> list[tuple[str, str]]:
    for _ in range(times):
        tasks.check_absences()
    return letters()


WARNING = "Opus : connectez-vous pour garder votre accès"
SUSPENDED = "Opus : votre accès est suspendu"
TOLD = "Opus : un compte est suspendu pour absence"


@pytest.mark.parametrize("last_login", SIGN_INS)
def test_the_clock_warns_twice_then_suspends_and_tells_the_rgc(last_login):
    """S26: days of the calendar in Paris, whatever the clocks do; each said once."""
    rgc, adviser = a_team(last_login)
    told = {}

    for days in (59, 60, 61, 74, 75, 76, 89):
        with on(last_login, days):
            told[days] = run(times=2)
            assert state_of(adviser) == UserState.ACTIVE
    with on(last_login, 90):
        told[90] = run(times=2)

    assert told == {
        59: [],
        60: [(adviser.email, WARNING)],
        61: [],
        74: [],
        75: [(adviser.email, WARNING)],
        76: [],
        89: [],
        90: [(adviser.email, SUSPENDED), (rgc.email, TOLD)],
    }
    assert state_of(adviser) == UserState.SUSPENDED
    entry = AuditEntry.objects.get(action="account_suspended")
    assert (entry.actor, entry.details) == ("", {"reason": "absence"})


def test_a_job_that_did_not_run_for_weeks_warns_once():
    _, adviser = a_team()

    with on(EASY, 80):
        assert run() == [(adviser.email, WARNING)]
        assert run() == []


def test_the_letters_say_until_when_and_name_nothing_in_their_subject():
    """V17."""
    rgc, adviser = a_team()

    with on(EASY, 60):
        tasks.check_absences()
        outbox.relay()
        warning = mail.outbox.pop()
    with on(EASY, 90):
        tasks.check_absences()
        outbox.relay()
        told = next(message for message in mail.outbox if message.to == [rgc.email])

    assert "sera suspendu le 8 août 2028" in warning.body
    assert "10 mai 2028, soit 60 jours" in warning.body
    assert "article 4.2" in warning.body
    assert f"/comptes/{adviser.public_id}/" in told.body
    assert f"{adviser} ({adviser.identifier})" in told.body
    for message in (warning, told):
        assert adviser.last_name not in message.subject
    for entry in OutboxEntry.objects.all():
        assert adviser.email not in str(entry.arguments) + entry.key


def test_a_sign_in_starts_the_clock_again_and_an_unsent_warning_is_dropped():
    _, adviser = a_team()
    with on(EASY, 60):
        tasks.check_absences()
        User.objects.filter(pk=adviser.pk).update(last_login=timezone.now())
        assert letters() == []
    with on(EASY, 119):
        assert run() == []
    with on(EASY, 120):
        assert run() == [(adviser.email, WARNING)]


@pytest.mark.parametrize(("days", "is_open"), [(89, True), (90, True), (91, False)])
def test_at_day_91_the_sign_in_is_refused_even_where_no_job_ran(client, days, is_open):
    """S26: a sentence says why, to whoever has the password."""
    _, adviser = a_team()

    with on(EASY, days):
        response = give_password(client, adviser.identifier)
        page = client.get(response.url, follow=True)

    assert state_of(adviser) == UserState.ACTIVE
    assert (page.request["PATH_INFO"] == reverse("login_code")) is is_open
    assert ("pas servi depuis plus de 90 jours" in page.text) is not is_open
    assert ("art. 4.2" in page.text) is not is_open


@pytest.mark.parametrize(("days", "is_open"), [(90, True), (91, False)])
def test_a_passkey_opens_nothing_more_than_the_password(client, days, is_open):
    """S26: it is both factors at once, so it is refused before it counts as a use."""
    with time_machine.travel(EASY, tick=False):
        rgc, adviser = a_team()
        key = with_passkey(adviser)

    with on(EASY, days):
        response = give_passkey(client, key)
        answer = client.get("/")

    assert (answer.status_code == 200) is is_open
    assert ("pas servi depuis plus de 90 jours" in response.text) is not is_open
    assert state_of(adviser) == UserState.ACTIVE


def test_a_passkey_opens_nothing_during_a_long_leave(client):
    """Art. 4.2: on the first day, with no job."""
    with time_machine.travel(EASY, tick=False):
        rgc, adviser = a_team(timezone.now())
        key = with_passkey(adviser)
        actions.record_leave(adviser, by=rgc, starts_on=a_day(1), ends_on=a_day(120))

    with on(EASY, 1):
        response = give_passkey(client, key)

    assert "Une absence de plus de trois mois est enregistrée" in response.text
    assert client.get("/").status_code == 302


def test_an_rgc_is_told_whom_to_ask(client):
    """Art. 4.3: his account is France Travail's business."""
    rgc, _ = a_team()
    User.objects.filter(pk=rgc.pk).update(last_login=EASY)

    with on(EASY, 91):
        response = give_password(client, rgc.identifier)
        page = client.get(response.url, follow=True)

    assert "Demandez au correspondant France Travail" in page.text


@pytest.mark.parametrize("is_near", [True, False])
def test_an_rgcs_own_absence_is_told_to_france_travail(is_near):
    """S26, art. 4.3: to the administrators of his territory, else of the country."""
    rgc, _ = a_team(last_login=EASY + dt.timedelta(days=60))
    User.objects.filter(pk=rgc.pk).update(last_login=EASY)
    reader = FtAdminFactory(agency=rgc.structure.agency if is_near else None)
    FtAdminFactory(agency=StructureFactory().agency)
    if is_near:
        FtAdminFactory()

    with on(EASY, 90):
        told = run()

    assert told[0] == (rgc.email, SUSPENDED)
    assert (reader.email, TOLD) in told
    assert len(told) == 2 or not is_near


def test_staff_of_france_travail_have_no_clock():
    """Art. 4.2 is about partners."""
    agent = AgentFactory(last_login=EASY)

    with on(EASY, 200):
        run()

    assert state_of(agent) == UserState.ACTIVE


def test_an_account_never_used_is_warned_and_suspended_too():
    """From its creation; a new slip gives it its time again."""
    _, adviser = a_team(created=True)
    User.objects.filter(pk=adviser.pk).update(last_login=None, created_at=EASY)

    with on(EASY, 60):
        tasks.check_absences()
        outbox.relay()
        assert "n’a encore jamais servi" in mail.outbox[-1].body
        mail.outbox.clear()
    with on(EASY, 90):
        assert (adviser.email, SUSPENDED) in run()
    assert state_of(adviser) == UserState.SUSPENDED


def test_a_new_slip_gives_an_unused_account_its_time_again():
    rgc, adviser = a_team(created=True)
    User.objects.filter(pk=adviser.pk).update(last_login=None, created_at=EASY)

    with on(EASY, 89):
        actions.renew_first_access(adviser, by=rgc, check_done="piece")
        letters()  # The notice of it.
    with on(EASY, 92):
        assert run() == []
    assert state_of(adviser) == UserState.CREATED


def test_reactivation_counts_the_absence_anew():
    """Art. 4.2: else the account would be suspended again within the hour."""
    rgc, adviser = a_team()
    with on(EASY, 90):
        run()
    with on(EASY, 100):
        actions.reactivate_account(User.objects.get(pk=adviser.pk), by=rgc)
        assert run() == []
        assert state_of(adviser) == UserState.ACTIVE
    with on(EASY, 160):
        assert run() == [(adviser.email, WARNING)]
    with on(EASY, 190):
        run()
    assert state_of(adviser) == UserState.SUSPENDED


def test_whom_absence_suspends_leaves_his_seat_even_where_no_job_ran():
    """R9: the seat is there for whoever needs it."""
    rgc, adviser = a_team()
    AdviserFactory(
        structure=rgc.structure, last_login=EASY + dt.timedelta(days=90), email="b@x.fr"
    )

    with on(EASY, 91):
        actions.open_account(
            by=rgc, first_name="Zoé", last_name="Durand", email="zoe@x.fr"
        )

    assert state_of(adviser) == UserState.SUSPENDED
    assert User.objects.counted().filter(structure=rgc.structure).count() == 2


# --- Announced absences ---------------------------------------------------------------


def announce(client, account, starts_on: dt.date, ends_on: dt.date):
    return client.post(
        reverse("account_leave", args=[account.public_id]),
        {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()},
    )


def a_day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def test_a_leave_of_more_than_three_months_frees_the_seat_on_its_first_day(client):
    """Art. 4.2: today here; the history tells dates and no reason."""
    rgc, adviser = a_team(timezone.now())
    sign_in(client, rgc)

    response = announce(client, adviser, a_day(0), a_day(120))
    page = client.get(response.url).text

    assert state_of(adviser) == UserState.SUSPENDED
    assert "son compte est suspendu et sa place est libre" in page
    assert "Absence annoncée" in page
    assert "raison" not in {field.name for field in Leave._meta.get_fields()}
    (part,) = AuditEntry.objects.get(action="leave_recorded").details["parts"]
    assert part["action"] == "account_suspended"


def test_a_long_leave_to_come_suspends_on_its_day_and_not_before(client):
    with time_machine.travel(days_after(EASY, 0), tick=False):
        rgc, adviser = a_team(timezone.now())
        sign_in(client, rgc)
        announce(client, adviser, a_day(10), a_day(130))
    with on(EASY, 9):
        run()
        assert state_of(adviser) == UserState.ACTIVE
    with on(EASY, 10):
        assert run() == [(adviser.email, SUSPENDED), (rgc.email, TOLD)]
    assert state_of(adviser) == UserState.SUSPENDED


def test_the_first_day_of_a_long_leave_cuts_an_open_session_with_no_job(client):
    """S14: within one request, by predicate."""
    evening = dt.datetime(2028, 5, 10, 23, 50, tzinfo=PARIS)
    browser = another_browser()
    with time_machine.travel(evening, tick=False) as clock:
        rgc, adviser = a_team(timezone.now())
        sign_in(client, rgc)
        sign_in(browser, adviser)
        announce(client, adviser, a_day(1), a_day(150))
        before = browser.get("/")
        clock.shift(dt.timedelta(minutes=11))
        after = browser.get("/", follow=True)

    assert before.status_code == 200
    assert after.redirect_chain[0][0].startswith("/connexion/")
    assert "Une absence de plus de trois mois est enregistrée" in after.text
    assert state_of(adviser) == UserState.ACTIVE


@pytest.mark.parametrize(
    ("first", "last", "said", "warned"),
    [
        # The warning that fell due meanwhile comes after it.
        (50, 79, "ne lui enverra pas", [80]),
        # Who comes back on day 90 would find a suspended account, unwarned.
        (50, 89, "sans attendre son retour", [60, 75]),
        (40, 100, "suspendu le 8 août 2028, après 90 jours sans usage", [60, 75]),
    ],
)
def test_a_short_leave_silences_the_warnings_if_the_return_leaves_time(
    client, first, last, said, warned
):
    """S26: 90 days stay 90."""
    with time_machine.travel(days_after(EASY, 0), tick=False):
        rgc, adviser = a_team(timezone.now())
        sign_in(client, rgc)
        response = announce(client, adviser, a_day(first), a_day(last))
        assert said in client.get(response.url).text
    told = {}
    for days in (60, 75, 79, 80, 90):
        with on(EASY, days):
            told[days] = [one for to, one in run() if to == adviser.email]

    assert [days for days, found in told.items() if found == [WARNING]] == warned
    assert told[90] == [SUSPENDED]


def test_a_suspension_that_comes_sooner_is_warned_of_again():
    """The warning named day 90; a long absence announced since then, day 70."""
    rgc, adviser = a_team()
    with on(EASY, 60):
        assert run() == [(adviser.email, WARNING)]
        actions.record_leave(adviser, by=rgc, starts_on=a_day(10), ends_on=a_day(130))
        tasks.check_absences()
        outbox.relay()

    (again,) = [one for one in mail.outbox if one.to == [adviser.email]]
    assert "sera suspendu le 19 juillet 2028, premier jour" in again.body


def test_nobody_is_warned_of_an_access_that_the_convention_closed():
    """Art. 12, 13: warnings and notices end with it; the account is shut all the same.

    So do those of an RGC who lost the office (4.3).
    """
    _, adviser = a_team(ends_on=dt.date(2028, 7, 1))
    former = AdviserFactory(structure=StructureFactory(), last_login=EASY, role="rgc")
    told = []
    for days in (60, 75, 90):
        with on(EASY, days):
            told += [to for to, _ in run() if to in (adviser.email, former.email)]

    assert told == []
    assert state_of(adviser) == state_of(former) == UserState.SUSPENDED


def test_a_warning_already_posted_stops_with_the_convention():
    _, adviser = a_team(ends_on=(EASY + dt.timedelta(days=60)).date())
    with on(EASY, 60):
        tasks.check_absences()
        assert OutboxEntry.objects.filter(effect="absence-warning").exists()
    with on(EASY, 61):
        assert letters() == []


def test_who_cannot_sign_in_is_sent_to_the_rgc_for_a_first_access():
    """The slip is void: one sign-in would not do."""
    _, adviser = a_team(created=True)
    User.objects.filter(pk=adviser.pk).update(
        last_login=None, created_at=EASY, password="!"
    )

    with on(EASY, 60):
        tasks.check_absences()
        outbox.relay()

    (warning,) = mail.outbox
    assert "demandez-en un nouveau au responsable de gestion des comptes" in (
        warning.body
    )
    assert "Une seule connexion" not in warning.body
    assert "Se connecter à Opus" not in warning.body


def test_reactivation_ends_the_leave_and_the_access_is_there(client):
    rgc, adviser = a_team(timezone.now())
    sign_in(client, rgc)
    announce(client, adviser, a_day(0), a_day(120))

    client.post(reverse("account_reactivate", args=[adviser.public_id]))

    browser = sign_in(another_browser(), User.objects.get(pk=adviser.pk))
    assert browser.get("/").status_code == 200
    assert Leave.objects.get().cancelled_by == rgc
    tasks.check_absences()
    assert state_of(adviser) == UserState.ACTIVE


def test_a_leave_to_come_is_lifted_in_one_gesture(client):
    rgc, adviser = a_team(timezone.now())
    sign_in(client, rgc)
    announce(client, adviser, a_day(5), a_day(20))
    page = client.get(reverse("accounts")).text

    client.post(reverse("account_leave_cancel", args=[adviser.public_id]))

    assert "absence du" in page
    assert "absence du" not in client.get(reverse("accounts")).text
    assert Leave.objects.get().cancelled_at is not None
    assert AuditEntry.objects.filter(action="leave_cancelled").count() == 1


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (10, 5, "ends_on"),
        (-120, 5, "starts_on"),
        (-20, -1, "ends_on"),
        (0, 1200, "ends_on"),
    ],
)
def test_dates_that_make_no_absence_are_refused(client, starts, ends, field):
    rgc, adviser = a_team(timezone.now())
    sign_in(client, rgc)

    response = announce(client, adviser, a_day(starts), a_day(ends))

    assert list(response.context["form"].errors) == [field]
    assert not Leave.objects.exists()


def test_two_leaves_do_not_overlap(client):
    rgc, adviser = a_team(timezone.now())
    sign_in(client, rgc)
    announce(client, adviser, a_day(5), a_day(20))

    response = announce(client, adviser, a_day(20), a_day(30))

    assert "Une autre absence est déjà annoncée" in response.text
    assert Leave.objects.count() == 1


def test_a_suspended_account_announces_nothing():
    rgc, adviser = a_team(timezone.now(), suspended=True)

    with pytest.raises(MoveRefused):
        actions.record_leave(adviser, by=rgc, starts_on=a_day(0), ends_on=a_day(5))


def test_the_database_refuses_a_leave_that_ends_before_it_starts():
    rgc, adviser = a_team(timezone.now())

    with pytest.raises(IntegrityError, match="leave_ends"), transaction.atomic():
        Leave.objects.create(
            account=adviser, created_by=rgc, starts_on=a_day(2), ends_on=a_day(1)
        )


@given(st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31)))
def test_three_months_are_those_of_the_calendar_in_python_and_in_sql(day):
    """Art. 4.2: month ends and leap years included."""
    with connection.cursor() as cursor:
        sql = ThreeMonthsAfter.template % {"expressions": "%s::date"}
        cursor.execute(f"SELECT {sql}", [day])
        assert cursor.fetchone() == (day + LONG,)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_long"),
    [
        (dt.date(2027, 3, 1), dt.date(2027, 5, 31), False),
        (dt.date(2027, 3, 1), dt.date(2027, 6, 1), True),
        (dt.date(2027, 11, 30), dt.date(2028, 2, 28), False),
        (dt.date(2027, 11, 30), dt.date(2028, 2, 29), True),
    ],
)
def test_exactly_three_months_are_not_more_than_three(starts_on, ends_on, is_long):
    rgc, adviser = a_team()
    leave = Leave.objects.create(
        account=adviser, created_by=rgc, starts_on=starts_on, ends_on=ends_on
    )

    assert leave.is_long is is_long
    assert Leave.objects.long().exists() is is_long


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_warn_once():
    """The second one leaves the work to the first (advisory lock)."""
    a_team(timezone.now() - dt.timedelta(days=65))
    taken = threading.Event()
    done = threading.Event()

    def keep_lock() -> None:
        with jobs.lock("check-absences") as is_ours:
            assert is_ours
            taken.set()
            done.wait(10)
        connection.close()

    other = threading.Thread(target=keep_lock)
    other.start()
    taken.wait(10)
    tasks.check_absences()
    assert not OutboxEntry.objects.exists()
    done.set()
    other.join()

    tasks.check_absences()
    assert OutboxEntry.objects.count() == 1
