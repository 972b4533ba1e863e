"""The letters about candidates and acts. They name no candidate."""

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.models import User
from opus.lib import outbox
from opus.lib.outbox import Button, letter


@outbox.mail("caseload-received")
def caseload_received(
    *, account: int, to: int, people: int, acts: int
) -> EmailMessage | None:
    """A colleague's candidates are now yours (domain 5.6)."""
    reader = User.objects.get(pk=to)
    if not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="des personnes à accompagner vous sont confiées",
        template="emails/caseload_received.txt",
        context={
            "giver": User.objects.get(pk=account),
            "people": people,
            "acts": acts,
        },
        button=Button("Voir mes candidats", outbox.link(reverse("candidates"))),
    )
