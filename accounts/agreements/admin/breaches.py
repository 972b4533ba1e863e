"""Admin of breaches: letter, observations, decision, end (art. 12)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.agreements import actions
from accounts.agreements.admin.of_convention import OfConvention
from accounts.agreements.models.breaches import LIVE_BREACHES, Breach, BreachState
from opus.lib.dates.formats import date_format
from opus.lib.dates.months import add_months, days_until
from opus.lib.forms.base import DateInput, day_field
from opus.lib.model_admin.admin_actions import (
    AdminAction,
    AdminActionForm,
    confirming,
    leads_to,
)
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import bullets, part
from opus.lib.model_admin.permissions import ReadOnlyAdmin
from opus.lib.model_admin.records import Queue

NEAR_DAYS = 10
NEAR = f"dans les {NEAR_DAYS} jours, ou décision à prendre"


def near_deadline(breaches: QuerySet[Any]) -> QuerySet[Any]:
    """Filter breaches whose month ends within ten days."""
    last = timezone.localdate() + dt.timedelta(days=NEAR_DAYS)
    near = [
        breach.pk
        for breach in breaches.filter(state__in=LIVE_BREACHES)
        if breach.next_deadline and breach.next_deadline <= last
    ]
    return breaches.filter(Q(pk__in=near) | Q(state=BreachState.OBSERVED))


class ObserveForm(AdminActionForm):
    act = actions.receive_observations

    on = day_field("Observations reçues le")


class UpholdForm(AdminActionForm):
    act = actions.uphold_breach

    on = day_field("Décision du")
    ends_on = forms.DateField(
        label="Dernier jour d’accès proposé",
        widget=DateInput,
        help_text="Dans le mois qui suit la décision (art. 12). Une autre personne "
        "confirme la fin.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("ends_on", add_months(timezone.localdate()))


class DeadlineFilter(ChoiceFilter):
    title = "échéance"
    parameter_name = "echeance"
    options = {"proche": (NEAR, near_deadline)}


@admin.register(Breach)
class BreachAdmin(OfConvention, ReadOnlyAdmin):
    list_display = ("convention", "structure", "state", "deadline", "notified_on")
    list_filter = ("state", DeadlineFilter)
    fieldsets = (
        part(None, "convention", "structure", "state", "deadline"),
        part("Motifs notifiés", "motives", "facts"),
        part("Dates", "notified_on", "observed_on", "upheld_on"),
        part("Suivi", "letters", "ends", "timeline"),
    )
    admin_actions = (
        AdminAction(
            slug="observations",
            label="Enregistrer les observations",
            question="La structure a répondu par écrit aux motifs notifiés.",
            done="Les observations sont enregistrées : une décision est à prendre.",
            form=ObserveForm,
            is_open=leads_to(BreachState.OBSERVED),
        ),
        AdminAction(
            slug="maintenir",
            label="Maintenir la décision",
            question="Malgré les observations, ou sans réponse au bout d’un mois, "
            "France Travail maintient sa décision. La convention prend fin dans le "
            "mois qui suit, quand une autre personne l’aura confirmé.",
            done="La décision est maintenue : sa lettre est prête à poster, et la fin "
            "de la convention attend d’être confirmée.",
            form=UpholdForm,
            is_open=lambda breach, user: breach.may_be_upheld,
            is_grave=True,
        ),
        AdminAction(
            slug="abandonner",
            label="Abandonner la procédure",
            question="La convention se poursuit. Si la structure a été prévenue, une "
            "lettre le lui dit.",
            done="La procédure est abandonnée.",
            form=confirming(actions.lift_breach),
            is_open=leads_to(BreachState.LIFTED),
        ),
    )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        breaches = self.within(Breach.objects.all(), request.user)
        count = near_deadline(breaches).count()
        label = "Manquements : échéances proches"
        yield self.tile(17, label, count, NEAR, echeance="proche")

    @admin.display(description="échéance")
    def deadline(self, breach: Breach) -> str:
        return deadline_of(breach)

    @admin.display(description="motifs")
    def motives(self, breach: Breach) -> str:
        return bullets("{}", ((label,) for label in breach.reason_labels))

    @admin.display(description="fin de la convention")
    def ends(self, breach: Breach) -> str:
        rows = breach.endings.all()
        ends = [f"{ending} : {ending.get_state_display()}" for ending in rows]
        return ", ".join(ends) or "—"


def deadline_of(breach: Breach) -> str:
    if breach.state == BreachState.OBSERVED:
        return "décision à prendre"
    day = breach.next_deadline
    if day is None:
        return "—"
    what = (
        "observations jusqu’au"
        if breach.state == BreachState.NOTIFIED
        else "fin de la convention au plus tard le"
    )
    return f"{what} {date_format(day)} ({in_days(day)})"


def in_days(day: dt.date) -> str:
    left = days_until(day)
    match left:
        case 0:
            return "aujourd’hui"
        case 1:
            return "demain"
        case _ if left < 0:
            return f"dépassée de {-left} jour{'s' if left < -1 else ''}"
    return f"dans {left} jours"
