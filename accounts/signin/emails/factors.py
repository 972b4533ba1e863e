"""E-mails about second factors, without secret nor identifier (S9, S10, S11)."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.signin.models.factor_recovery import FactorReset
from accounts.users.contacts import helper_of
from accounts.users.models.addresses import address_since
from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button


@outbox.mail("backup-code-used")
def backup_code_used(*, account: int) -> EmailMessage | None:
    user = User.objects.get(pk=account)
    return outbox.compose_email(
        to=user.email,
        subject="un code de secours a été utilisé",
        template="accounts/signin/emails/backup_code_used.txt",
        context={"backup": user.backup_codes, "helper": helper_of(user)},
        button=Button("Voir mes seconds facteurs", outbox.link(reverse("profile"))),
    )


@outbox.mail("factor-reset-asked")
def factor_reset_asked(*, reset: int, since: int) -> EmailMessage | None:
    """Announce the reset, with a stop link (S10); ``since``: ``recent_addresses``."""
    pending = FactorReset.objects.select_related("account").get(pk=reset)
    to = address_since(pending.account, since)
    if pending.is_over or not to:
        return None
    path = reverse("factor_reset_stop", args=[pending.stop_token])
    return outbox.compose_email(
        to=to,
        subject="vos seconds facteurs vont être remis à zéro",
        template="accounts/signin/emails/factor_reset_asked.txt",
        context={"reset": pending},
        button=Button("Ce n’est pas moi : tout arrêter", outbox.link(path)),
    )


@outbox.mail("factor-reset-stopped")
def factor_reset_stopped(*, reset: int) -> EmailMessage | None:
    """Notify the requester: somebody may have used the holder's name."""
    stopped = FactorReset.objects.select_related("asked_by").get(pk=reset)
    return outbox.compose_email(
        to=stopped.asked_by.email,
        subject="une remise à zéro a été arrêtée par la personne",
        template="accounts/signin/emails/factor_reset_stopped.txt",
        context={"reset": stopped},
    )
