"""The first page: what awaits me."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An adviser's open acts, the RGC's seats; France Travail's staff go to the admin."""
    if request.user.is_staff:
        return redirect("admin:index")
    return render(request, "opus/home.html")
