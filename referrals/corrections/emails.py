from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, WebhookEvent, compose_email
from referrals.acts.models import Act
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
        template="referrals/corrections/emails/data_corrected.txt",
        context={"numbers": numbers},
        button=Button("Voir dans Opus", outbox.link(page)),
    )


CORRECTED = "fr.opus.personne.rectifiee"


@outbox.webhook("candidate-corrected")
def candidate_corrected(*, gesture: str) -> WebhookEvent | None:
    """Return the webhook: fields and acts (GDPR 19; V14).

    No value, except France Travail's own identifier.
    """
    rows = list(Correction.objects.filter(gesture=gesture).select_related("candidate"))
    if not rows:
        return None
    candidate = rows[0].candidate
    acts = candidate.acts.order_by("number")
    former = next((row.before for row in rows if row.field == "ft_id"), None)
    return WebhookEvent(
        type=CORRECTED,
        subject=str(candidate.pk),
        sequence=rows[-1].pk,
        at=rows[0].at,
        data={
            "identifiant": candidate.ft_id or None,
            "identifiant_precedent": former or None,
            "champs": sorted(row.field for row in rows),
            "actes": list(acts.values_list("number", flat=True)),
        },
    )
