"""An RGC takes office once his structure is notified (4.1, 4.3)."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.agreements import letters
from accounts.nominations import actions
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import (
    AgentFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    post_change,
)
from tests.accounts.journeys import queue_of
from tests.accounts.nominations.test_successions import (
    POSTING,
    put_in_office_by_sql,
    successor,
    today,
    validate,
)
from tests.admin.registers import action_url, record_url, text_of
from tests.files import make_file
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

LABEL = "RGC\u00a0: accords à notifier"
AGREED_ON = dt.date(2024, 1, 22)


def agreed(**traits) -> Nomination:
    """A first RGC whom the territorial director agreed on, and no more."""
    return NominationFactory(state="accepte", notified_on=None, **traits)


# --- A first RGC (4.1) ----------------------------------------------------------------


def test_a_first_rgc_takes_office_once_the_structure_is_notified(as_ft_admin):
    """4.1: the day is typed, and kept."""
    row = agreed()
    yesterday = today() - dt.timedelta(days=1)

    early = as_ft_admin.post(action_url(row, "entrer-en-fonction"))
    as_ft_admin.post(action_url(row, "notifier"), {"on": yesterday})
    as_ft_admin.post(action_url(row, "entrer-en-fonction"))

    assert early.status_code == 409
    assert "notez d’abord le jour de cette notification" in early.text
    row.refresh_from_db()
    assert (row.state, row.notified_on) == (NominationState.IN_OFFICE, yesterday)
    assert "Accord notifié à la structure le" in text_of(
        as_ft_admin.get(record_url(row))
    )
    told = AuditEntry.objects.filter(details__verb="notify").get()
    assert told.details["on"] == yesterday.isoformat()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (AGREED_ON - dt.timedelta(days=1), "sa notification ne la précède pas"),
        (timezone.localdate() + dt.timedelta(days=1), "Cette date est à venir"),
    ],
)
def test_the_notification_is_neither_to_come_nor_before_the_agreement(
    as_ft_admin, day, said
):
    row = agreed(decided_on=AGREED_ON)

    answer = as_ft_admin.post(action_url(row, "notifier"), {"on": day})

    assert said in text_of(answer)
    assert f'value="{day.isoformat()}"' in answer.text  # What was typed stays.
    row.refresh_from_db()
    assert row.notified_on is None


def test_a_day_typed_wrong_is_typed_again_until_the_office(as_ft_admin):
    row = agreed()
    for days in (2, 1):
        day = today() - dt.timedelta(days=days)
        actions.notify(row, by=AgentFactory(), on=day)
    asked = as_ft_admin.get(action_url(row, "notifier")).context["form"]
    assert asked["on"].value() == day  # What stands is what is corrected.
    actions.put_in_office(row, by=FtAdminFactory())

    with pytest.raises(MoveRefused, match="avant la mise en fonction"):
        actions.notify(row, by=AgentFactory(), on=today())
    row.refresh_from_db()
    assert row.notified_on == day


def test_the_posting_of_the_letter_of_agreement_is_proposed_as_the_day(as_ft_admin):
    row = agreed()
    day = today() - dt.timedelta(days=3)
    before = as_ft_admin.get(action_url(row, "notifier")).context["form"]
    LetterFactory(
        kind="rgc_accord",
        convention=row.convention,
        nomination=row,
        posted=True,
        posted_on=day,
    )

    page = as_ft_admin.get(action_url(row, "notifier")).text

    assert before["on"].value() is None
    assert f'value="{day.isoformat()}"' in page


def test_before_the_agreement_there_is_nothing_to_notify(as_ft_admin):
    row = NominationFactory(state="propose")

    page = text_of(as_ft_admin.get(record_url(row)))

    assert "Noter la notification" not in page
    with pytest.raises(MoveRefused, match="après la décision"):
        actions.notify(row, by=FtAdminFactory(), on=today())


# --- A change (4.3) -------------------------------------------------------------------


def test_a_successor_takes_office_once_the_letter_is_posted(as_ft_admin):
    """4.3: its number and its day are the letter's own."""
    row = successor()
    validate(row)
    with pytest.raises(MoveRefused, match="numéro et le jour d’envoi"):
        actions.put_in_office(row, by=FtAdminFactory())
    letter = row.change_letter
    make_file(letter)

    half = as_ft_admin.post(action_url(row, "notifier"), {"on": today()})
    as_ft_admin.post(action_url(row, "notifier"), {"on": today(), **POSTING})
    actions.put_in_office(row, by=FtAdminFactory())

    assert "Remplissez «\u00a0N° de recommandé\u00a0»" in text_of(half)
    letter.refresh_from_db()
    assert (letter.registered_number, letter.posted_on) == (
        POSTING["registered_number"],
        today(),
    )
    assert row.person.is_rgc_in_office


