"""Code shared by the admin of conventions and their parts, and the lists' filters."""

import datetime as dt
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import lazy

from accounts.agreements.jobs import nominations
from accounts.agreements.models.amendments import ProposalState
from accounts.agreements.models.conventions import IN_FORCE_STATES, Convention
from accounts.agreements.models.letters import Letter
from accounts.agreements.models.terminations import LIVE_BREACHES
from accounts.structures.filters import StructureFilter, TerritoryFilter
from accounts.structures.models import Structure
from accounts.users.enums import Role
from accounts.users.territory import within
from opus.lib.database.name_order import ByName
from opus.lib.dates import days_until
from opus.lib.model_admin.filters import ChoiceFilter
from opus.lib.model_admin.forms import AdminAction, AdminActionForm
from opus.lib.model_admin.staff_admin import StaffAdmin

ROWS = "accounts/agreements/admin/rows.html"


def rendered(
    partial: str, description: str, template: str = ROWS, **facts: Callable[[Any], Any]
) -> Any:
    """Return a column or a row of a page, which a partial of a template writes."""

    @admin.display(description=description)
    def show(pages: StaffAdmin, row: Any) -> str:
        context = {name: fact(row) for name, fact in facts.items()}
        return render_to_string(f"{template}#{partial}", {"row": row, **context})

    return show


page_text = lazy(render_to_string, str)


def button(
    template: str,
    slug: str,
    label: str,
    form: type[AdminActionForm],
    is_open: Callable[[Any, Any], bool],
    **options: Any,
) -> AdminAction:
    """Return a button; two partials of the template ask, and say that it is done."""
    question = page_text(f"{template}#{slug}")
    done = page_text(f"{template}#{slug}-fait")
    return AdminAction(slug, label, question, done, form, is_open, **options)


def show_paper(
    pages: StaffAdmin,
    request: HttpRequest,
    instance: Any,
    html: str,
    *,
    line: str = "",
    template: str = "accounts/agreements/articles/read.html",
    status: int = 200,
) -> HttpResponse:
    """Show a frozen text as the page of its object; ``line`` stands above it."""
    context = {
        **pages.context_about(request, instance),
        "title": pages.title_of(instance),
        "subtitle": "",
        "instance": instance,
        "html": html,
        "line": line,
    }
    return TemplateResponse(request, template, context, status=status)


def as_listed(letters: Any) -> QuerySet[Letter]:
    """Return letters as lists show them: without their texts."""
    rows: QuerySet[Letter] = letters.select_related("convention")
    return rows.defer("html", "content")


def named_structure(pages: StaffAdmin, request: HttpRequest) -> Structure | None:
    """Return the structure that the address of a new row names, if one sees it."""
    pk = request.GET.get("structure", "")
    rows = pages.within_reach(Structure, request)
    return rows.filter(pk=pk).first() if pk.isdecimal() else None


def in_days(day: dt.date | None) -> str:
    """Return how far a day is, in French."""
    if day is None:
        return ""
    left = days_until(day)
    if left < 0:
        return f"dépassée de {-left} jour{pluralize(-left)}"
    return {0: "aujourd’hui", 1: "demain"}.get(left, f"dans {left} jours")


Condition = Callable[[Any, Any], bool]


def is_in(states: Collection[str]) -> Condition:
    return lambda row, user: row.state in states


def for_admins(condition: Condition) -> Condition:
    """Exclude agents: they only propose and record opinions."""
    return lambda row, user: user.role == Role.FT_ADMIN and condition(row, user)


class OfConvention(StaffAdmin):
    list_filter: ClassVar[tuple[Any, ...]] = (StructureFilter, TerritoryFilter)
    territory_paths: ClassVar[tuple[str, ...]] = ("convention__agency",)
    list_select_related: ClassVar[tuple[str, ...]] = ("convention__structure",)
    structure_path = "convention__structure"
    search_fields: ClassVar[tuple[str, ...]] = (
        "convention__number",
        "convention__structure__name",
        "=convention__agency__safir",
    )
    search_help_text = "Convention, structure ou code SAFIR."

    def within(self, queryset: QuerySet[Any], user: Any) -> QuerySet[Any]:
        return within(
            queryset, user, "convention__agency", "convention__structure__agency"
        )

    @admin.display(
        description="structure", ordering=ByName("convention__structure__name")
    )
    def structure(self, row: Any) -> str:
        return self.structure_link(row)

    letters = rendered("letters", "lettres", letters=lambda row: as_listed(row.letters))


