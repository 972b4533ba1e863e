"""The base of the admin pages of acts.

Candidates have no list: a person is seen on an act, and each view is logged (S24, S38).
"""

import copy
import datetime as dt
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR
from django.core.exceptions import ValidationError
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.timesince import timesince

from accounts.signin.access import about_persons
from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.users.enums import Role
from accounts.users.models import User
from accounts.users.territory import agencies_of, within
from opus.lib.audit.journal import Action
from opus.lib.background_files import FileState
from opus.lib.dates import date_format
from opus.lib.forms.base import day_field
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.formatting import admin_url
from opus.lib.model_admin.forms import AdminAction, AdminActionForm, confirming
from opus.lib.model_admin.staff_admin import ReadOnlyAdmin, StaffAdmin
from referrals.acts.models import Act, ActStep
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.timeline import timeline_of
from referrals.candidates import access_log
from referrals.candidates.models import ProcessingLimit
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
    """The outcome, as France Travail knows it."""

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


# Where Django's lists put their own filters in the addresses of their rows.
FILTERS = "_changelist_filters"
# A longer list has no places: it is not worked through act by act.
LONGEST = 1_000


def query_of(filters: str) -> str:
    """Return what the address of an act says of its list."""
    return urlencode({FILTERS: filters})


class WorkQueue:
    """The acts of a list, in its order; empty outside of a list."""

    def __init__(self, pages: Any, request: HttpRequest) -> None:
        self.pages: StaffAdmin = pages
        self.request = request
        # Encoded twice, so a NUL passes the middleware; such filters are no list.
        filters = request.GET.get(FILTERS, "")
        self.filters = QueryDict("" if "%00" in filters else filters, mutable=True)
        self.filters.pop(PAGE_VAR, None)

    def __bool__(self) -> bool:
        return bool(self.filters)

    def __len__(self) -> int:
        return len(self.acts)

    @cached_property
    def acts(self) -> Sequence[Any]:
        """Return the acts' numbers as they are now."""
        if not self.filters:
            return []
        request = copy.copy(self.request)
        request.GET = self.filters  # type: ignore[assignment]
        try:
            found: Any = self.pages.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return []
        return list(found.queryset.values_list("pk", flat=True)[:LONGEST])

    def rank_of(self, act: Model) -> int | None:
        return self.acts.index(act.pk) if act.pk in self.acts else None

    def after(self, act: Model) -> Any:
        """Return the next act's number, the first after the last; None alone."""
        rank = self.rank_of(act)
        others = [one for one in self.acts if one != act.pk]
        if not others:
            return None
        return others[rank % len(others)] if rank is not None else others[0]

    def url_of(self, key: Any) -> str:
        """Return an act's page, within this list."""
        return f"{admin_url(self.pages.model, 'change', key)}?{self.query}"

    @property
    def query(self) -> str:
        return query_of(self.filters.urlencode())

    def list_url(self, act: Model | None = None) -> str:
        """Return the list, at the page of this act."""
        filters = self.filters.copy()
        rank = self.rank_of(act) if act else None
        if rank and (page := rank // self.pages.list_per_page):
            filters[PAGE_VAR] = str(page + 1)
        return f"{self.pages.list_url()}?{filters.urlencode()}"


def why_frozen(act: Act, user: Any) -> str:
    limit = act.candidate.freeze
    if limit is None:
        return ""
    return f"{frozen_words(limit).capitalize()}\xa0: rien ne se décide d’ici là."


# What an agency decides, on the act's own page; the next act follows.
decision = partial(AdminAction, is_inline=True, why_not=why_frozen)


class QueueAdmin(ActAdmin):
    change_form_template = "admin/act.html"
    # The states that wait for the agency: their lists begin with the oldest.
    awaited: ClassVar[tuple[str, ...]] = ()

    def first_in_state(self) -> Subquery:
        """Return when it first came into its state: a question keeps its place."""
        into = ActStep.objects.filter(act=OuterRef("pk"), target=OuterRef("state"))
        return Subquery(into.order_by("at", "pk").values("at")[:1])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset.annotate(since=self.first_in_state())

    def queue_order(self, request: HttpRequest) -> Any:
        """Return the order of the queue that is listed; None for other lists."""
        if request.GET.get("state__exact") in self.awaited:
            return (self.first_in_state().asc(), "pk")
        return None

    def get_ordering(self, request: HttpRequest) -> Any:
        return self.queue_order(request) or super().get_ordering(request)

    @admin.display(description="attend depuis", ordering="since")
    def waiting(self, act: Any) -> str:
        return timesince(act.since, depth=1) if act.since and act.is_live else ""

    @admin.display(description="offre", ordering="offer__title")
    def offer_in_a_line(self, act: Act) -> str:
        offer = act.offer
        facts = (offer.title, offer.place_label, offer.contract_label)
        return ", ".join(filter(None, facts))

    @admin.display(description="offre")
    def offer_line(self, act: Act) -> str:
        """Return the offer in one line, with its link."""
        offer = act.offer
        url = reverse("admin:offers_offer_change", args=[offer.pk])
        facts = (offer.place_label, offer.contract_label, offer.get_state_display())
        line = ", ".join(filter(None, facts))
        return format_html('<a href="{}">{}</a>, {}', url, offer, line)

    @admin.display(description="conseiller")
    def adviser_line(self, act: Act) -> str:
        """Return who follows the person today, with his work telephone."""
        adviser = act.candidate.follower
        return ", ".join(filter(None, (str(adviser), adviser.phone)))

    # --- One act, then the next ---------------------------------------------------

    def context_about(self, request: HttpRequest, instance: Any) -> dict[str, Any]:
        """Return the links of an action's page, within its queue."""
        context = super().context_about(request, instance)
        if queue := WorkQueue(self, request):
            context["record_url"] = queue.url_of(instance.pk)
            context["list_url"] = queue.list_url(instance)
        return context

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        act = kwargs["obj"]
        response = super().render_change_form(request, context, *args, **kwargs)
        queue = WorkQueue(self, request)
        following = queue.after(act)
        rank = queue.rank_of(act)
        context |= {
            "queue": queue,
            "rank": None if rank is None else rank + 1,
            "list_url": queue.list_url(act),
            "next_url": queue.url_of(following) if following else "",
            "why_frozen": why_frozen(act, request.user),
            "decisions": [
                (one, one.form(instance=act, auto_id=f"{one.slug}_%s"))
                for one in context["admin_actions"]
                if one.is_inline
            ],
            "others": [one for one in context["admin_actions"] if not one.is_inline],
        }
        return response

    def do(
        self,
        request: HttpRequest,
        instance: Any,
        button: AdminAction,
        form: AdminActionForm,
    ) -> HttpResponse | None:
        """Run the action; lead to the next act, if this one left the queue."""
        queue = WorkQueue(self, request)
        following = queue.after(instance)
        done = super().do(request, instance, button, form)
        if done is None or not queue:
            return done
        left = WorkQueue(self, request)
        if left.rank_of(instance) is not None:
            return redirect(left.url_of(instance.pk))
        if following in left.acts:
            return redirect(left.url_of(following))
        if left.acts:
            return redirect(left.url_of(left.acts[0]))
        self.message_user(request, "Cette file est vide\xa0: tout est décidé.")
        return redirect(left.list_url())
