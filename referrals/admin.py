"""The acts as France Travail reads them, and the outcomes' codes that it edits.

Candidates have no list here: one meets a person on the sheet of an act, found by its
number, its offer or its structure, and each sight is told to the journal (S24, S38).
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from accounts import ceilings
from accounts.access import step_up
from accounts.admin.users import UserAdmin, is_other
from accounts.models import AgencyKind, ClosingReason, Role, User, UserState
from accounts.scope import agencies_of, within
from opus.lib.audit import Action
from opus.lib.forms import DateInput
from opus.lib.staff import Queue, ReadOnlyAdmin, StaffAdmin, Verb, VerbForm
from referrals import sightings
from referrals.actions import handover
from referrals.actions.follow_up import record_outcome
from referrals.actions.sheets import print_again
from referrals.forms.handover import Receivers
from referrals.forms.persons_seen import PersonsSeenForm
from referrals.models import (
    DeclaredBy,
    Document,
    DocumentState,
    Outcome,
    OutcomeCode,
    Referral,
)
from referrals.persons_seen import PersonSeen, as_csv, persons_seen
from referrals.timeline import timeline_of


@admin.register(OutcomeCode)
class OutcomeCodeAdmin(StaffAdmin):
    """The coded *suites*, in the order in which advisers read them."""

    list_display = ("position", "label", "kind", "code", "is_open")
    list_display_links = ("label",)
    list_filter = ("is_open", "kind")
    search_fields = ("label", "code")
    fields = ("label", "code", "kind", "position", "is_open")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Acts and extracts rely on a code: it does not change."""
        return ("code",) if obj else ()


class OutcomeForm(VerbForm):
    """What came of the act, in France Travail's word (design 2.10)."""

    code = forms.ModelChoiceField(
        label="Suite", queryset=OutcomeCode.objects.filter(is_open=True)
    )
    on = forms.DateField(label="Date", initial=timezone.localdate, widget=DateInput)

    def clean_on(self) -> dt.date:
        on: dt.date = self.cleaned_data["on"]
        made_on = timezone.localdate(self.instance.created_at)
        if not made_on <= on <= timezone.localdate():
            raise ValidationError(
                f"Choisissez un jour entre celui de la mise en contact, le "
                f"{date_format(made_on)}, et aujourd’hui."
            )
        return on

    def save(self, *, by: User) -> None:
        record_outcome(
            self.instance,
            by=by,
            code=self.cleaned_data["code"],
            declared_by=DeclaredBy.FRANCE_TRAVAIL,
            on=self.cleaned_data["on"],
        )


class PrintAgainForm(VerbForm):
    """Another try for the sheets that could not be made."""

    def save(self, *, by: User) -> None:
        for document in failed_documents(self.instance):
            print_again(document, by=by)


def failed_documents(referral: Referral) -> QuerySet[Document]:
    return Document.objects.filter(referral=referral, state=DocumentState.FAILED)


