"""E-mails about an account's life; each checks again when sent that it still holds."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts import words
from accounts.models import (
    AccountCorrection,
    Role,
    TeamReview,
    User,
    UserState,
)
from opus.lib import outbox
from opus.lib.outbox import Button, letter


@outbox.mail("absence-warning")
def absence_warning(*, account: int, since: str) -> EmailMessage | None:
    """Not used for long: sign in before the suspension (S26)."""
    person = User.objects.get(pk=account)
    today = timezone.localdate()
    is_away = any(leave.covers(today) for leave in person.leaves.all())
    if not person.is_active or person.used_on != dt.date.fromisoformat(since):
        return None
    if is_away or person.days_left <= 0:
        return None
    return letter(
        to=person.email,
        subject="connectez-vous pour garder votre accès",
        template="emails/absence_warning.txt",
        context={
            "person": person,
            "use": words.use_of(person),
            "to_helper": words.to(words.helper_of(person)),
        },
        button=Button("Se connecter à Opus", outbox.link(reverse("login"))),
    )


@outbox.mail("absence-suspended")
def absence_suspended(*, account: int) -> EmailMessage | None:
    person = User.objects.get(pk=account)
    if person.state != UserState.SUSPENDED:
        return None
    return letter(
        to=person.email,
        subject="votre accès est suspendu",
        template="emails/absence_suspended.txt",
        context={
            "why": words.why_absent(person),
            "to_checker": words.to(words.checker_of(person)),
        },
    )


@outbox.mail("absence-suspended-told")
def absence_suspended_told(*, account: int, to: int) -> EmailMessage | None:
    """To the RGC, or to France Travail for an RGC's own account."""
    person = User.objects.select_related("structure").get(pk=account)
    reader = User.objects.get(pk=to)
    if person.state != UserState.SUSPENDED or not reader.is_active:
        return None
    if reader.role == Role.RGC:
        path = reverse("account", args=[person.public_id])
    else:
        path = reverse("admin:accounts_user_change", args=[person.pk])
    return letter(
        to=reader.email,
        subject="un compte est suspendu pour absence",
        template="emails/absence_suspended_told.txt",
        context={
            "person": person,
            "reader": reader,
            "why": words.why_absent(person),
        },
        button=Button("Voir ce compte", outbox.link(path)),
    )


@outbox.mail("team-review-asked")
def team_review_asked(*, review: int, mark: int) -> EmailMessage | None:
    """The quarterly question, then its reminders (S26)."""
    asked = TeamReview.objects.select_related("convention").get(pk=review)
    reader = User.objects.rgc_of(asked.convention.structure_id).first()
    if asked.answered_at or reader is None:
        return None
    return letter(
        to=reader.email,
        subject="ces personnes travaillent-elles toujours chez vous ?"
        if mark == 0
        else "rappel : confirmez les comptes de votre structure",
        template="emails/team_review_asked.txt",
        context={"review": asked, "is_reminder": mark > 0},
        button=Button("Répondre", outbox.link(reverse("team_review"))),
    )


@outbox.mail("team-review-escalated")
def team_review_escalated(*, review: int, to: int) -> EmailMessage | None:
    """To France Travail: three weeks without the RGC's answer."""
    asked = TeamReview.objects.select_related("convention__structure").get(pk=review)
    reader = User.objects.get(pk=to)
    if asked.answered_at or not reader.is_active:
        return None
    path = reverse("admin:accounts_teamreview_change", args=[asked.pk])
    return letter(
        to=reader.email,
        subject="une structure n’a pas confirmé ses comptes",
        template="emails/team_review_escalated.txt",
        context={
            "review": asked,
            "rgc": User.objects.rgc_of(asked.convention.structure_id).first(),
            "days": settings.REVIEW_ESCALATES,
        },
        button=Button("Voir la confirmation", outbox.link(path)),
    )


@outbox.mail("account-corrected")
def account_corrected(*, gesture: str, to: int) -> EmailMessage | None:
    """Which fields were corrected, without their values (V14)."""
    kept = AccountCorrection.objects.filter(gesture=gesture)
    rows = list(kept.select_related("account", "by"))
    reader = User.objects.get(pk=to)
    # A closed account's holder has an address until it is erased.
    if not rows or not reader.email:
        return None
    account = rows[0].account
    is_holder = reader == account
    if not (is_holder or reader.is_active):
        return None
    page = "admin:index" if reader.is_staff else "home"
    to_read = Button("Ouvrir Opus", outbox.link(reverse(page)))
    if is_holder:
        to_read = Button("Voir ce qui a changé", outbox.link(reverse("own_rights")))
    return letter(
        to=reader.email,
        subject="les données de votre compte ont été rectifiées"
        if is_holder
        else "les données d’un compte ont été rectifiées",
        template="emails/account_corrected.txt",
        context={
            "account": account,
            "by": rows[0].by,
            "at": rows[0].at,
            "fields": [row.label for row in rows],
            "is_holder": is_holder,
        },
        button=to_read if reader.is_active else None,
    )
