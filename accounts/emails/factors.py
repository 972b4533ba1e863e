"""Letters about second factors: what changed, and what to do if it was not you (S11).

Each goes to the account's address. None holds a secret or an identifier (S9).
"""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.emails.signin import helper_of
from accounts.models import FactorReset, User
from opus.lib import outbox
from opus.lib.outbox import Button


def to_holder(account: int, *, subject: str, template: str) -> EmailMessage:
    """A notice to the account's holder, that leads to what he may do about it."""
    user = User.objects.get(pk=account)
    return outbox.letter(
        to=user.email,
        subject=subject,
        template=f"emails/{template}.txt",
        context={"sheet": user.backup_sheet, "helper": helper_of(user)},
        button=Button("Voir mes seconds facteurs", outbox.link(reverse("profile"))),
    )


@outbox.mail("factor-added")
def factor_added(*, account: int) -> EmailMessage | None:
    """A second factor was added to your account."""
    return to_holder(
        account, subject="un second facteur a été ajouté", template="factor_added"
    )


@outbox.mail("factor-removed")
def factor_removed(*, account: int) -> EmailMessage | None:
    """A second factor was removed from your account."""
    return to_holder(
        account, subject="un second facteur a été supprimé", template="factor_removed"
    )


@outbox.mail("backup-codes-drawn")
def backup_codes_drawn(*, account: int) -> EmailMessage | None:
    """New backup codes took the place of the earlier ones."""
    return to_holder(
        account,
        subject="vos codes de secours ont été renouvelés",
        template="backup_codes_drawn",
    )


@outbox.mail("backup-code-used")
def backup_code_used(*, account: int) -> EmailMessage | None:
    """Somebody came in with one of your backup codes."""
    return to_holder(
        account,
        subject="un code de secours a été utilisé",
        template="backup_code_used",
    )


@outbox.mail("factor-reset-asked")
def factor_reset_asked(*, reset: int) -> EmailMessage | None:
    """Your factors go in a day: the link stops it, signed in or not (S10)."""
    asked = FactorReset.objects.select_related("account").get(pk=reset)
    if asked.is_over:
        return None
    path = reverse("factor_reset_stop", args=[asked.stop_token])
    return outbox.letter(
        to=asked.account.email,
        subject="vos seconds facteurs vont être remis à zéro",
        template="emails/factor_reset_asked.txt",
        context={"reset": asked},
        button=Button("Ce n’est pas moi : tout arrêter", outbox.link(path)),
    )


@outbox.mail("factor-reset-done")
def factor_reset_done(*, account: int) -> EmailMessage | None:
    """Your factors were reset: they open nothing any more."""
    user = User.objects.get(pk=account)
    return outbox.letter(
        to=user.email,
        subject="vos seconds facteurs ont été remis à zéro",
        template="emails/factor_reset_done.txt",
        context={"helper": helper_of(user)},
        button=Button("Ouvrir Opus", outbox.link(reverse("first_access"))),
    )


@outbox.mail("factor-reset-stopped")
def factor_reset_stopped(*, reset: int) -> EmailMessage | None:
    """To who asked: the holder stopped it; perhaps somebody used your name."""
    stopped = FactorReset.objects.select_related("asked_by").get(pk=reset)
    return outbox.letter(
        to=stopped.asked_by.email,
        subject="une remise à zéro a été arrêtée par la personne",
        template="emails/factor_reset_stopped.txt",
        context={"reset": stopped},
    )
