from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.models.acts import Act
from referrals.corrections.models import Correction


@outbox.mail("data-corrected")
def data_corrected(*, gesture: str, to: int) -> EmailMessage | None:
    """Compose the notice of a correction: acts only (V14)."""
    reader = User.objects.get(pk=to)
    row = Correction.objects.filter(gesture=gesture).first()
    if row is None or not reader.is_active:
        return None
    acts = Act.objects.filter(candidate=row.candidate_id).order_by("number")
    numbers = list(acts.values_list("number", flat=True))
    if not numbers:
        return None
    page = reverse("admin:index") if reader.is_staff else reverse("home")
    return compose_email(
        to=reader.email,
        subject="des données d’un candidat ont été rectifiées",
        template="emails/data_corrected.txt",
        context={"numbers": numbers},
        button=Button("Voir dans Opus", outbox.link(page)),
    )
