"""Read-only pages of one offer (art. 7)."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Service
from accounts.signin.access import MemberRequest, requires
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter, distance_from_structure
from offers.page import actions
from offers.search.page import NOWHERE, WayBack, way_back_of
from offers.search.results import similar_offers


@require_safe
@requires(Service.CONSULTATION)
def seen_offers(request: MemberRequest) -> HttpResponse:
    context = {
        "hits": actions.recently_seen(request.user),
        "kept": actions.KEPT,
        "section": "offres",
    }
    return render(request, "offers/page/recently_viewed.html", context)


@require_safe
@requires(Service.CONSULTATION)
def offer(request: MemberRequest, reference: str) -> HttpResponse:
    offer = get_object_or_404(Offer, pk=reference)
    back = way_back_of(request)
    if not offer.is_active:
        return withdrawn(request, offer, back)
    context = opened(request, offer) | {"back": back, "section": "offres"}
    return render(request, "offers/page/offer.html", context)


@require_safe
@requires(Service.CONSULTATION)
def offer_preview(request: MemberRequest, reference: str) -> HttpResponse:
    """Return what the list shows of an offer beside its rows."""
    offer = get_object_or_404(Offer, pk=reference)
    whole_url = f"{offer.get_absolute_url()}?{request.GET.urlencode()}"
    if not offer.is_active:
        return redirect(whole_url)
    context = opened(request, offer) | {"whole_url": whole_url}
    return render(request, "offers/page/preview.html", context)


def opened(request: MemberRequest, offer: Offer) -> dict[str, Any]:
    """Remember that an offer was read; return what its pages show."""
    if request.method == "GET":
        actions.remember(request.user, offer)
    return {
        "offer": offer,
        "presenter": OfferPresenter(offer),
        "agency": offer.agency,
        "distance_km": distance_from_structure(offer, request.structure),
    }


def withdrawn(request: MemberRequest, offer: Offer, back: WayBack) -> HttpResponse:
    """Return 410 and three similar offers (R1, R2)."""
    context = {
        "reference": offer.pk,
        "similar_offers": similar_offers(offer),
        "back": back,
        "section": "offres",
    }
    return render(request, "offers/page/withdrawn.html", context, status=410)


# --- The information sheet ---------------------------------------------------------


@require_safe
@requires(Service.CONSULTATION)
def offer_document(
    request: MemberRequest, reference: str, template: str
) -> HttpResponse:
    """Show the sheet as a page, like the PDF (A13), or its progress to htmx."""
    offer = get_object_or_404(Offer, pk=reference)
    if not offer.is_active:
        return withdrawn(request, offer, NOWHERE)
    context = {
        "offer": offer,
        "document": actions.document_of(offer, by=request.user),
        "section": "offres",
    }
    return render(request, f"offers/page/{template}", context)


@require_safe
@requires(Service.CONSULTATION)
def offer_document_pdf(request: MemberRequest, reference: str) -> HttpResponse:
    """Return the PDF, 202 until it is ready, 409: failed."""
    offer = get_object_or_404(Offer, pk=reference)
    if not offer.is_active:
        return withdrawn(request, offer, NOWHERE)
    document = actions.document_of(offer, by=request.user)
    if document.is_ready:
        return HttpResponse(
            bytes(document.content or b""),
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="offre-{offer.pk}.pdf"'},
        )
    context = {"offer": offer, "document": document, "section": "offres"}
    status = 409 if document.has_failed else 202
    return render(
        request, "offers/page/information_waiting.html", context, status=status
    )


@require_POST
@requires(Service.CONSULTATION)
def offer_document_again(request: MemberRequest, reference: str) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.active(), pk=reference)
    actions.print_again(actions.document_of(offer, by=request.user))
    document = actions.document_of(offer, by=request.user)
    context = {"offer": offer, "document": document, "section": "offres"}
    return render(request, "offers/page/information_waiting.html", context, status=202)
