"""``/suivi/``: acts by kind and outcome, counted (art. 11, V19)."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.security import personal_data_quotas
from accounts.signin.access import MemberRequest, staff_too, step_up
from opus.lib.documents.spreadsheets import Format
from opus.lib.exports import ZIP
from opus.lib.forms.base import Form
from referrals.activity import exports
from referrals.activity.counts import (
    Period,
    Scope,
    choices,
    scope_of,
    scopes_of,
    shortcuts,
    structures_of,
    years,
)
from referrals.activity.exports import ACTS, FIGURES
from referrals.activity.tables import (
    EXACT,
    MASKED,
    PURPOSE,
    WITHHELD,
    Activity,
    bars_of,
    next_meeting,
)

WHAT = [
    (FIGURES, "Les chiffres de la page"),
    (ACTS, "La liste de mes propositions, avec le nom des candidats"),
]


class ActivityExportForm(Form):
    what = forms.ChoiceField(
        label="Contenu", choices=WHAT, initial=FIGURES, widget=forms.RadioSelect
    )
    file_format = forms.ChoiceField(
        label="Format du fichier",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, is_own: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_own:
            # Only the persons' own adviser may export names.
            what: Any = self.fields["what"]
            what.choices = WHAT[:1]


@require_safe
@staff_too
def activity(request: MemberRequest) -> HttpResponse:
    """Show counts only, no names."""
    scope, period = scope_and_period(request)
    figures = Activity(scope, period)
    context = {
        **places(request, scope, period),
        "activity": figures,
        "bars": bars_of(figures.months),
        "shortcuts": years() if scope.is_masked else shortcuts(),
        "months": choices(period),
        "purpose": PURPOSE,
        "precision": MASKED if scope.is_masked else EXACT,
        "withheld": WITHHELD,
        "may_pack": exports.may_pack(scope),
        "year": scope.for_both_parties.period_of(period.query).first.year,
        "meeting": next_meeting(scope),
    }
    return render(request, "referrals/activity/activity.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_too
@step_up
def activity_export(request: MemberRequest) -> HttpResponse:
    """Export the counts, or an adviser's own acts (S17, S25)."""
    scope, period = scope_and_period(request)
    form = ActivityExportForm(request.POST or None, is_own=scope.is_own)
    if form.is_valid():
        exports.request_export(
            form.cleaned_data["what"],
            scope,
            period,
            by=request.user,
            file_format=Format(form.cleaned_data["file_format"]),
        )
        return redirect("exports")
    context = {
        **places(request, scope, period),
        "form": form,
        "left": personal_data_quotas.exports_left(request.user),
        "most": personal_data_quotas.most_exports(),
    }
    return render(request, "referrals/activity/export.html", context)


@require_POST
@staff_too
@step_up
def activity_pack(request: MemberRequest) -> HttpResponse:
    """Return the pack of a review meeting, else 404."""
    scope, period = scope_and_period(request)
    if not exports.may_pack(scope):
        raise Http404
    year = scope.for_both_parties.period_of(period.query)
    exports.request_export(exports.PACK, scope, year, by=request.user, file_format=ZIP)
    return redirect("exports")


def scope_and_period(request: MemberRequest) -> tuple[Scope, Period]:
    """Return the requested scope and period, else 404 (S20)."""
    scope = scope_of(request.user, request.GET.get("vue", ""))
    if scope is None:
        raise Http404
    return scope, scope.period_of(request.GET.dict())


def places(request: MemberRequest, scope: Scope, period: Period) -> dict[str, Any]:
    is_of_staff = request.user.is_staff and scope.structure
    page = "admin:accounts_structure_change"
    return {
        # The way back for staff, who came from the structure's page.
        "structure_url": reverse(page, args=[scope.structure]) if is_of_staff else "",
        "scope": scope,
        "period": period,
        "query": f"vue={scope.slug}&{period.query_string}",
        "scopes": scopes_of(request.user),
        "structures": structures_of(request.user) if request.user.is_staff else None,
        "section": "suivi",
    }
