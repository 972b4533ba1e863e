"""My demandes de CV, and the page of one: letter, CV, what France Travail answered."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import partner_only
from accounts.http import MemberRequest
from opus.lib.audit import Action
from opus.lib.pagination import paginate
from referrals import cv_messages, sightings
from referrals.cv_downloads import download_of
from referrals.cv_filters import CvRequestFilter
from referrals.forms.cv_requests import ReceiveCvForm, RelaunchForm
from referrals.forms.follow_up import CancelForm, GestureForm, HandOverForm
from referrals.models import CvFile, CvRequest, CvState, ScreenedReferral
from referrals.rights import ActKind
from referrals.views.acts import Wanted, context_of, follow, get_act


@require_safe
@partner_only
def cv_requests(request: MemberRequest) -> HttpResponse:
    """The CVs that I asked for, the newest first, by state."""
    mine = CvRequest.objects.visible_to(request.user)
    chosen = CvRequestFilter(mine, request.GET.get("etat", ""))
    page = paginate(request, chosen.acts.select_related("offer", "candidate"))
    sightings.show(
        request.user,
        Action.PERSONS_LISTED,
        [cv_request.candidate for cv_request in page.object_list],
        unasked=page.number == 1 and not chosen.value,
    )
    context = {"page": page, "filter": chosen, "section": "mises-en-contact"}
    return render(request, "referrals/cv_requests.html", context)


@require_safe
@partner_only
def cv_request(request: MemberRequest, pk: UUID) -> HttpResponse:
    """One of them: its letter, its CV, what to do next, its life."""
    return show(request, get_cv_request(request, pk))


@require_POST
@partner_only
def cv_request_hand_over(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The letter was handed over (art. 7)."""
    return follow_cv_request(request, pk, HandOverForm, CvState.HANDED_OVER)


@require_POST
@partner_only
def cv_request_relaunch(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The person was asked once more."""
    return follow_cv_request(request, pk, RelaunchForm)


@require_POST
@partner_only
def cv_request_receive(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The CV came: it is kept, and goes to the agency."""
    return follow_cv_request(request, pk, ReceiveCvForm)


@require_POST
@partner_only
def cv_request_cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The request is called off."""
    return follow_cv_request(request, pk, CancelForm, CvState.CANCELLED)


@require_safe
@partner_only
def cv_request_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    """The CV, to be kept by the browser.

    Raises:
        Http404: there is none, or it was erased.
    """
    cv_request = get_cv_request(request, pk)
    file = CvFile.objects.filter(cv_request=cv_request, content__isnull=False).first()
    if file is None:
        raise Http404
    return download_of(file, by=request.user)


def follow_cv_request(
    request: MemberRequest, pk: UUID, form_class: type[GestureForm], target: str = ""
) -> HttpResponse:
    cv_request = get_cv_request(request, pk)
    return follow(request, cv_request, form_class, show=show, target=target)


def get_cv_request(request: MemberRequest, pk: UUID) -> CvRequest:
    cv_request: CvRequest = get_act(request, ActKind.CV_REQUEST, pk)
    return cv_request


def show(
    request: MemberRequest, cv_request: CvRequest, bound: GestureForm | None = None
) -> HttpResponse:
    """The request's page, with the forms that its state calls for."""
    wanted: Wanted = {
        "receive_form": (ReceiveCvForm, cv_request.can_be_received),
        "relaunch_form": (RelaunchForm, cv_request.can_be_relaunched),
    }
    context = context_of(request, cv_request, bound, wanted) | {
        "cv_request": cv_request,
        "cv": cv_request.cv,
        "follows": ScreenedReferral.objects.filter(after_cv=cv_request).first(),
        "message": cv_messages.relaunch_of(cv_request),
    }
    return render(request, "referrals/cv_request.html", context)
