"""Reminds staff of an incident without an update (R17)."""

from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.users import territory
from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import button
from opus.support.service_status.models import Incident


def notify_staff(incident: Incident) -> None:
    """Send each administrator one e-mail a day without an update."""
    admins = User.objects.administrators()
    for reader in territory.administrators_over(None) or admins:
        key = f"{incident.pk}:{timezone.localdate()}:{reader.pk}"
        incident_unspoken.post(key=key, incident=incident.pk, to=reader.pk)


@outbox.mail("incident-unspoken")
def incident_unspoken(*, incident: int, to: int) -> EmailMessage | None:
    """Compose the request for an update, unless it came."""
    reader = User.objects.get(pk=to)
    row = Incident.objects.unspoken().filter(pk=incident).first()
    if row is None or not reader.is_active:
        return None
    return outbox.compose_email(
        to=reader.email,
        subject="un incident attend des nouvelles",
        template="support/service_status/emails/incident_unspoken.txt",
        context={"incident": row},
        button=button("Donner des nouvelles", "admin:support_incident_change", row.pk),
    )
