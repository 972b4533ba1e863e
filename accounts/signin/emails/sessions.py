"""E-mails about sign-ins (S8, S11), no secret with an identifier (S9)."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.signin import reset_tokens
from accounts.signin.emails.access_changes import notify, stop_item
from accounts.signin.models.access_changes import SecurityEventKind
from accounts.signin.models.sessions import OpenSession
from accounts.users import account_texts
from accounts.users.contacts import helper_of, to
from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button


@outbox.mail("sign-in-noticed")
def sign_in_noticed(*, session: str, is_new: int, failures: int) -> EmailMessage | None:
    """Announce a sign-in: new device, or many failures before."""
    row = OpenSession.objects.select_related("account").filter(pk=session).first()
    if row is None:
        return None
    subject = (
        "connexion depuis un nouvel appareil"
        if is_new
        else "connexion après plusieurs essais manqués"
    )
    return outbox.compose_email(
        to=row.account.email,
        subject=subject,
        template="accounts/signin/emails/sign_in_noticed.txt",
        context={
            "row": row,
            "is_new": is_new,
            "failures": failures if failures > 1 else 0,
            "helper": helper_of(row.account),
        },
        button=Button("Voir mes sessions", outbox.link(reverse("sessions"))),
    )


@outbox.mail("reset-link")
def reset_link(*, account: int, at: int) -> EmailMessage | None:
    """Send the reset link, or the contact if none is possible.

    ``account`` is 0 if no account has the typed identifier: the same row costs the same
    work (S7). An hour late, nothing is sent; so the event and the notices to former
    addresses are written here.
    """
    people = User.objects.exclude(state=UserState.CLOSED).with_factor()
    person: Any = people.filter(pk=account).first()
    age = timezone.now() - instant(at)
    if person is None or age.total_seconds() > settings.PASSWORD_RESET_TIMEOUT:
        return None
    context = {
        "helper": helper_of(person),
        "whom": to(helper_of(person)),
        "state_in_words": account_texts.why_inactive(person),
        "person": person,
    }
    if person.state == UserState.ACTIVE and person.has_factor:
        token = reset_tokens.make(person)
        event = notify(
            person, SecurityEventKind.RESET_LINK, by=None, in_own_letter=True
        )
        return outbox.compose_email(
            to=person.email,
            subject="choisir un nouveau mot de passe",
            template="accounts/signin/emails/reset_link.txt",
            context=context,
            button=Button(
                "Choisir un nouveau mot de passe",
                outbox.link(reverse("password_reset_link", args=[token])),
            ),
            items=[stop_item(event)],
        )
    return outbox.compose_email(
        to=person.email,
        subject="votre demande de mot de passe",
        template="accounts/signin/emails/reset_impossible.txt",
        context=context,
    )


def instant(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)
