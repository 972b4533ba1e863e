from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import ceilings
from accounts.access import requires, step_up
from accounts.http import MemberRequest
from accounts.models import Service
from offers import exports
from offers.criteria import Criteria
from offers.search.dictionary import Dictionary
from opus.lib.files.exports import MOST_ROWS
from opus.lib.forms import Form
from opus.lib.spreadsheets import Format


class ExportForm(Form):
    file_format = forms.ChoiceField(
        label="Format du fichier",
        choices=Format.choices,
        initial=Format.XLSX,
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Service.CONSULTATION)
@step_up
def search_export(request: MemberRequest) -> HttpResponse:
    criteria = Criteria.from_query(request.GET).with_page(1)
    form = ExportForm(request.POST or None)
    if form.is_valid():
        exports.ask(
            criteria,
            by=request.user,
            file_format=Format(form.cleaned_data["file_format"]),
        )
        return redirect("exports")
    context = {
        "form": form,
        "criteria": criteria,
        "parts": Dictionary([criteria]).parts(criteria),
        "most_rows": MOST_ROWS,
        "left": ceilings.exports_left(request.user),
        "most": ceilings.most_exports(),
        "section": "offres",
    }
    return render(request, "offers/export.html", context)
