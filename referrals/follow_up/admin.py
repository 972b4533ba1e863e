"""The base of the admin pages of acts.

Candidates have no list: a person is seen on an act, and each view is logged (S24, S38).
"""

import datetime as dt
from functools import partial
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.signin.access import about_persons
from accounts.structures.structure_filter import StructureFilter
from accounts.structures.territory_filter import TerritoryFilter
from accounts.users.enums import Role
from accounts.users.models.users import User
from accounts.users.territory import agencies_of, within
from opus.lib.audit.journal import Action
from opus.lib.background_files import FileState
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.model_admin.admin_actions import AdminAction, AdminActionForm, confirming
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.permissions import ReadOnlyAdmin
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.timeline import timeline_of
from referrals.candidates import access_log
from referrals.candidates.models.limits import ProcessingLimit
from referrals.documents.actions import print_again
from referrals.documents.models import Document, with_document
from referrals.follow_up.actions import record_outcome


class DayForm(AdminActionForm):
    """The day ``on`` of a step, since the act."""

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        made_on = timezone.localdate(self.instance.created_at)
        if not made_on <= on <= timezone.localdate():
            raise ValidationError(
                f"Choisissez un jour entre celui de la mise en contact, le "
                f"{date_format(made_on)}, et aujourd’hui."
            )
        return on


class OutcomeForm(DayForm):
    """The outcome, as France Travail knows it (design 2.10)."""

    act = partial(record_outcome, declared_by=DeclaredBy.FRANCE_TRAVAIL)

    code = forms.ModelChoiceField(
        label="Suite", queryset=OutcomeCode.objects.filter(is_open=True)
    )
    on = day_field("Date")


def print_failed_again(act: Act, *, by: User) -> None:
    for document in failed_documents(act):
        print_again(document, by=by)


def failed_documents(act: Act) -> QuerySet[Document]:
    failed: QuerySet[Document] = act.documents.filter(state=FileState.FAILED)
    return failed


def frozen_words(limit: ProcessingLimit) -> str:
    """Return what staff read instead of frozen data (GDPR 18)."""
    return f"données gelées à la demande du candidat (n°\xa0{limit.reference})"


class DocumentFilter(ChoiceFilter):
    title = "document"
    parameter_name = "document"
    options = {
        state.value: (state.label, partial(with_document, state=state))
        for state in FileState
    }


class StateFilter(admin.SimpleListFilter):
    """The states of the kind; at the address of Django's own filter."""

    title = "état"
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(model_admin.model.state_words().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class OfferFilter(ChoiceFilter):
    title = "offre"
    parameter_name = "offre"
    options = {"retiree": ("retirée", lambda acts: acts.exclude(offer__state="active"))}


RECORD_OUTCOME = AdminAction(
    slug="suite",
    label="Noter la suite",
    question="La parole de France Travail l’emporte sur celle du conseiller. "
    "Ce qui a été déclaré avant reste dans l’historique.",
    done="La suite est enregistrée.",
    form=OutcomeForm,
    is_open=lambda act, user: act.can_record_outcome(user),
)
PRINT_AGAIN = AdminAction(
    slug="relancer-le-document",
    label="Relancer le document",
    question="Opus essaie de nouveau de fabriquer le document de cette proposition.",
    done="Le document est relancé.",
    form=confirming(print_failed_again),
    is_open=lambda act, user: failed_documents(act).exists(),
)


class ActAdmin(ReadOnlyAdmin):
    list_display: tuple[str, ...] = (
        "number",
        "made_on",
        "offer",
        "agency",
        "structure_link",
        "state_in_words",
    )
    list_filter = (
        StateFilter,
        DocumentFilter,
        OfferFilter,
        StructureFilter,
        TerritoryFilter,
    )
    structure_path = "structure"
    territory_paths = ("offer__agency_safir",)
    list_select_related: ClassVar[tuple[str, ...]] = ("offer", "structure")
    search_fields = (
        "number",
        "=offer__reference",
        "offer__title",
        "=offer__agency_safir",
        "structure__name",
    )
    search_help_text = "Numéro, offre, structure ou code SAFIR de l’agence."
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("number", "created_at", "state_in_words", "offer_line")}),
        ("Candidat", {"fields": ("candidate_line", "structure", "adviser")}),
        ("Remise du document", {"fields": ("channel", "handed_over_on")}),
        ("Suivi", {"fields": ("timeline", "documents")}),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """Limit agents to their agency's offers; administrators also see structures."""
        agencies = agencies_of(user)
        if agencies is None:
            return queryset
        on_offers = queryset.filter(offer__agency_safir__in=agencies.values("safir"))
        if user.role == Role.AGENT:
            return on_offers
        return on_offers | within(queryset, user, "structure__agency")

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the act, or raise Http404, counted (S39)."""
        instance = super().get_object(request, *args, **kwargs)
        if instance is None:
            raise Http404
        return instance

    def record_read(self, request: HttpRequest, instance: Any) -> None:
        """Log the view of the candidate (S25, S38)."""
        user = cast(User, request.user)
        access_log.show(user, Action.ADMIN_READ, [instance.candidate], target=instance)

    def get_urls(self) -> list[URLPattern]:
        return about_persons(super().get_urls())

    @admin.display(description="historique")
    def timeline(self, instance: Act) -> str:
        return render_to_string("admin/timeline.html", {"lines": timeline_of(instance)})

    @admin.display(description="état", ordering="state")
    def state_in_words(self, act: Act) -> str:
        return act.get_state_display()

    @admin.display(description="motif")
    def reason_in_words(self, act: Act) -> str:
        return act.get_reason_display() or self.get_empty_value_display()

    @admin.display(description="faite le", ordering="created_at")
    def made_on(self, act: Act) -> dt.date:
        return timezone.localdate(act.created_at)

    @admin.display(description="agence", ordering="offer__agency_safir")
    def agency(self, act: Act) -> str:
        return act.offer.agency_safir

    @admin.display(description="offre")
    def offer_line(self, act: Act) -> str:
        offer = act.offer
        url = reverse("admin:offers_offer_change", args=[offer.pk])
        return format_html(
            '<a href="{}">{}</a> ({})', url, offer, offer.get_state_display()
        )

    @admin.display(description="candidat")
    def candidate_line(self, act: Act) -> str:
        candidate = act.candidate
        if limit := candidate.freeze:
            return frozen_words(limit)
        ft_id = candidate.ft_id or "sans identifiant France Travail"
        return f"{candidate} ({ft_id})"

    @admin.display(description="suites déclarées")
    def outcomes(self, act: Act) -> str:
        outcomes = act.outcomes.select_related("code", "by")
        context = {"outcomes": outcomes, "current": act.outcome_id}
        return render_to_string("admin/outcomes.html", context)

    @admin.display(description="documents")
    def documents(self, act: Act) -> str:
        if limit := act.candidate.freeze:
            return frozen_words(limit)
        documents = act.documents.defer("html", "content")
        return render_to_string("admin/documents.html", {"documents": documents})
