"""Webhooks to France Travail: numbers and codes only (R6).

Sent after commit, by the outbox, from the step's row.
"""

from typing import Any

from django.apps import apps
from django.utils import timezone

from opus.lib.outbound import outbox
from opus.lib.outbound.webhooks import WebhookEvent
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import ACT_MOVED, Act, ActStep
from referrals.acts.models.placements import Placement
from referrals.acts.registry import MODELS, acts_of

TYPE = "fr.opus.acte"


@outbox.webhook(ACT_MOVED)
def act_moved(*, table: str, step: int) -> WebhookEvent | None:
    steps: Any = apps.get_model("referrals", table)
    row = steps.objects.filter(pk=step).first()
    if row is None:
        return None
    kind = next(
        kind for kind, model in MODELS.items() if model.steps.rel.related_model is steps
    )
    acts = acts_of(kind).select_related("candidate", "structure")
    act: Act = acts.get(steps=row)
    return WebhookEvent(
        type=f"{TYPE}.{row.target}",
        subject=act.number,
        sequence=row.pk,
        at=row.at,
        data=facts(kind, act, row),
    )


def facts(kind: ActKind, act: Act, step: ActStep) -> dict[str, Any]:
    data: dict[str, Any] = {
        "acte": act.number,
        "nature": kind.value,
        "etat": step.target,
        "offre": act.offer_id,
        "identifiant": act.candidate.ft_id or None,
        "siret": act.structure.siret,
        "le": step.note.get("on") or timezone.localdate(step.at).isoformat(),
    }
    if step.target == Placement.ENDED:
        data |= {
            "suite": step.note.get("outcome"),
            "selon": step.note.get("declared_by"),
        }
    return data
