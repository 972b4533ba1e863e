import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.timesince import timesince

from opus.lib.forms.base import DateInput, day_field
from opus.lib.model_admin.admin_actions import AdminAction, AdminActionForm, confirming
from referrals.acts.states import ScreenedState
from referrals.corrections.admin import RECTIFY
from referrals.follow_up.actions import interview
from referrals.follow_up.admin import PRINT_AGAIN, RECORD_OUTCOME, ActAdmin, DayForm
from referrals.preselection.actions import (
    ask_for_more,
    permission_for,
    present,
    reset,
    set_aside,
    shortlist,
)
from referrals.preselection.models import (
    ScreenedReferral,
    ScreenedReferralStep,
    SetAsideReason,
)
from referrals.preselection.rules import Gesture

S = ScreenedState


class SetAsideForm(AdminActionForm):
    act = set_aside

    reason = forms.ChoiceField(
        label="Motif",
        choices=[("", "Choisir un motif"), *SetAsideReason.choices],
        help_text="Lu par le conseiller, jamais par la personne.",
    )


class PresentForm(DayForm):
    act = present

    on = day_field("Présentée le")


class InterviewForm(AdminActionForm):
    act = interview

    on = forms.DateField(label="Date de l’entretien", required=False, widget=DateInput)

    def clean_on(self) -> dt.date | None:
        on: dt.date | None = self.cleaned_data["on"]
        if on and on < timezone.localdate(self.instance.created_at):
            raise ValidationError("Ce jour est avant celui de la mise en contact.")
        return on


def is_for(gesture: Gesture) -> Callable[[Any, Any], bool]:
    return lambda act, user: permission_for(act, gesture, by=user).is_allowed


VERBS = (
    AdminAction(
        slug="preselectionner",
        label="Présélectionner",
        question="La candidature est retenue ; il restera à la présenter à "
        "l’employeur.",
        done="La candidature est présélectionnée.",
        form=confirming(shortlist),
        is_open=is_for(Gesture.SHORTLIST),
    ),
    AdminAction(
        slug="demander-un-complement",
        label="Demander un complément",
        question="Le conseiller est prévenu par courriel. La candidature reprend sa "
        "place dès qu’il a répondu.",
        done="Le complément est demandé ; le conseiller est prévenu.",
        # The details are given by telephone (9.2).
        form=confirming(ask_for_more),
        is_open=is_for(Gesture.ASK_FOR_MORE),
    ),
    AdminAction(
        slug="ecarter",
        label="Écarter",
        question="Le conseiller est prévenu par courriel et lit le motif. Vous pourrez "
        "reprendre la candidature pendant quinze jours.",
        done="La candidature est écartée ; le conseiller est prévenu.",
        form=SetAsideForm,
        is_open=is_for(Gesture.SET_ASIDE),
    ),
    AdminAction(
        slug="reprendre",
        label="Reprendre l’examen",
        question="La candidature écartée est de nouveau à examiner.",
        done="La candidature est de nouveau à examiner.",
        form=confirming(reset),
        is_open=lambda act, user: is_for(Gesture.RESET)(act, user) and act.can_be_reset,
    ),
    AdminAction(
        slug="presenter",
        label="Présenter à l’employeur",
        question="Enregistrez le jour où la candidature a été présentée. Le conseiller "
        "prévient la personne.",
        done="La présentation est enregistrée.",
        form=PresentForm,
        is_open=is_for(Gesture.PRESENT),
    ),
    AdminAction(
        slug="entretien",
        label="Enregistrer un entretien",
        question="L’entretien est fixé ou a eu lieu.",
        done="L’entretien est enregistré.",
        form=InterviewForm,
        is_open=is_for(Gesture.INTERVIEW),
    ),
    RECORD_OUTCOME,
    PRINT_AGAIN,
)


@admin.register(ScreenedReferral)
class ScreenedReferralAdmin(ActAdmin):
    list_display = (*ActAdmin.list_display, "waiting", "outcome")
    list_select_related = (*ActAdmin.list_select_related, "outcome__code")
    admin_actions = (*VERBS, RECTIFY)
    fieldsets = (
        *ActAdmin.fieldsets[:-1],
        ("Présélection", {"fields": ("criteria", "set_aside_because")}),
        ("Suivi", {"fields": ("timeline", "outcomes", "documents")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate the time of entry into the current state."""
        last = ScreenedReferralStep.objects.filter(screened_referral=OuterRef("pk"))
        since = Subquery(last.order_by("-at", "-pk").values("at")[:1])
        return super().get_queryset(request).annotate(since=since)

    @admin.display(description="dans cet état depuis", ordering="since")
    def waiting(self, act: Any) -> str:
        return timesince(act.since, depth=1) if act.since and act.is_live else ""

    @admin.display(description="remplit, selon le conseiller")
    def criteria(self, act: ScreenedReferral) -> str:
        lines = ((line,) for line in act.criteria_met)
        return format_html_join("", "{}<br>", lines) or "rien n’a été coché"
