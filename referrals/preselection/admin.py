import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from opus.lib.forms.base import DateInput, day_field
from opus.lib.model_admin.formatting import bullets, part
from opus.lib.model_admin.forms import AdminAction, AdminActionForm, confirming
from opus.lib.privacy.privacy_notices import PrivacyNotice
from opus.lib.text_guard.fields import NoteFormField
from referrals.acts.states import ScreenedState, SetAsideReason
from referrals.corrections.admin import RECTIFY
from referrals.follow_up.actions import interview
from referrals.follow_up.admin import (
    PRINT_AGAIN,
    RECORD_OUTCOME,
    DayForm,
    QueueAdmin,
    decision,
    frozen_words,
)
from referrals.preselection.actions import (
    ask_for_more,
    permission_for,
    present,
    reset,
    set_aside,
    shortlist,
)
from referrals.preselection.forms import left_of
from referrals.preselection.models import ScreenedReferral
from referrals.preselection.rules import Gesture

S = ScreenedState


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
    decision(
        slug="preselectionner",
        label="Présélectionner",
        question="La candidature est retenue ; il restera à la présenter à "
        "l’employeur.",
        done="La candidature est présélectionnée.",
        form=confirming(shortlist),
        is_open=is_for(Gesture.SHORTLIST),
    ),
    decision(
        slug="ecarter",
        label="Écarter",
        question="Le conseiller est prévenu par courriel et lit le motif. Vous pourrez "
        "reprendre la candidature pendant quinze jours.",
        done="La candidature est écartée ; le conseiller est prévenu.",
        form=confirming(
            set_aside,
            reason=forms.ChoiceField(
                label="Motif",
                choices=[("", "Choisir un motif"), *SetAsideReason.choices],
                help_text="Lu par le conseiller, jamais par le candidat.",
            ),
        ),
        is_open=is_for(Gesture.SET_ASIDE),
    ),
    decision(
        slug="demander-un-complement",
        label="Demander un complément",
        question="Le conseiller est prévenu par courriel et répond dans Opus. La "
        "candidature reprend sa place dès qu’il a répondu.",
        done="La question est posée\xa0; le conseiller est prévenu.",
        form=confirming(
            ask_for_more,
            privacy_notice=PrivacyNotice.QUESTIONS,
            text=NoteFormField(
                place="referrals.applicationquestion.text", label="Votre question"
            ),
        ),
        is_open=is_for(Gesture.ASK_FOR_MORE),
    ),
    AdminAction(
        slug="reprendre",
        label="Reprendre l’examen",
        question="La candidature écartée est de nouveau à examiner.",
        done="La candidature est de nouveau à examiner.",
        form=confirming(reset),
        is_open=lambda act, user: is_for(Gesture.RESET)(act, user) and act.can_be_reset,
    ),
    decision(
        slug="presenter",
        label="Présenter à l’employeur",
        question="Enregistrez le jour où la candidature a été présentée. Le conseiller "
        "prévient le candidat.",
        done="La présentation est enregistrée.",
        form=confirming(present, DayForm, on=day_field("Présentée le")),
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
class ScreenedReferralAdmin(QueueAdmin):
    awaited = (S.TO_REVIEW, S.SHORTLISTED)
    list_display = (
        "number",
        "waiting",
        "offer_in_a_line",
        "fit",
        "cv",
        "structure_link",
        "state_in_words",
        "outcome",
    )
    list_select_related = (
        *QueueAdmin.list_select_related,
        "outcome__code",
        "candidate",
    )
    admin_actions = (*VERBS, RECTIFY)
    fieldsets = (
        part(
            None,
            "state_in_words",
            "offer_line",
            "candidate_line",
            "fit_lines",
            "cv",
            "adviser_line",
            "questions",
        ),
        part("Acte", "number", "created_at", "structure", "channel", "handed_over_on"),
        part("Suivi", "timeline", "reason_in_words", "outcomes", "documents"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate whether the CV that it follows is still there."""
        with_cv = ScreenedReferral.objects.filter(
            pk=OuterRef("pk"), follows__files__content__isnull=False
        )
        return super().get_queryset(request).annotate(has_cv=Exists(with_cv))

    @admin.display(description="remplit, selon le conseiller")
    def fit(self, act: ScreenedReferral) -> str:
        met = len(act.criteria_met)
        every = met + len(left_of(act.offer, act.criteria_met))
        return f"{met} sur {every}" if every else "rien de demandé"

    @admin.display(description="ce que demande l’offre")
    def fit_lines(self, act: ScreenedReferral) -> str:
        met = [("rempli", line) for line in act.criteria_met]
        left = left_of(act.offer, act.criteria_met)
        rows = met + [("non coché", line) for line in left]
        return bullets("<strong>{}</strong>\xa0: {}", rows, "rien de précis")

    @admin.display(description="questions et réponses")
    def questions(self, act: ScreenedReferral) -> str:
        if limit := act.candidate.freeze:
            return frozen_words(limit)
        questions = act.questions.select_related("asked_by", "answered_by")
        return render_to_string("admin/questions.html", {"questions": questions})

    @admin.display(description="CV")
    def cv(self, act: Any) -> str:
        if not act.has_cv:
            return "aucun CV dans Opus"
        if limit := act.candidate.freeze:
            return frozen_words(limit)
        url = reverse("admin:referrals_cvrequest_file", args=[act.follows_id])
        return format_html('<a href="{}">Télécharger le CV</a>', url)
