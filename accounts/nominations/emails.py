"""E-mails about an RGC, to the RGC and correspondents (4.1, 4.3)."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.nominations.models import Nomination
from accounts.users.models.users import User
from accounts.users.territory import administrators_over
from opus.lib.outbound import outbox


@outbox.mail("rgc-in-office")
def rgc_in_office(*, nomination: int) -> EmailMessage | None:
    row = Nomination.objects.in_office().filter(pk=nomination).first()
    if row is None or row.person is None:
        return None
    return outbox.compose_email(
        to=row.person.email,
        subject="vous êtes RGC de votre structure",
        template="accounts/nominations/emails/rgc_in_office.txt",
        context={"convention": row.convention},
        button=outbox.Button("Ouvrir les comptes", outbox.link(reverse("accounts"))),
    )


@outbox.mail("rgc-post-vacant")
def post_vacant(*, nomination: int, account: int = 0) -> EmailMessage | None:
    """Remind the correspondent that the structure must write (4.3)."""
    return _to_correspondent(
        "accounts/nominations/emails/post_vacant.txt",
        "un poste de RGC est vacant",
        nomination,
        account,
    )


@outbox.mail("rgc-letter-overdue")
def letter_overdue(*, nomination: int, account: int = 0) -> EmailMessage | None:
    """Warn the correspondent: eight days without the letter (4.3)."""
    return _to_correspondent(
        "accounts/nominations/emails/letter_overdue.txt",
        "poste de RGC vacant, lettre attendue",
        nomination,
        account,
    )


def warn(effect: outbox.Effect, nomination: Nomination) -> None:
    """Notify the correspondent of annexe 2, else the administrators, once."""
    convention = nomination.convention
    if convention.ft_contact_email:
        effect.post(key=f"nomination:{nomination.pk}", nomination=nomination.pk)
        return
    for reader in administrators_over(convention.agency):
        effect.post(
            key=f"nomination:{nomination.pk}:account:{reader.pk}",
            nomination=nomination.pk,
            account=reader.pk,
        )


def _to_correspondent(
    template: str, subject: str, nomination: int, account: int
) -> EmailMessage | None:
    row = (
        Nomination.objects.vacant()
        .filter(pk=nomination, vacancy_letter_on=None)
        .select_related("convention__structure")
        .first()
    )
    reader = User.objects.filter(pk=account).first()
    if row is None or (account and not (reader and reader.is_active)):
        return None
    address = reader.email if reader else row.convention.ft_contact_email
    page = reverse("admin:accounts_nomination_change", args=[nomination])
    return outbox.compose_email(
        to=address,
        subject=subject,
        template=template,
        context={"nomination": row, "convention": row.convention},
        button=outbox.Button("Ouvrir la fiche", outbox.link(page)),
    )
