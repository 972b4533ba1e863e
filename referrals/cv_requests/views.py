from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.signin.access import MemberRequest, partner_only
from accounts.users.models import User
from referrals.acts.act_rights import ActKind
from referrals.acts.states import CV_AWAITED, CV_LIVE, CvState
from referrals.cv_requests.forms import ReceiveCvForm, RelaunchForm
from referrals.cv_requests.models import OF_USE, CvFile, CvRequest
from referrals.cv_requests.uploads import download_of
from referrals.follow_up.forms import CancelForm, HandOverForm
from referrals.follow_up.views import BY_PERSON, NEWEST_FIRST, ActPages, Choices, Wanted

S = CvState


class CvRequestPages(ActPages):
    kind = ActKind.CV_REQUEST
    templates = (
        "referrals/cv_requests/cv_requests.html",
        "referrals/cv_requests/cv_request.html",
    )
    related = ("followed_by",)
    orders = {
        "": ("les plus récentes", NEWEST_FIRST),
        "echeance": ("échéance la plus proche", ("due_on", "pk")),
        "personne": ("nom du candidat", BY_PERSON),
    }
    steps = {
        "remise": ("hand_over", HandOverForm, S.HANDED_OVER),
        "relance": ("relaunch", RelaunchForm, ""),
        "deposer": ("receive", ReceiveCvForm, ""),
        "annuler": ("cancel", CancelForm, S.CANCELLED),
    }

    def choices(self) -> Choices:
        awaited = Q(state__in=CV_AWAITED)
        return {
            **super().choices(),
            "attendus": ("CV attendus", awaited & Q(handed_over_on__isnull=False)),
            "en-retard": (
                "En retard",
                awaited & OF_USE & Q(due_on__lt=timezone.localdate()),
            ),
            "agence": ("Chez France Travail", Q(state__in=[S.RECEIVED, S.SENT])),
            "closes": ("Closes", ~Q(state__in=CV_LIVE)),
        }

    def forms(self, act: CvRequest, user: User) -> Wanted:
        return {
            **super().forms(act, user),
            "receive_form": (ReceiveCvForm, act.can_be_received),
            "relaunch_form": (RelaunchForm, act.can_be_relaunched),
        }

    def context(self, act: CvRequest, user: User) -> dict[str, Any]:
        return {
            "cv_request": act,
            "cv": None if act.is_awaited else act.cv,
            "next_act": getattr(act, "followed_by", None),
        }


PAGES = CvRequestPages()


@require_safe
@partner_only
def cv_request_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Download the CV; 404 if there is none."""
    files = CvFile.objects.filter(cv_request=PAGES.get(request, pk))
    file = files.filter(content__isnull=False).first()
    if file is None:
        raise Http404
    return download_of(file, by=request.user)
