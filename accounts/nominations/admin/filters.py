from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.agreements.enums import OVER_STATES
from accounts.nominations.models import Nomination
from opus.lib.model_admin.filters import ChoiceFilter


def awaiting(name: str) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Filter by a step, of conventions that are not over."""
    return lambda rows: rows.filter(
        convention__ends_on__gte=timezone.localdate(),
        pk__in=getattr(Nomination.objects, name)().values("pk"),
    ).exclude(convention__state__in=OVER_STATES)


class StepFilter(ChoiceFilter):
    title = "ce qui est attendu"
    parameter_name = "attendu"
    options = {
        "avis": ("avis facultatif du directeur de site", awaiting("awaiting_opinion")),
        "decision": ("décision territoriale", awaiting("awaiting_decision")),
        "validation": (
            "validation du changement par le directeur régional",
            awaiting("awaiting_validation"),
        ),
        "notification": (
            "notification à la structure",
            awaiting("awaiting_notification"),
        ),
        "compte": ("compte à fournir", awaiting("awaiting_account")),
        "fonction": ("mise en fonction", awaiting("awaiting_office")),
        "copie": (
            "copie de la convention à remettre par la structure",
            awaiting("awaiting_copy"),
        ),
        "retrait": ("retrait à décider", awaiting("awaiting_withdrawal")),
        "depart": ("fin de fonction annoncée", awaiting("leaving")),
        "suspendu": (
            "compte à réactiver, ou à remplacer",
            awaiting("with_suspended_account"),
        ),
        "vacance": ("poste vacant", awaiting("vacant")),
        "lettre": (
            "départ ou absence non signalés sous huit jours",
            awaiting("letter_overdue"),
        ),
    }
