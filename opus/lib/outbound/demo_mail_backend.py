"""The demonstration's mail backend, which stores e-mails."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from opus.lib.outbound.models import KeptMail

KEPT = 200


class DemoMailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            KeptMail.objects.create(
                to=", ".join(message.recipients()),
                subject=str(message.subject),
                text=str(message.body),
            )
        newest = KeptMail.objects.order_by("-pk").values("pk")[:KEPT]
        KeptMail.objects.exclude(pk__in=newest).delete()
        return len(email_messages)
