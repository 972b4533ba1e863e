"""Slots as a week: what is offered, until when, and what a refusal keeps."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from opus.lib.dates import next_working_day
from referrals.appointments.forms import AppointmentForm, ChangeForm
from referrals.appointments.models import Appointment
from tests.accounts.factories import AgencyFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.factories import AppointmentFactory, SlotFactory

pytestmark = pytest.mark.django_db

ONE_DAY = dt.timedelta(days=1)


def at(day, hour=9):
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


@pytest.fixture
def offer(db):
    AgencyFactory(safir="38086")
    return OfferFactory(preselected=True)


def path_of(offer, candidate):
    return reverse("appointment_confirm", args=[offer.pk, candidate.pk])


def own_date(day):
    return {
        "key": str(uuid.uuid4()),
        "choice": "libre",
        "day": day.isoformat(),
        "hour": "09:30",
        "minutes": "45",
        "mode": "lieu",
        "where": "CCAS, 12 rue des Lilas",
    }


def test_columns_are_days_and_the_first_week_is_open(offer):
    today = timezone.localdate()
    monday = today + ONE_DAY * (7 - today.weekday())
    SlotFactory(at=at(monday, 14))
    SlotFactory(at=at(monday))
    SlotFactory(at=at(monday + 5 * ONE_DAY))
    last = SlotFactory(at=at(monday + 9 * ONE_DAY), minutes=45)

    form = AppointmentForm(offer=offer)
    first, second = form.weeks
    chosen = AppointmentForm({"choice": str(last.pk)}, offer=offer)

    assert [day.date.isoweekday() for day in first.days] == [1, 2, 3, 4, 5, 6]
    assert [len(day.times) for day in first.days] == [2, 0, 0, 0, 0, 1]
    hours = [slot.at for _, slot in first.days[0].times]
    assert hours == [at(monday), at(monday, 14)]
    assert [day.date.isoweekday() for day in second.days] == [1, 2, 3, 4, 5]
    assert (first.is_open, second.is_open) == (True, False)
    assert [week.is_open for week in chosen.weeks] == [True, True]
    assert form.usual_minutes == 30


def test_nothing_after_the_last_day_of_the_convention(as_adviser, offer, candidate):
    """Neither a slot nor another date, for a new appointment as for a change."""
    day = timezone.localdate() + 10 * ONE_DAY
    good, late = SlotFactory(at=at(day)), SlotFactory(at=at(day + ONE_DAY))
    path = path_of(offer, candidate)
    forms = [
        AppointmentForm(offer=offer, until=day),
        AppointmentForm(own_date(day + ONE_DAY), offer=offer, until=day),
        AppointmentForm({"choice": str(late.pk)}, offer=offer, until=day),
    ]

    assert [list(form.slots) for form in forms] == [[str(good.pk)]] * 3
    assert forms[0].fields["day"].widget.attrs["max"] == day.isoformat()
    assert "La convention de votre structure finit le" in str(forms[1].errors["day"])
    assert "Ce créneau vient d’être pris" in str(forms[2].errors["choice"])

    ends_on = candidate.structure.conventions.get().ends_on
    with time_machine.travel(at(ends_on - 20 * ONE_DAY)):
        sign_in(as_adviser, candidate.adviser)
        past = own_date(ends_on + ONE_DAY)
        refused = as_adviser.post(path, past)
        act = AppointmentFactory(candidate=candidate, offer=offer, at=at(ends_on))
        change = ChangeForm(past, act=act)
        assert not change.is_valid()
    # What was typed stands there still.
    assert "La convention de votre structure finit le" in refused.text
    assert past["where"] in refused.text
    assert set(change.errors) == {"day"}


def test_a_refusal_shows_what_was_typed(as_adviser, offer, candidate):
    """The offer is withdrawn between the page and the click."""
    slot, path = SlotFactory(), path_of(offer, candidate)
    in_a_slot = {"key": str(uuid.uuid4()), "choice": str(slot.pk)}
    withdraw(offer)

    own, chosen = (
        as_adviser.post(path, own_date(timezone.localdate() + 5 * ONE_DAY)),
        as_adviser.post(path, in_a_slot),
    )

    assert (own.status_code, chosen.status_code) == (409, 409)
    assert "Ce que vous aviez saisi" in own.text
    assert "CCAS, 12 rue des Lilas" in own.text
    assert len(chosen.context["typed"]) == 1
    assert not Appointment.objects.exists()


def test_the_guards_refusal_and_the_sessions_end_keep_what_was_typed(
    as_adviser, offer, candidate
):
    path = path_of(offer, candidate)
    typed = own_date(next_working_day(timezone.localdate()))
    guarded = typed | {"where": "Chez elle, atteinte d’un cancer"}

    refused = as_adviser.post(path, guarded)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=61)):
        ended = as_adviser.post(path, typed, headers={"sec-fetch-site": "same-origin"})

    assert refused.status_code == 200
    assert refused.context["form"].errors["where"]
    assert f'value="{guarded["where"]}"' in refused.text
    assert ended.status_code == 403
    assert f'name="where" value="{typed["where"]}"' in ended.text
    assert not Appointment.objects.exists()
