"""E-mails to the RGC and correspondents (4.1, 4.3)."""

from functools import partial

from django.core.mail import EmailMessage

from accounts.nominations.models import Nomination
from accounts.users.models import User
from accounts.users.territory import administrators_over
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button


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
        button=button("Voir les comptes", "accounts"),
    )


def to_correspondent(
    template: str, subject: str, *, nomination: int, account: int = 0
) -> EmailMessage | None:
    """Write to the correspondent while the post is vacant (4.3)."""
    rows = Nomination.objects.vacant()
    if template == "letter_overdue":
        rows = Nomination.objects.letter_overdue()
    row = rows.filter(pk=nomination).select_related("convention__structure").first()
    reader = User.objects.filter(pk=account).first()
    if row is None or (account and not (reader and reader.is_active)):
        return None
    address = reader.email if reader else row.convention.ft_contact_email
    return outbox.compose_email(
        to=address,
        subject=subject,
        template=f"accounts/nominations/emails/{template}.txt",
        context={"nomination": row, "convention": row.convention},
        button=button("Voir la fiche", "admin:accounts_nomination_change", nomination),
    )


# Report the vacancy; then warn of eight days without the structure's letter.
post_vacant = outbox.mail("rgc-post-vacant")(
    partial(to_correspondent, "post_vacant", "un poste de RGC est vacant")
)
letter_overdue = outbox.mail("rgc-letter-overdue")(
    partial(to_correspondent, "letter_overdue", "fin de fonction d’un RGC non signalée")
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
