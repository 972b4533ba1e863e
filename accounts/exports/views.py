"""``/exports/``: requested files, their progress and download."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.exports import registers
from accounts.exports.models import Export
from accounts.security import personal_data_quotas
from accounts.signin.access import MemberRequest, passive, staff_too, step_up
from opus.lib.background_files import NotAllowed
from opus.lib.documents.spreadsheets import Format


@require_safe
@staff_too
def exports(request: MemberRequest) -> HttpResponse:
    return show(request)


@passive
@require_safe
@staff_too
def exports_list(request: MemberRequest) -> HttpResponse:
    """Return the part that htmx refreshes while files are made."""
    return render(request, "accounts/exports/exports_list.html", made(request))


@require_safe
@staff_too
@step_up
def export_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if not export.is_ready:
        return show(request, status=409)
    return HttpResponse(
        bytes(export.content or b""),
        content_type=export.content_type,
        headers={"Content-Disposition": f'attachment; filename="{export.file_name}"'},
    )


@require_POST
@staff_too
def export_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Cancel an export; it still counts in the day's quota."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if export.cancel():
        messages.success(request, "L’export est annulé ; son fichier est supprimé.")
    return redirect("exports")


@require_POST
@step_up
def register_export(request: HttpRequest, label: str, into: str) -> HttpResponse:
    """Export a register as its list shows it; ``OpusAdminSite`` lets staff in."""
    by: Any = request.user
    if into not in Format:
        raise Http404
    try:
        pages = registers.pages_of(label)
        registers.list_of(pages, request.GET, by=by)
    except NotAllowed as error:
        raise Http404 from error
    registers.request_export(pages, request.GET, by=by, into=Format(into))
    return redirect("exports")


def show(request: MemberRequest, *, status: int = 200) -> HttpResponse:
    context = {
        **made(request),
        "left": personal_data_quotas.exports_left(request.user),
        "most": personal_data_quotas.most_exports(),
    }
    return render(request, "accounts/exports/exports.html", context, status=status)


def made(request: MemberRequest) -> dict[str, object]:
    rows = list(Export.objects.visible_to(request.user))
    return {"exports": rows, "is_busy": any(row.is_unfinished for row in rows)}
