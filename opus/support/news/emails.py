"""Announces a change of Opus to the RGC (art. 6)."""

from django.core.mail import EmailMessage

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from opus.lib.outbound.outbox import button
from opus.support.news.models import Announcement


@outbox.mail("change-announced")
def change_announced(*, announcement: str, account: int) -> EmailMessage | None:
    """Compose the day and the title; None once withdrawn."""
    row = Announcement.objects.published().filter(pk=announcement).first()
    person = User.objects.get(pk=account)
    if row is None or not person.is_active:
        return None
    return outbox.compose_email(
        to=person.email,
        subject="une évolution est annoncée",
        template="support/news/emails/change_announced.txt",
        context={"announcement": row},
        button=button("Lire l’annonce", row),
    )


@outbox.mail("change-withdrawn")
def change_withdrawn(*, announcement: str, account: int) -> EmailMessage | None:
    """Correct the first e-mail; None if that one never left."""
    row = Announcement.objects.get(pk=announcement)
    person = User.objects.get(pk=account)
    announced = OutboxEntry.objects.filter(
        effect=change_announced.name,
        arguments={"announcement": announcement, "account": account},
        sent_at__isnull=False,
    )
    if not (person.is_active and announced.exists()):
        return None
    return outbox.compose_email(
        to=person.email,
        subject="une évolution annoncée est retirée",
        template="support/news/emails/change_withdrawn.txt",
        context={"announcement": row},
        button=button("Lire les actualités", "announcements"),
    )
