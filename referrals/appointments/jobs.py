"""Scheduled jobs of convocations, in days of Paris (5.5, 5.8)."""

import datetime as dt
from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from opus.lib import jobs
from opus.lib.dates import in_paris
from opus.lib.outbound.outbox import Effect
from referrals.acts.emails import post_to_each
from referrals.acts.models import record_move
from referrals.acts.states import APPOINTMENT_TO_COME
from referrals.appointments import emails
from referrals.appointments.models import Appointment, AppointmentQuerySet

AT_ONCE = 500
# No e-mails at night.
FIRST_HOUR = 7


def close_past() -> int:
    """Move on the appointments that are past; return their number."""
    past = Appointment.objects.filter(
        state__in=APPOINTMENT_TO_COME, details__at__lte=timezone.now()
    )
    numbers = list(
        past.order_by("details__at", "pk").values_list("pk", flat=True)[:AT_ONCE]
    )
    return sum(be_past(pk) for pk in numbers)


@transaction.atomic
def be_past(pk: UUID) -> bool:
    appointment = Appointment.objects.get(pk=pk)
    appointment.lock()
    if appointment.state not in APPOINTMENT_TO_COME or not appointment.is_past:
        return False
    appointment.be_past()
    record_move(appointment, by=None)
    return True


@transaction.atomic
def remind_advisers() -> int:
    """Remind advisers and persons of the next appointments.

    Two days before, once for each act and date; not on the day when it was made.
    Return N acts.
    """
    today = timezone.localdate()
    if timezone.localtime().hour < FIRST_HOUR:
        return 0
    until = in_paris(
        today + settings.APPOINTMENT_REMINDED_BEFORE + dt.timedelta(days=1)
    )
    soon = Appointment.objects.filter(
        state__in=APPOINTMENT_TO_COME,
        details__at__gt=timezone.now(),
        details__at__lt=until,
        reminded_at__isnull=True,
        created_at__lt=in_paris(today),
    )
    found = notify_followers(soon, emails.appointments_soon)
    for appointment in Appointment.objects.filter(pk__in=found).select_related(
        "candidate"
    ):
        emails.email_reminder(appointment)
    return len(found)


@transaction.atomic
def chase_advisers() -> int:
    """Remind advisers of the appointments without news; return their number."""
    if timezone.localtime().hour < FIRST_HOUR:
        return 0
    # An earlier reminder announced the appointment: send this one anyway.
    unchased = Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("details__at"))
    untold = Appointment.objects.long_without_status().filter(unchased)
    return len(notify_followers(untold, emails.appointments_untold))


def notify_followers(acts: AppointmentQuerySet, letter: Effect) -> list[UUID]:
    """E-mail the persons' followers, and mark it; return the acts."""
    now = timezone.now()
    found = acts.lock_with_followers(AT_ONCE)
    Appointment.objects.filter(pk__in=found).update(reminded_at=now)
    post_to_each(letter, found.values(), now, told_at=now.isoformat())
    return list(found)


@shared_task
@jobs.exclusive("check-appointments", every=dt.timedelta(minutes=15))
def check_appointments() -> None:
    """Close past appointments; send reminders (5.5)."""
    close_past()
    remind_advisers()
    chase_advisers()