ENDING_DAYS = 90
NEAR_DAYS = 10
NEAR = f"dans les {NEAR_DAYS} jours, ou un geste à faire"


def ending_soon(conventions: QuerySet[Any], days: int = ENDING_DAYS) -> QuerySet[Any]:
    last = timezone.localdate() + dt.timedelta(days=days)
    in_force = Convention.objects.in_force().filter(ends_on__lte=last)
    return conventions.filter(pk__in=in_force.values("pk"))


def only(name: str) -> Callable[[QuerySet[Any]], QuerySet[Any]]:
    """Filter conventions by a method of their queryset."""
    return lambda conventions: conventions.filter(
        pk__in=getattr(Convention.objects, name)().values("pk")
    )


to_renew = only("to_renew")
renewals_to_sign = only("renewals_to_sign")
without_review = only("without_review")


def without_rgc(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Filter those in force without an RGC today (art. 4.3)."""
    in_office = nominations().in_office().filter(convention=OuterRef("pk"))
    in_force = Convention.objects.in_force()
    return conventions.filter(~Exists(in_office), pk__in=in_force.values("pk"))


def to_come_without_rgc(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Filter those signed that begin later, without an RGC for their first day."""
    in_office = nominations().on_the_first_day().filter(convention=OuterRef("pk"))
    return conventions.filter(
        ~Exists(in_office),
        state__in=IN_FORCE_STATES,
        starts_on__gt=timezone.localdate(),
    )


def never_held(conventions: QuerySet[Any]) -> QuerySet[Any]:
    """Filter those in force that never had an RGC."""
    held = nominations().filter(convention=OuterRef("pk"), office_on__isnull=False)
    return without_rgc(conventions).filter(~Exists(held))


def to_confirm(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Filter what can still be confirmed: convention and end are not past."""
    today = timezone.localdate()
    return rows.filter(
        state=ProposalState.PROPOSED,
        convention__state__in=IN_FORCE_STATES,
        convention__ends_on__gte=today,
    ).exclude(ends_on__lt=today)


def near_deadline(breaches: QuerySet[Any]) -> QuerySet[Any]:
    """Filter breaches that wait for France Travail, or will within ten days."""
    last = timezone.localdate() + dt.timedelta(days=NEAR_DAYS)
    running = breaches.filter(
        state__in=LIVE_BREACHES, convention__state__in=IN_FORCE_STATES
    ).defer("observations_file")
    near = [breach.pk for breach in running if breach.is_waiting_for_us(last)]
    return breaches.filter(pk__in=near)


def ending_in_year(conventions: QuerySet[Any], after: int) -> QuerySet[Any]:
    year = timezone.localdate().year + after
    return conventions.filter(ends_on__year=year)


class EndingFilter(ChoiceFilter):
    title = "fin"
    parameter_name = "fin"
    options = {
        "mois": ("dans les 30 jours", partial(ending_soon, days=30)),
        "proche": (f"dans les {ENDING_DAYS} jours", ending_soon),
        "semestre": ("dans les six mois", partial(ending_soon, days=183)),
        "annee": ("cette année", partial(ending_in_year, after=0)),
        "suivante": ("l’année prochaine", partial(ending_in_year, after=1)),
        "passee": ("dépassée", only("past_their_end")),
    }


class RenewalFilter(ChoiceFilter):
    """Filter by what follows a convention (art. 13)."""

    title = "renouvellement"
    parameter_name = "suite"
    options = {
        "a_preparer": (
            f"à préparer, fin dans les {settings.RENEWAL_ANNOUNCED_DAYS} jours",
            to_renew,
        ),
        "a_signer": ("préparé, à signer", renewals_to_sign),
    }


class RgcFilter(ChoiceFilter):
    title = "poste de RGC"
    parameter_name = "rgc"
    options = {
        "vacant": ("vacant", without_rgc),
        "jamais": ("jamais pourvu", never_held),
        "a_venir": ("à pourvoir avant le début", to_come_without_rgc),
    }


class ReviewFilter(ChoiceFilter):
    """Filter by review meetings (art. 11)."""

    title = "réunion de suivi"
    parameter_name = "suivi"
    options = {
        "aucune": (
            f"aucune depuis {settings.MEETING_EVERY_MONTHS} mois",
            without_review,
        )
    }
