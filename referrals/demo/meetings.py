"""A review held, another planned, three proposals of evolution (art. 11)."""

import datetime as dt

from django.utils import timezone

from accounts import meetings
from accounts.models import (
    Area,
    Attendance,
    Convention,
    MeetingPlace,
    ReviewMeeting,
    Suggestion,
    User,
)
from accounts.models.meetings import Carrier
from referrals.demo.people import ADVISER, AGENT, FT_ADMIN, RGC

MINUTES = """\
Les parties ont revu les chiffres de la période et les suites des mises en contact.

Les documents sont remis dans la semaine. Les suites se disent encore tard : un tiers \
des actes est clos sans nouvelle.

La prochaine réunion portera sur les offres avec présélection."""


def seed_meetings() -> int:
    """Bring them; nothing where some stand already.

    Returns:
        How many meetings and proposals were brought.
    """
    if ReviewMeeting.objects.exists() or Suggestion.objects.exists():
        return 0
    rgc = User.objects.get(identifier=RGC.identifier)
    claire = User.objects.get(identifier=ADVISER.identifier)
    agent = User.objects.get(identifier=AGENT.identifier)
    admin = User.objects.get(identifier=FT_ADMIN.identifier)
    held = hold_one(rgc, agent)
    plan_one(rgc, agent)
    propose(claire, admin, held)
    return 5


def day(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def meeting_on(
    rgc: User, agent: User, on: dt.date, place: MeetingPlace
) -> ReviewMeeting:
    first = on.replace(day=1)
    return meetings.plan(
        ReviewMeeting(
            convention=Convention.objects.in_force().get(structure=rgc.structure_id),
            planned_on=on,
            place=place,
            covers_from=first.replace(year=first.year - 1),
            covers_until=first - dt.timedelta(days=1),
        ),
        by=agent,
    )


def hold_one(rgc: User, agent: User) -> ReviewMeeting:
    """Its minutes wait for the RGC; one of its two decisions is late."""
    meeting = meeting_on(rgc, agent, day(-20), MeetingPlace.AGENCY)
    attended: list[str] = [Attendance.RGC, Attendance.ADVISERS, Attendance.AGENCY_HEAD]
    meetings.hold(meeting, by=agent, on=day(-20), attended=attended)
    meetings.write_minutes(meeting, by=agent, text=MINUTES)
    meetings.decide(
        meeting,
        by=agent,
        text="Dire la suite de chaque mise en contact dans le mois.",
        carrier=Carrier.PARTNER,
        due_on=day(40),
    )
    meetings.decide(
        meeting,
        by=agent,
        text="Présenter aux conseillers les offres avec présélection.",
        carrier=Carrier.FRANCE_TRAVAIL,
        due_on=day(-5),
    )
    return meeting


def plan_one(rgc: User, agent: User) -> None:
    meeting_on(rgc, agent, day(45), MeetingPlace.REMOTE)


def propose(author: User, admin: User, meeting: ReviewMeeting) -> None:
    """One kept and spoken of at the meeting, one under study, one without answer."""
    kept = deposit(
        author,
        Area.DOCUMENTS,
        "Imprimer plusieurs fiches en une fois",
        "Quand une personne repart avec cinq offres, j’ouvre cinq documents. Une seule "
        "impression suffirait.",
    )
    meetings.study(kept, by=admin, answer="Plusieurs structures le demandent.")
    meetings.keep(kept, by=admin, on=day(90), answer="Le format reste une page A4.")
    meetings.discuss(kept, by=admin, meeting=meeting)
    studied = deposit(
        author,
        Area.OFFERS,
        "Chercher par temps de trajet en bus",
        "Beaucoup de personnes n’ont pas de voiture : un rayon en kilomètres dit mal "
        "ce qui leur est accessible.",
    )
    meetings.study(studied, by=admin, answer="Nous regardons quelles données existent.")
    deposit(
        author,
        Area.FOLLOW_UP,
        "Voir le suivi par quartier",
        "Nos élus demandent l’activité par quartier prioritaire.",
    )


def deposit(author: User, area: Area, title: str, text: str) -> Suggestion:
    return meetings.deposit(
        Suggestion(structure=author.structure, area=area, title=title, text=text),
        by=author,
    )