class DocumentFilter(admin.SimpleListFilter):
    """By the state of a document of the act."""

    title = "document"
    parameter_name = "document"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(DocumentState.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        documents = Document.objects.filter(referral=OuterRef("pk"), state=self.value())
        return queryset.filter(Exists(documents))


class OfferFilter(admin.SimpleListFilter):
    """Acts whose offer is no longer there."""

    title = "offre"
    parameter_name = "offre"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("retiree", "retirée")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "retiree":
            return queryset.exclude(offer__state="active")
        return queryset


FILE_NAME = "personnes-vues.csv"
NOT_REGIONAL = (
    "La liste des personnes vues par un compte est réservée aux administrateurs d’une "
    "direction régionale ou de la direction générale (RGPD, art. 33)."
)


def is_regional(user: User) -> bool:
    """Whether a breach is that person's business: a region's, or the country's."""
    if user.role != Role.FT_ADMIN:
        return False
    return user.agency is None or user.agency.kind in {
        AgencyKind.REGION,
        AgencyKind.NATIONAL,
    }


@admin.register(Referral)
class ReferralAdmin(ReadOnlyAdmin):
    """A mise en contact: its offer, its steps, its documents, its outcomes."""

    list_display = (
        "number",
        "made_on",
        "offer",
        "agency",
        "structure",
        "state",
        "outcome",
    )
    list_filter = ("state", DocumentFilter, OfferFilter)
    list_select_related = ("offer", "structure", "outcome__code")
    search_fields = (
        "number",
        "=offer__reference",
        "offer__title",
        "=offer__agency_safir",
        "structure__name",
    )
    search_help_text = "Numéro, offre, structure ou code SAFIR de l’agence."
    verbs = (
        Verb(
            slug="suite",
            label="Enregistrer la suite",
            question="La parole de France Travail l’emporte sur celle du conseiller. "
            "Ce qui a été déclaré avant reste dans l’historique.",
            done="La suite est enregistrée.",
            form=OutcomeForm,
            is_open=lambda referral, user: referral.can_record_outcome(user),
            action=None,
        ),
        Verb(
            slug="relancer-le-document",
            label="Relancer le document",
            question="Opus essaie de nouveau de fabriquer le document de cet acte.",
            done="Le document est relancé.",
            form=PrintAgainForm,
            is_open=lambda referral, user: failed_documents(referral).exists(),
            action=None,
        ),
    )
    fieldsets = (
        (None, {"fields": ("number", "created_at", "state", "offer_line")}),
        (
            "Personnes",
            {"fields": ("candidate_line", "structure", "adviser")},
        ),
        ("Remise du document", {"fields": (("channel", "handed_over_on"),)}),
        ("Suivi", {"fields": ("timeline", "outcomes", "documents")}),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        """An agent: the acts on his agency's offers. An administrator: those of his
        territory's structures too."""
        agencies = agencies_of(user)
        if agencies is None:
            return queryset
        on_offers = queryset.filter(offer__agency_safir__in=agencies.values("safir"))
        if user.role == Role.AGENT:
            return on_offers
        return on_offers | within(queryset, user, "structure__agency")

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        acts = self.within(Referral.objects.all(), request.user)
        failed = Document.objects.filter(state=DocumentState.FAILED, referral__in=acts)
        count = failed.count()
        yield Queue(
            rank=60,
            label="Documents en échec",
            value=str(count),
            url=self.list_url(document=DocumentState.FAILED),
            hint="documents dont le PDF n’a pas pu être fait",
            is_waiting=count > 0,
        )

    def get_urls(self) -> list[URLPattern]:
        seen = path(
            "personnes-vues/",
            self.admin_site.admin_view(step_up(self.persons_seen_view)),
            name="persons_seen",
        )
        return [seen, *super().get_urls()]

    def persons_seen_view(self, request: HttpRequest) -> HttpResponse:
        """The breach kit: how many persons an account saw, then their list (V24).

        The count names nobody; the list is an export, told with its reason (S25, S37).

        Raises:
            PermissionDenied: neither a region's nor the country's administrator.
        """
        user = cast(User, request.user)
        if not is_regional(user):
            raise PermissionDenied(NOT_REGIONAL)
        data = request.POST if request.method == "POST" else None
        initial = {name: request.GET.get(name, "") for name in ("compte", "du", "au")}
        form = PersonsSeenForm(data, by=user, initial=initial)
        persons: list[PersonSeen] = []
        if form.is_valid():
            answers = form.cleaned_data
            persons = persons_seen(
                answers["compte"], since=answers["du"], until=answers["au"]
            )
            if "download" in request.POST:
                return self.persons_seen_file(user, answers, persons)
        context = {
            **self.admin_site.each_context(request),
            "title": "Personnes vues par un compte",
            "opts": self.opts,
            "form": form,
            "persons": persons,
            "is_counted": form.is_bound and form.is_valid(),
        }
        return TemplateResponse(request, "admin/persons_seen.html", context)

    def persons_seen_file(
        self, user: User, answers: dict[str, Any], persons: list[PersonSeen]
    ) -> HttpResponse:
        """The list itself, told before it leaves."""
        ceilings.export(
            user,
            "persons_seen",
            {person.pk for person in persons},
            target=answers["compte"],
            reason=answers["motif"],
            **{"from": answers["du"].isoformat(), "to": answers["au"].isoformat()},
        )
        return HttpResponse(
            as_csv(persons),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
        )

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The act, or no page at all: who tries numbers is counted (S39).

        Raises:
            Http404: there is none in the user's territory.
        """
        instance = super().get_object(request, *args, **kwargs)
        if instance is None:
            raise Http404
        return instance

    def tell_read(self, request: HttpRequest, instance: Any) -> None:
        """The sheet shows the candidate: it counts like any other page (S25, S38)."""
        user = cast(User, request.user)
        sightings.show(user, Action.ADMIN_READ, [instance.candidate], target=instance)

    @admin.display(description="historique")
    def timeline(self, instance: Referral) -> str:
        return render_to_string("admin/timeline.html", {"lines": timeline_of(instance)})

    @admin.display(description="faite le", ordering="created_at")
    def made_on(self, referral: Referral) -> dt.date:
        return timezone.localdate(referral.created_at)

    @admin.display(description="agence", ordering="offer__agency_safir")
    def agency(self, referral: Referral) -> str:
        return referral.offer.agency_safir

    @admin.display(description="offre")
    def offer_line(self, referral: Referral) -> str:
        offer = referral.offer
        url = reverse("admin:offers_offer_change", args=[offer.pk])
        return format_html(
            '<a href="{}">{}</a> ({})', url, offer, offer.get_state_display()
        )

    @admin.display(description="candidat")
    def candidate_line(self, referral: Referral) -> str:
        candidate = referral.candidate
        ft_id = candidate.ft_id or "sans identifiant France Travail"
        return f"{candidate} ({ft_id})"

    @admin.display(description="suites déclarées")
    def outcomes(self, referral: Referral) -> str:
        outcomes = Outcome.objects.filter(referral=referral).select_related(
            "code", "by"
        )
        context = {"outcomes": outcomes, "current": referral.outcome_id}
        return render_to_string("admin/outcomes.html", context)

    @admin.display(description="documents")
    def documents(self, referral: Referral) -> str:
        documents = Document.objects.filter(referral=referral).defer("html", "pdf")
        return render_to_string("admin/documents.html", {"documents": documents})


class CloseAccountForm(Receivers, VerbForm):
    """Why the account closes, and who takes over whom it accompanied (domain 5.6)."""

    reason = forms.ChoiceField(label="Motif", choices=ClosingReason.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_receivers(self.instance)

    def save(self, *, by: User) -> None:
        reason = self.cleaned_data["reason"]
        handover.close(self.instance, by=by, reason=reason, **self.receivers)


admin.site.unregister(User)


@admin.register(User)
class AccountAdmin(UserAdmin):
    """An account's sheet, with the button that hands over before it closes."""

    verbs = (
        *UserAdmin.verbs,
        Verb(
            slug="fermer",
            label="Fermer le compte",
            question="Le compte se ferme pour toujours : son identifiant ne sera "
            "jamais donné à une autre personne. Son historique est conservé. Les "
            "personnes que ce compte accompagne passent à la personne choisie.",
            done="Le compte est fermé.",
            form=CloseAccountForm,
            is_open=lambda account, user: (
                is_other(account, user) and account.can_move_to(UserState.CLOSED)
            ),
            action=None,
            is_grave=True,
        ),
    )
