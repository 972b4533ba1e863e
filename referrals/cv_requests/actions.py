"""Actions on demandes de CV. They raise MoveRefused."""

import hashlib
from functools import partial

from django.db import transaction

from accounts.users.models import User
from offers.catalogue.models import Offer
from offers.enums import OfferState
from opus.lib.database.states import MoveRefused
from referrals.acts.act_rights import WITHDRAWN_BECAUSE
from referrals.acts.models import record_move
from referrals.acts.states import CvState
from referrals.cv_requests import emails
from referrals.cv_requests.models import CvFile, CvRequest
from referrals.cv_requests.uploads import Cv
from referrals.follow_up.actions import move
from referrals.preselection.actions import shortlist_after
from referrals.preselection.models import ScreenedReferral

relaunch = partial(move, verb="remind")


@transaction.atomic
def receive(cv_request: CvRequest, *, by: User, cv: Cv) -> CvFile:
    """Store the CV and send it to the agency, once.

    Raises MoveRefused: letter not handed over (art. 7), offer withdrawn, CV there
    already, or another request under way.
    """
    offer = Offer.objects.select_for_update(no_key=True).get(pk=cv_request.offer_id)
    cv_request.offer = offer
    cv_request.lock()
    sha256 = hashlib.sha256(cv.content).hexdigest()
    same = cv_request.files.filter(sha256=sha256, by=by).first()
    if same and cv_request.state == CvState.SENT:
        return same
    if cv_request.state == CvState.SENT:
        raise MoveRefused(
            "Un CV est déjà chez France Travail pour cette demande. Si ce n’est pas le "
            "bon, annulez la demande et faites-en une autre."
        )
    if not offer.is_active:
        because = WITHDRAWN_BECAUSE[OfferState(offer.state)]
        if not cv_request.offer_may_return:
            raise MoveRefused(
                f"{because}, et elle ne reviendra pas\u00a0: annulez la proposition."
            )
        raise MoveRefused(
            f"{because}\u00a0: le CV ne serait pas lu. Si elle revient, déposez-le "
            "alors."
        )
    if not offer.preselection:
        raise MoveRefused(
            "Cette offre n’a plus de présélection\u00a0: le CV ne serait pas lu. "
            "Annulez la demande, puis proposez de nouveau l’offre."
        )
    others = CvRequest.objects.live().filter(
        offer=cv_request.offer_id, candidate=cv_request.candidate_id
    )
    # A late CV, when it was requested again.
    if other := others.exclude(pk=cv_request.pk).first():
        raise MoveRefused(
            f"Ce CV a été redemandé depuis (n° {other}) : déposez-le sur cette "
            "demande-là."
        )
    cv_request.receive(by=by)
    file = cv_request.files.create(
        format=cv.format, content=cv.content, sha256=sha256, size=len(cv.content), by=by
    )
    record_move(cv_request, by=by, cv=str(file.pk), format=cv.format)
    return file


@transaction.atomic
def keep(cv_request: CvRequest, *, by: User) -> ScreenedReferral:
    """Keep the CV: a shortlisted mise en contact follows.

    It needs no delegation, has no document; locks the offer's row (R2).
    """
    offer = Offer.objects.select_for_update(no_key=True).get(pk=cv_request.offer_id)
    cv_request.keep(by=by)
    follows = shortlist_after(offer, by=by, act=cv_request)
    notify_adviser(cv_request)
    record_move(cv_request, by=by, screened_referral=str(follows.pk))
    return follows


@transaction.atomic
def refuse(cv_request: CvRequest, *, by: User, reason: str) -> None:
    cv_request.refuse(by=by, reason=reason)
    notify_adviser(cv_request)
    record_move(cv_request, by=by, reason=str(reason))


def notify_adviser(cv_request: CvRequest) -> None:
    """E-mail the person's follower that France Travail answered."""
    number = str(cv_request.pk)
    emails.cv_answered.post(key=number, cv_request=number)
