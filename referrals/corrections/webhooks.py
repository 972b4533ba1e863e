from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import WebhookEvent
from referrals.corrections.models import Correction

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
