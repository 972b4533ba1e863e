"""Open accounts from a spreadsheet (art. 4.2)."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.signin.access import rgc_only, step_up
from accounts.signin.http import MemberRequest
from accounts.team import account_import as account_file
from accounts.team.account_import import AccountListForm
from accounts.team.views.accounts import seats


@require_http_methods(["GET", "HEAD", "POST"])
@rgc_only
@step_up
@sensitive_variables("rows", "slips", "context")
def account_import(request: MemberRequest) -> HttpResponse:
    """Open accounts, show slips once; the same file again opens nothing."""
    form = AccountListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        rows = form.save(by=request.user)
        slips = [row for row in rows if row.account]
        context = {
            **seats(request),
            "rows": rows,
            "slips": slips,
            "refused": len(rows) - len(slips),
            "hours": int(settings.FIRST_ACCESS_LASTS.total_seconds() // 3600),
        }
        return render(request, "accounts/team/account_imported.html", context)
    context = {**seats(request), "form": form, "titles": account_file.HEADERS}
    return render(request, "accounts/team/account_import.html", context)


@require_safe
@rgc_only
def account_import_model(request: MemberRequest) -> HttpResponse:
    return HttpResponse(
        account_file.ACCOUNTS.model(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="comptes-opus.csv"'},
    )
