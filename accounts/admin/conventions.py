"""The conventions: dates, annexes, signature and end (art. 5.2, 12, 13)."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.admin.nominations import history_of
from accounts.models import (
    Convention,
    ConventionState,
    Nomination,
    User,
)
from accounts.models.conventions import IN_FORCE_STATES
from accounts.models.users import COUNTED_STATES, Role
from accounts.scope import within
from opus.lib.audit import Action
from opus.lib.forms import DateInput
from opus.lib.staff import Queue, SheetForm, StaffAdmin, Verb, VerbForm, leads_to

ENDING_DAYS = 90


def ending_soon(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that end within 90 days."""
    last = timezone.localdate() + dt.timedelta(days=ENDING_DAYS)
    in_force = Convention.objects.in_force().filter(ends_on__lte=last)
    return conventions.filter(pk__in=in_force.values("pk"))


def without_rgc(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force whose post of RGC is vacant (art. 4.3)."""
    in_office = Nomination.objects.in_office().filter(convention=OuterRef("pk"))
    in_force = Convention.objects.in_force()
    return conventions.filter(~Exists(in_office), pk__in=in_force.values("pk"))


def never_held(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Those in force that never had an RGC in office: no departure starts a clock."""
    held = Nomination.objects.filter(convention=OuterRef("pk"), office_on__isnull=False)
    return without_rgc(conventions).filter(~Exists(held))


class EndingFilter(admin.SimpleListFilter):
    title = "fin"
    parameter_name = "fin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("proche", f"dans les {ENDING_DAYS} jours"),
            ("passee", "dépassée"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "proche":
                return ending_soon(queryset)
            case "passee":
                return queryset.filter(
                    ends_on__lt=timezone.localdate(), state__in=IN_FORCE_STATES
                )
        return queryset


class RgcFilter(admin.SimpleListFilter):
    title = "poste de RGC"
    parameter_name = "rgc"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("vacant", "vacant"), ("jamais", "jamais pourvu")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "vacant":
                return without_rgc(queryset)
            case "jamais":
                return never_held(queryset)
        return queryset


class ConventionForm(SheetForm):
    """The two annexes and the dates."""

    also_checks = ("state", "structure")

    def clean_quota(self) -> int:
        """Never below the accounts in use (design 2.3).

        Raises:
            ValidationError: it names the accounts to suspend or close first.
        """
        quota: int = self.cleaned_data["quota"]
        convention = self.instance
        if convention.state not in IN_FORCE_STATES or "quota" not in self.changed_data:
            return quota
        accounts = list(User.objects.counted().filter(structure=convention.structure))
        if len(accounts) > quota:
            names = ", ".join(f"{user} ({user.identifier})" for user in accounts)
            excess = len(accounts) - quota
            some = "un" if excess == 1 else str(excess)
            raise ValidationError(
                f"Comptes utilisés : {names}. La structure doit d’abord en "
                f"suspendre ou en fermer {some}."
            )
        return quota


class SignForm(VerbForm):
    def save(self, *, by: User) -> None:
        self.instance.sign(by=by)


class NoticeForm(VerbForm):
    """Who ends it, and its last day (art. 12)."""

    origin = forms.ChoiceField(
        label="À la demande de",
        choices=[
            ("structure", "la structure (préavis d’un mois)"),
            ("france_travail", "France Travail (un mois au plus)"),
            ("manquement", "France Travail, pour manquement"),
        ],
    )
    ends_on = forms.DateField(
        label="Dernier jour d’accès",
        widget=DateInput,
        help_text="Les accès se ferment à la fin de ce jour.",
    )

    def clean_ends_on(self) -> dt.date:
        ends_on: dt.date = self.cleaned_data["ends_on"]
        if ends_on < timezone.localdate():
            raise ValidationError("Ce jour est passé : choisissez-en un à venir.")
        if ends_on > self.instance.ends_on:
            raise ValidationError(
                f"La convention prend fin le {self.instance.ends_on:%d/%m/%Y} : le "
                "préavis ne la prolonge pas."
            )
        return ends_on

    def save(self, *, by: User) -> None:
        self.instance.give_notice(by=by, ends_on=self.cleaned_data["ends_on"])

    def told(self) -> dict[str, Any]:
        return {
            "reason": self.cleaned_data["origin"],
            "ends_on": self.cleaned_data["ends_on"].isoformat(),
        }


class TerminateForm(VerbForm):
    """Why it ends today."""

    reason = forms.ChoiceField(
        label="Motif",
        choices=[
            ("preavis", "fin du préavis"),
            ("accord", "accord des deux parties"),
            ("manquement", "manquement, après mise en demeure"),
            ("partenariat", "fin de la convention de partenariat"),
        ],
    )

    def save(self, *, by: User) -> None:
        self.instance.terminate(by=by)

    def told(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"]}


@admin.register(Convention)
class ConventionAdmin(StaffAdmin):
    """What a structure may do in Opus, and until when."""

    form = ConventionForm
    list_display = (
        "number",
        "structure",
        "safir",
        "state",
        "ends_on",
        "services_granted",
        "seats",
        "rgc",
    )
    list_filter = ("state", EndingFilter, RgcFilter, "grants_referrals")
    list_select_related = ("structure", "agency")
    search_fields = (
        "number",
        "parent_number",
        "structure__name",
        "=agency__safir",
        "agency__name",
    )
    search_help_text = "Numéro, structure, agence ou code SAFIR."
    fieldsets = (
        (None, {"fields": ("structure", "agency", "number", "state", "ft_contact")}),
        (
            "Convention de partenariat",
            {"fields": (("parent_number", "parent_ends_on"),)},
        ),
        (
            "Signatures et dates",
            {
                "fields": (
                    ("signed_by_ft_on", "signed_by_structure_on"),
                    ("starts_on", "ends_on"),
                )
            },
        ),
        (
            "Annexe 1 : services",
            {"fields": ("grants_consultation", "grants_referrals")},
        ),
        ("Annexe 2 : comptes", {"fields": ("quota", "seats", "rgc_history")}),
        ("Suivi", {"fields": ("timeline",)}),
    )
    verbs = (
        Verb(
            slug="signer",
            label="Enregistrer la signature",
            question="La convention est signée des deux parties. À sa date d’effet, "
            "la structure accède aux services de l’annexe 1.",
            done="La convention est signée.",
            form=SignForm,
            is_open=leads_to(ConventionState.SIGNED),
            action=Action.CONVENTION_CHANGED,
        ),
        Verb(
            slug="preavis",
            label="Enregistrer un préavis",
            question="La convention prend fin avant son terme (art. 12). La structure "
            "garde ses accès jusqu’au dernier jour que vous indiquez.",
            done="Le préavis est enregistré.",
            form=NoticeForm,
            is_open=leads_to(ConventionState.NOTICE),
            action=Action.CONVENTION_CHANGED,
        ),
        Verb(
            slug="resilier",
            label="Résilier maintenant",
            question="Tous les accès de la structure se ferment aussitôt. Les mises "
            "en contact et le journal sont conservés. Une résiliation ne se reprend "
            "pas : il faudrait une nouvelle convention.",
            done="La convention est résiliée : les accès de la structure sont fermés.",
            form=TerminateForm,
            is_open=leads_to(ConventionState.TERMINATED),
            action=Action.CONVENTION_CHANGED,
            is_grave=True,
        ),
    )

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(queryset, user, "agency", "structure__agency")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        in_office = Nomination.objects.in_office().select_related("person")
        taken = Count(
            "structure__users",
            filter=Q(
                structure__users__role=Role.ADVISER,
                structure__users__state__in=COUNTED_STATES,
            ),
        )
        return (
            super()
            .get_queryset(request)
            .annotate(taken=taken)
            .prefetch_related(Prefetch("nominations", in_office, to_attr="in_office"))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ("state", "seats", "rgc_history", "timeline")
        return ("structure", *shown) if obj else shown

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new convention has no seats taken, no RGC and no history yet."""
        if obj:
            return super().get_fieldsets(request, obj)
        first, *middle, _, _ = self.fieldsets
        fields = tuple(name for name in first[1]["fields"] if name != "state")
        annex = ("Annexe 2 : comptes", {"fields": ("quota",)})
        return ((None, {"fields": fields}), *middle, annex)

    def queues(self, request: HttpRequest) -> Iterable[Queue]:
        conventions = self.within(Convention.objects.all(), request.user)
        ending = ending_soon(conventions).count()
        never = never_held(conventions).count()
        yield Queue(
            rank=10,
            label="Conventions qui finissent",
            value=str(ending),
            url=self.list_url(fin="proche"),
            hint=f"en vigueur, dans les {ENDING_DAYS} jours",
            is_waiting=ending > 0,
        )
        yield Queue(
            rank=31,
            label="Conventions sans RGC",
            value=str(never),
            url=self.list_url(rgc="jamais"),
            hint="en vigueur, sans RGC depuis le début",
            is_waiting=never > 0,
        )

    @admin.display(description="agence", ordering="agency")
    def safir(self, convention: Convention) -> str:
        return str(convention.agency_id)

    @admin.display(description="consultation / délégation")
    def services_granted(self, convention: Convention) -> str:
        """The two services of annexe 1, as it writes them."""
        granted = (convention.grants_consultation, convention.grants_referrals)
        return " / ".join("O" if is_granted else "N" for is_granted in granted)

    @admin.display(description="comptes")
    def seats(self, convention: Any) -> str:
        return f"{convention.taken} sur {convention.quota}"

    @admin.display(description="RGC")
    def rgc(self, convention: Any) -> str:
        url = reverse("admin:accounts_nomination_changelist")
        if not convention.in_office:
            label = "vacant" if convention.is_in_force() else "—"
        else:
            label = str(convention.in_office[0].person)
        return format_html(
            '<a href="{}?convention__id__exact={}">{}</a>', url, convention.pk, label
        )

    @admin.display(description="RGC successifs")
    def rgc_history(self, convention: Convention) -> str:
        return history_of(convention)
