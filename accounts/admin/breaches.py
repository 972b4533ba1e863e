"""The files of breaches: letter, observations, decision, end (art. 12)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts import agreements
from accounts.admin.letters import links_to
from accounts.models import Breach, BreachState, User
from accounts.models.breaches import LIVE_BREACHES
from accounts.scope import within
from opus.lib.calendar import add_months, days_until
from opus.lib.dates import date_format
from opus.lib.forms import DateInput
from opus.lib.sorting import ByName
from opus.lib.staff import Queue, ReadOnlyAdmin, Verb, VerbForm, leads_to

NEAR_DAYS = 10


def near_deadline(breaches: QuerySet[Any]) -> QuerySet[Any]:
    """Those whose month of observations or of decision ends within ten days.

    A month is at least 28 days long: the rows are few, so each is asked its own day.
    """
    last = timezone.localdate() + dt.timedelta(days=NEAR_DAYS)
    near = [
        breach.pk
        for breach in breaches.filter(state__in=LIVE_BREACHES)
        if breach.next_deadline and breach.next_deadline <= last
    ]
    return breaches.filter(Q(pk__in=near) | Q(state=BreachState.OBSERVED))


class ObserveForm(VerbForm):
    """The day of the structure's answer."""

    on = forms.DateField(
        label="Observations reçues le", initial=timezone.localdate, widget=DateInput
    )

    def save(self, *, by: User) -> None:
        agreements.receive_observations(
            self.instance, by=by, on=self.cleaned_data["on"]
        )


class UpholdForm(VerbForm):
    """The decision, and the last day that another person will confirm."""

    on = forms.DateField(
        label="Décision du", initial=timezone.localdate, widget=DateInput
    )
    ends_on = forms.DateField(
        label="Dernier jour d’accès proposé",
        widget=DateInput,
        help_text="Dans le mois qui suit la décision (art. 12). Une autre personne "
        "confirme la fin.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("ends_on", add_months(timezone.localdate()))

    def save(self, *, by: User) -> Any:
        return agreements.uphold_breach(self.instance, by=by, **self.cleaned_data)


class LiftForm(VerbForm):
    def save(self, *, by: User) -> None:
        agreements.lift_breach(self.instance, by=by)


class DeadlineFilter(admin.SimpleListFilter):
    title = "échéance"
    parameter_name = "echeance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("proche", f"dans les {NEAR_DAYS} jours, ou décision à prendre")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return near_deadline(queryset) if self.value() == "proche" else queryset


@admin.register(Breach)
class BreachAdmin(ReadOnlyAdmin):
    """One file: what was notified, what was answered, what was decided."""

    list_display = ("convention", "structure", "state", "deadline", "notified_on")
    list_filter = ("state", DeadlineFilter)
    list_select_related = ("convention__structure",)
    search_fields = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."
    fieldsets = (
        (None, {"fields": ("convention", "structure", "state", "deadline")}),
        ("Motifs notifiés", {"fields": ("motives", "facts")}),
        ("Dates", {"fields": ("notified_on", "observed_on", "upheld_on")}),
        ("Suivi", {"fields": ("letters", "ends", "timeline")}),
    )
    verbs = (
        Verb(
            slug="observations",
            label="Enregistrer les observations",
            question="La structure a répondu par écrit aux motifs notifiés.",
            done="Les observations sont enregistrées : une décision est à prendre.",
            form=ObserveForm,
            is_open=leads_to(BreachState.OBSERVED),
            action=None,
        ),
        Verb(
            slug="maintenir",
            label="Maintenir la décision",
            question="Malgré les observations, ou sans réponse au bout d’un mois, "
            "France Travail maintient sa décision. La convention prend fin dans le "
            "mois qui suit, quand une autre personne l’aura confirmé.",
            done="La décision est maintenue : sa lettre est prête à poster, et la fin "
            "de la convention attend d’être confirmée.",
            form=UpholdForm,
            is_open=lambda breach, user: breach.may_be_upheld,
            action=None,
            is_grave=True,
        ),
        Verb(
            slug="abandonner",
            label="Abandonner la procédure",
            question="La convention se poursuit. Si la structure a été prévenue, une "
            "lettre le lui dit.",
            done="La procédure est abandonnée.",
            form=LiftForm,
            is_open=leads_to(BreachState.LIFTED),
            action=None,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        breaches = self.within(Breach.objects.all(), request.user)
        count = near_deadline(breaches).count()
        yield Queue(
            rank=17,
            label="Manquements : échéances proches",
            value=str(count),
            url=self.list_url(echeance="proche"),
            hint=f"dans les {NEAR_DAYS} jours, ou décision à prendre",
            is_waiting=count > 0,
        )

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, breach: Breach) -> str:
        return str(breach.convention.structure)

    @admin.display(description="échéance")
    def deadline(self, breach: Breach) -> str:
        return deadline_of(breach)

    @admin.display(description="motifs")
    def motives(self, breach: Breach) -> str:
        items = format_html_join(
            "", "<li>{}</li>", ((label,) for label in breach.reason_labels)
        )
        return format_html('<ul class="timeline">{}</ul>', items)

    @admin.display(description="lettres")
    def letters(self, breach: Breach) -> str:
        return links_to(breach.letters.all())

    @admin.display(description="fin de la convention")
    def ends(self, breach: Breach) -> str:
        rows = breach.endings.all()
        told = [f"{ending} : {ending.get_state_display()}" for ending in rows]
        return ", ".join(told) or "—"


def deadline_of(breach: Breach) -> str:
    """What the file waits for, and until when."""
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
    """How far a day is, in words."""
    left = days_until(day)
    match left:
        case 0:
            return "aujourd’hui"
        case 1:
            return "demain"
        case _ if left < 0:
            return f"dépassée de {-left} jour{'s' if left < -1 else ''}"
    return f"dans {left} jours"
