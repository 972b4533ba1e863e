"""The identifier in one e-mail, the activation link in another (art. 6, S9)."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import FirstAccess, User
from opus.lib import outbox


@outbox.mail("account-identifier")
def account_identifier(*, account: int) -> EmailMessage | None:
    user = User.objects.select_related("structure").get(pk=account)
    if not user.is_active:
        return None
    return outbox.letter(
        to=user.email,
        subject="votre identifiant",
        template="emails/account_identifier.txt",
        context={"person": user},
    )


@outbox.mail("activation-link")
def activation_link(*, access: int) -> EmailMessage | None:
    row = (
        FirstAccess.objects.links().usable().filter(pk=access).select_related("account")
    ).first()
    if row is None or not row.account.is_active:
        return None
    return outbox.letter(
        to=row.account.email,
        subject="votre lien d’activation",
        template="emails/activation_link.txt",
        context={
            "expires_at": row.expires_at,
            "hours": int(settings.FIRST_ACCESS_LASTS.total_seconds() // 3600),
            "is_staff": row.account.is_staff,
        },
        button=outbox.Button(
            "Activer mon accès",
            outbox.link(reverse("activation_link", args=[row.token])),
        ),
    )
