import uuid
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.signin.access import about_persons
from accounts.users.models import User
from opus.lib.model_admin.formatting import part
from opus.lib.model_admin.forms import AdminAction, confirming, leads_to
from opus.lib.privacy.privacy_notices import PrivacyNotice
from referrals.acts.models import Act
from referrals.acts.states import CvRefusal, CvState
from referrals.candidates.models import ProcessingLimit
from referrals.corrections.admin import RECTIFY
from referrals.cv_requests import actions
from referrals.cv_requests.forms import CvField
from referrals.cv_requests.models import CvFile, CvRequest
from referrals.cv_requests.uploads import download_of
from referrals.follow_up.admin import PRINT_AGAIN, QueueAdmin, decision, frozen_words

RECEIVE = AdminAction(
    slug="deposer-le-cv",
    label="Déposer le CV",
    question="Le CV est enregistré pour le candidat, et attend d’être lu.",
    done="Le CV est enregistré : il attend d’être lu.",
    form=confirming(actions.receive, privacy_notice=PrivacyNotice.CVS, cv=CvField()),
    is_open=lambda cv_request, user: cv_request.can_be_received,
)
KEEP = decision(
    slug="retenir",
    label="Retenir le CV",
    question="Une mise en contact avec présélection commence pour ce candidat, déjà "
    "présélectionnée. Son conseiller voit votre réponse.",
    done="Le CV est retenu : une mise en contact avec présélection est ouverte.",
    form=confirming(actions.keep),
    is_open=leads_to(CvState.KEPT),
)
REFUSE = decision(
    slug="ne-pas-retenir",
    label="Ne pas retenir",
    question="Le conseiller lit le motif et l’explique au candidat.",
    done="La réponse est enregistrée.",
    form=confirming(
        actions.refuse,
        reason=forms.ChoiceField(
            label="Motif", choices=[("", "Choisir un motif"), *CvRefusal.choices]
        ),
    ),
    is_open=leads_to(CvState.NOT_KEPT),
)


@admin.register(CvRequest)
class CvRequestAdmin(QueueAdmin):
    awaited = (CvState.SENT,)
    list_display = (
        "number",
        "waiting",
        "offer_in_a_line",
        "cv_of_row",
        "structure_link",
        "state_in_words",
        "due_on",
    )
    list_select_related = (*QueueAdmin.list_select_related, "candidate")
    admin_actions = (KEEP, REFUSE, RECEIVE, PRINT_AGAIN, RECTIFY)
    fieldsets = (
        part(
            None,
            "state_in_words",
            "offer_line",
            "candidate_line",
            "cv_line",
            "adviser_line",
        ),
        part(
            "Acte",
            "number",
            "created_at",
            "structure",
            "due_on",
            "channel",
            "handed_over_on",
        ),
        part("Suivi", "timeline", "reason_in_words", "next_act", "documents"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Annotate whether its CV may be read: kept, and not frozen."""
        frozen = ProcessingLimit.objects.in_force()
        files = CvFile.objects.filter(
            cv_request=OuterRef("pk"), content__isnull=False
        ).exclude(cv_request__candidate__in=frozen.values("candidate"))
        return super().get_queryset(request).annotate(has_cv=Exists(files))

    @admin.display(description="CV")
    def cv_of_row(self, cv_request: Any) -> str:
        if not (cv_request.has_cv and cv_request.is_readable_by_agency):
            return self.get_empty_value_display()
        url = reverse("admin:referrals_cvrequest_file", args=[cv_request.pk])
        return format_html('<a href="{}">Télécharger le CV</a>', url)

    def get_urls(self) -> list[URLPattern]:
        file = path(
            "<uuid:pk>/cv/",
            self.admin_site.admin_view(self.file_view),
            name="referrals_cvrequest_file",
        )
        return [*about_persons([file]), *super().get_urls()]

    def file_view(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        """Return a CV of the user's territory. Raises Http404, PermissionDenied."""
        cv_request = self.get_object(request, str(pk))
        if not self.has_view_permission(request, cv_request):
            raise PermissionDenied
        files = CvFile.objects.filter(cv_request=cv_request, content__isnull=False)
        file = files.first()
        if file is None or not cv_request.is_readable_by_agency:
            raise Http404
        if limit := cv_request.candidate.freeze:
            raise PermissionDenied(f"{frozen_words(limit).capitalize()}.")
        return download_of(file, by=cast(User, request.user))

    @admin.display(description="CV")
    def cv_line(self, cv_request: CvRequest) -> str:
        if limit := cv_request.candidate.freeze:
            return frozen_words(limit)
        context = {"cv_request": cv_request, "cv": cv_request.cv}
        return render_to_string("admin/cv.html", context)

    @admin.display(description="suite donnée")
    def next_act(self, cv_request: CvRequest) -> Any:
        follows = Act.objects.filter(follows=cv_request).first()
        return follows or self.get_empty_value_display()
