"""The demo's teams and review meetings (art. 11)."""

import datetime as dt

from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.meetings.actions import notify_rgc
from accounts.meetings.models import Attendance, ReviewMeeting
from accounts.team.models import TeamReview, TeamReviewAnswer
from accounts.users.enums import ClosingReason, Role, SuspensionReason, UserState
from accounts.users.models import Leave, User
from demo import people
from demo.people import Person, noon

SUSPENDED = Person(
    "hugo.demo", Role.ADVISER, "Hugo Lambert", "Conseiller emploi", "00 13"
)
GONE = Person("ines.demo", Role.ADVISER, "Inès Colin", "Conseillère emploi", "00 14")
NEARLY_AWAY = Person(
    "lea.demo", Role.ADVISER, "Léa Fontaine", "Conseillère jeunes", "00 43"
)
ON_LEAVE = Person("marc.demo", Role.ADVISER, "Marc Vidal", "Conseiller jeunes", "00 44")
MINUTES = """\
Les parties ont revu les chiffres de la période et les suites des mises en contact.

Les documents sont remis dans la semaine. Les suites se disent encore tard : un tiers \
des propositions est clos sans nouvelle.

La prochaine réunion portera sur les offres avec présélection."""
DECISIONS = """\
1. Dire la suite de chaque mise en contact dans le mois (la structure, dès maintenant).
2. Présenter aux conseillers les offres avec présélection (France Travail, ce mois-ci).
"""


def seed_team() -> int:
    if User.objects.filter(identifier=SUSPENDED.identifier).exists():
        return 0
    password = people.ADVISER.account.password  # Argon2id is slow on purpose.
    seed_ccas_team(password)
    seed_mission_locale_team(password)
    return 4


def seed_ccas_team(password: str) -> None:
    """Seed a suspended and a closed account, an overdue review."""
    rgc = people.RGC.account
    claire = people.ADVISER.account
    # The account is as old as the convention: the board counts from its opening.
    opened_at = noon(dt.date(2026, 1, 5))
    User.objects.filter(pk=claire.pk).update(created_at=opened_at)
    claire.steps.update(at=opened_at)
    hugo = bring(SUSPENDED, rgc, password, last_login=95)
    hugo.suspend(by=None, reason=SuspensionReason.ABSENCE)
    hugo.steps.filter(target=hugo.state).update(at=ago(5))
    ines = bring(GONE, rgc, password, last_login=45)
    ines.close(by=rgc, reason=ClosingReason.DEPARTURE)
    ines.steps.filter(target=ines.state).update(at=ago(40))
    # Answered over three months ago, so that the next review is due now.
    review = TeamReview.objects.create(
        convention=rgc.nominations.get().convention, due_on=ago(100).date()
    )
    review.answered_at, review.answered_by = ago(95), rgc
    review.save()
    TeamReviewAnswer.objects.bulk_create(
        TeamReviewAnswer(review=review, account=account, is_here=True)
        for account in (claire, hugo)
    )


def seed_mission_locale_team(password: str) -> None:
    rgc = people.FORMER_RGC.account
    samir = people.OTHER_ADVISER.account
    User.objects.filter(pk=samir.pk).update(created_at=ago(200))
    bring(NEARLY_AWAY, rgc, password, last_login=71)
    marc = bring(ON_LEAVE, rgc, password, last_login=8)
    today = timezone.localdate()
    Leave.objects.create(
        account=marc,
        starts_on=today - dt.timedelta(days=7),
        ends_on=today + dt.timedelta(days=21),
        created_by=rgc,
    )


def bring(person: Person, rgc: User, password: str, *, last_login: int) -> User:
    account = people.open_account(person, password, structure=rgc.structure, by=rgc)
    account.created_at, account.last_login = ago(180), ago(last_login)
    account.save(update_fields=["created_at", "last_login"])
    account.steps.update(at=ago(179), by=account)
    account.steps.create(origin="", target=UserState.CREATED, by=rgc, at=ago(180))
    return account


def ago(days: int) -> dt.datetime:
    return noon(timezone.localdate() - dt.timedelta(days=days))


def seed_meetings() -> int:
    if ReviewMeeting.objects.exists():
        return 0
    rgc = people.RGC.account
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
