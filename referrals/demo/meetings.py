"""Demo meetings: minutes to approve, and a planned one (art. 11)."""

import datetime as dt

from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.meetings.actions import notify_rgc
from accounts.meetings.models import Attendance, ReviewMeeting
from accounts.users.models.users import User
from referrals.demo.people import RGC

MINUTES = """\
Les parties ont revu les chiffres de la période et les suites des mises en contact.

Les documents sont remis dans la semaine. Les suites se disent encore tard : un tiers \
des actes est clos sans nouvelle.

La prochaine réunion portera sur les offres avec présélection."""
DECISIONS = """\
1. Dire la suite de chaque mise en contact dans le mois (la structure, dès maintenant).
2. Présenter aux conseillers les offres avec présélection (France Travail, ce mois-ci).
"""


def seed_meetings() -> int:
    if ReviewMeeting.objects.exists():
        return 0
    rgc = User.objects.get(identifier=RGC.identifier)
    convention = Convention.objects.in_force().get(structure=rgc.structure_id)
    today = timezone.localdate()
    held = ReviewMeeting.objects.create(
        convention=convention,
        held_on=today - dt.timedelta(days=20),
        attended=[Attendance.RGC, Attendance.ADVISERS, Attendance.AGENCY_HEAD],
        minutes=MINUTES,
        decisions=DECISIONS,
    )
    notify_rgc(held)
    ReviewMeeting.objects.create(
        convention=convention, held_on=today + dt.timedelta(days=45)
    )
    return 2