def test_a_second_tab_does_not_write_over_the_number_of_a_change(as_ft_admin):
    row = successor()
    validate(row)
    make_file(row.change_letter)
    url, other = action_url(row, "notifier"), {**POSTING, "registered_number": "LRE/43"}

    first = as_ft_admin.post(url, {"on": today(), **POSTING})
    second = as_ft_admin.post(url, {"on": today(), **other})

    assert (first.status_code, second.status_code) == (302, 409)
    assert "déjà notifié, sous le n°" in text_of(second)
    assert row.change_letter.registered_number == POSTING["registered_number"]
    assert "Noter la notification" not in text_of(as_ft_admin.get(record_url(row)))


def test_a_posting_of_the_register_of_letters_notifies_the_change_too():
    row = successor()
    validate(row)
    make_file(row.change_letter)

    letters.record_posting(row.change_letter, by=AgentFactory(), on=today(), **POSTING)
    actions.put_in_office(row, by=FtAdminFactory())

    assert row.person.is_rgc_in_office


def test_a_change_whose_letter_is_cancelled_says_what_to_do():
    row = successor()
    validate(row)
    letters.cancel(row.change_letter, by=FtAdminFactory())

    with pytest.raises(MoveRefused, match="préparez-la de nouveau"):
        actions.notify(row, by=FtAdminFactory(), on=today(), **POSTING)
    with pytest.raises(MoveRefused, match="lettre recommandée"):
        actions.put_in_office(row, by=FtAdminFactory())


def test_a_change_is_validated_before_it_is_notified(as_ft_admin):
    row = successor()

    assert "Noter la notification" not in text_of(as_ft_admin.get(record_url(row)))
    with pytest.raises(MoveRefused, match="valide d’abord ce changement"):
        actions.notify(row, by=FtAdminFactory(), on=today())


# --- Whoever writes -------------------------------------------------------------------


def test_sql_puts_nobody_in_office_without_the_notification():
    with database_refuses("rgc_notified_before_the_office"):
        put_in_office_by_sql(agreed(), FtAdminFactory())


def test_nor_before_the_day_of_the_notification():
    row = agreed()
    Nomination.objects.filter(pk=row.pk).update(notified_on=today())

    with database_refuses("rgc_notified_before_the_office"):
        put_in_office_by_sql(row, FtAdminFactory(), days=-1)


def test_nor_a_successor_without_the_posted_letter():
    row = successor()
    validate(row)

    with database_refuses("numéro et le jour d’envoi"):
        put_in_office_by_sql(row, FtAdminFactory())
    post_change(row)
    put_in_office_by_sql(row, FtAdminFactory())

    row.refresh_from_db()
    assert row.state == NominationState.IN_OFFICE


def test_a_letter_posted_after_the_office_notified_nothing():
    row = successor()
    validate(row)
    post_change(row)

    with database_refuses("numéro et le jour d’envoi"):
        put_in_office_by_sql(row, FtAdminFactory(), days=-1)


@pytest.mark.parametrize(
    ("state", "days", "said"),
    [("accepte", 2, "est à venir"), ("en_fonction", -1, "ne change plus")],
)
def test_the_day_is_neither_to_come_nor_changed_once_in_office(state, days, said):
    row = NominationFactory(state=state)
    day = today() + dt.timedelta(days=days)

    with database_refuses(said):
        Nomination.objects.filter(pk=row.pk).update(notified_on=day)


# --- The desk -------------------------------------------------------------------------


def test_the_desk_says_that_a_notification_is_missing(as_ft_admin):
    """U15: then the office waits, and not before."""
    row = agreed()
    offices = "RGC\u00a0: mises en fonction"
    queue = queue_of(as_ft_admin, LABEL)
    shown = list(as_ft_admin.get(queue.url).context["cl"].result_list)
    assert (queue.value, shown) == ("1", [row])
    assert queue_of(as_ft_admin, offices).value == "0"
    assert "notification à la structure" in text_of(as_ft_admin.get(record_url(row)))

    actions.notify(row, by=FtAdminFactory(), on=today())

    assert queue_of(as_ft_admin, LABEL).value == "0"
    assert queue_of(as_ft_admin, offices).value == "1"


def test_a_change_waits_for_its_validation_then_for_its_posting(as_ft_admin):
    row = successor()
    assert queue_of(as_ft_admin, LABEL).value == "0"
    validate(row)
    assert queue_of(as_ft_admin, LABEL).value == "1"

    post_change(row)

    assert queue_of(as_ft_admin, LABEL).value == "0"
