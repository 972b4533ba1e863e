"""``/exports/``: the files that one asked for, how far they are, and their download."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import ceilings
from accounts.access import passive, staff_too, step_up
from accounts.http import MemberRequest
from accounts.models import Export


@require_safe
@staff_too
def exports(request: MemberRequest) -> HttpResponse:
    """All of the day, the last first, with what remains of today's ceiling."""
    return show(request)


@passive
@require_safe
@staff_too
def exports_list(request: MemberRequest) -> HttpResponse:
    """The part of that page which changes; htmx asks it again while one is made."""
    return render(request, "accounts/exports_list.html", made(request))


@require_safe
@staff_too
@step_up
def export_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The file, to be kept by the browser; 409 while there is none."""
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
    """Give it up; it counts in the day's ceiling all the same."""
    export = get_object_or_404(Export.objects.visible_to(request.user), pk=pk)
    if export.cancel():
        messages.success(request, "L’export est annulé ; son fichier est supprimé.")
    return redirect("exports")


def show(request: MemberRequest, *, status: int = 200) -> HttpResponse:
    context = {
        **made(request),
        "left": ceilings.exports_left(request.user),
        "most": ceilings.most_exports(),
    }
    return render(request, "accounts/exports.html", context, status=status)


def made(request: MemberRequest) -> dict[str, object]:
    rows = list(Export.objects.visible_to(request.user))
    return {"exports": rows, "is_busy": any(row.is_unfinished for row in rows)}
