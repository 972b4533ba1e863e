"""Who learns of a limit or an erasure (GDPR 18, 19)."""

import datetime as dt
from typing import Any

from django.core.mail import EmailMessage

from accounts.users.models import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, WebhookEvent, compose_email
from referrals.candidates.models import Candidate, ProcessingLimit


@outbox.mail("use-limited")
def use_limited(*, limit: str, to: int) -> EmailMessage | None:
    """Compose the notice of a limit, or of its end (GDPR 18, 21)."""
    row = ProcessingLimit.objects.select_related("candidate").filter(pk=limit).first()
    reader = User.objects.get(pk=to)
    if row is None or not reader.is_active:
        return None
    is_over = row.lifted_at is not None
    return compose_email(
        to=reader.email,
        subject="l’usage des données d’un candidat est de nouveau possible"
        if is_over
        else "un candidat a limité l’usage de ses données",
        template="referrals/privacy/emails/use_limited.txt",
        context={"limit": row, "is_over": is_over},
        button=Button("Voir sa fiche", outbox.link(row.candidate.get_absolute_url())),
    )


@outbox.mail("candidate-erased-notice")
def candidate_gone(*, acts: dict[str, str], to: int) -> EmailMessage | None:
    """Compose the notice of an erasure: numbers of acts only (GDPR 19)."""
    reader = User.objects.get(pk=to)
    if not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="les données d’un candidat ont été effacées",
        template="referrals/privacy/emails/candidate_erased.txt",
        context={"numbers": sorted(acts)},
    )


def notify_limit(candidate: Candidate, limit: ProcessingLimit) -> None:
    """Write to who follows her today."""
    step = "levee" if limit.lifted_at else "posee"
    reader = candidate.follower.pk
    key = f"{limit.pk}:{step}:{reader}"
    use_limited.post(key=key, limit=str(limit.pk), to=reader)


ERASED = "fr.opus.personne.effacee"


@outbox.webhook("candidate-erased")
def candidate_erased(
    *, candidate: str, at: str, acts: dict[str, str]
) -> WebhookEvent | None:
    """Return the webhook: her number and her acts (GDPR 19).

    Her rows are gone: the arguments bring the numbers, and no value.
    """
    erased_at = dt.datetime.fromisoformat(at)
    data: dict[str, Any] = {"actes": sorted(acts)}
    # The last event of this subject.
    sequence = int(erased_at.timestamp())
    return WebhookEvent(
        type=ERASED, subject=candidate, sequence=sequence, at=erased_at, data=data
    )
