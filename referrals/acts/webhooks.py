"""Webhooks to France Travail: numbers and codes only (R6).

Sent after commit, by the outbox, from the step's row.
"""

from typing import Any

from django.utils import timezone

from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import WebhookEvent
from referrals.acts.models import ACT_MOVED, Act, ActStep

TYPE = "fr.opus.acte"


@outbox.webhook(ACT_MOVED)
def act_moved(*, step: int) -> WebhookEvent | None:
    steps = ActStep.objects.select_related("act__candidate", "act__structure")
    row = steps.filter(pk=step).first()
    if row is None:
        return None
    act = row.act
    data: dict[str, Any] = {
        "acte": act.number,
        "nature": act.kind,
        "etat": row.target,
        "offre": act.offer_id,
        "identifiant": act.candidate.ft_id or None,
        "siret": act.structure.siret,
        "le": row.note.get("on") or timezone.localdate(row.at).isoformat(),
    }
    if row.target == Act.ENDED:
        data |= {"suite": row.note.get("outcome"), "selon": row.note.get("declared_by")}
    return WebhookEvent(
        type=f"{TYPE}.{row.target}",
        subject=act.number,
        sequence=row.pk,
        at=row.at,
        data=data,
    )
