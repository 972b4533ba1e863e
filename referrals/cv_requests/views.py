from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.signin.access import partner_only
from accounts.signin.http import MemberRequest
from referrals.acts.act_rights import ActKind
from referrals.acts.states import CvState
from referrals.cv_requests import message_templates
from referrals.cv_requests.downloads import download_of
from referrals.cv_requests.filters import choices_today
from referrals.cv_requests.forms import ReceiveCvForm, RelaunchForm
from referrals.cv_requests.models import CvFile, CvRequest
from referrals.follow_up.forms import CancelForm, GestureForm, HandOverForm
from referrals.follow_up.views import (
    Steps,
    Wanted,
    context_of,
    follow,
    get_act,
    list_acts,
)
from referrals.preselection.models import ScreenedReferral

# URL of a step → its name, form and new state.
STEPS: Steps = {
    "remise": ("hand_over", HandOverForm, CvState.HANDED_OVER),
    "relance": ("relaunch", RelaunchForm, ""),
    "deposer": ("receive", ReceiveCvForm, ""),
    "annuler": ("cancel", CancelForm, CvState.CANCELLED),
}


@require_safe
@partner_only
def cv_requests(request: MemberRequest) -> HttpResponse:
    mine = CvRequest.objects.visible_to(request.user)
    return list_acts(
        request, mine, choices_today(), "referrals/cv_requests/cv_requests.html"
    )


@require_safe
@partner_only
def cv_request(request: MemberRequest, pk: UUID) -> HttpResponse:
    return show(request, get_cv_request(request, pk))


@require_POST
@partner_only
def cv_request_step(request: MemberRequest, pk: UUID, **step: Any) -> HttpResponse:
    return follow(request, get_cv_request(request, pk), show=show, **step)


@require_safe
@partner_only
def cv_request_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Download the CV; 404 if there is none."""
    cv_request = get_cv_request(request, pk)
    file = CvFile.objects.filter(cv_request=cv_request, content__isnull=False).first()
    if file is None:
        raise Http404
    return download_of(file, by=request.user)


def get_cv_request(request: MemberRequest, pk: UUID) -> CvRequest:
    cv_request: CvRequest = get_act(request, ActKind.CV_REQUEST, pk)
    return cv_request


def show(
    request: MemberRequest, cv_request: CvRequest, bound: GestureForm | None = None
) -> HttpResponse:
    wanted: Wanted = {
        "receive_form": (ReceiveCvForm, cv_request.can_be_received),
        "relaunch_form": (RelaunchForm, cv_request.can_be_relaunched),
    }
    context = context_of(request, cv_request, bound, wanted) | {
        "cv_request": cv_request,
        "cv": cv_request.cv,
        "follows": ScreenedReferral.objects.filter(after_cv=cv_request).first(),
        "message": message_templates.relaunch_of(cv_request),
    }
    return render(request, "referrals/cv_requests/cv_request.html", context)
