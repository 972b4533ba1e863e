"""What becomes of a demande de CV: asked again, received, kept or not (domain 5.4)."""

import hashlib

from django.db import transaction

from accounts.models import User
from offers.models import Offer, OfferState
from opus.lib import audit
from opus.lib.states import MoveRefused
from referrals import emails
from referrals.actions.follow_on import shortlist_after
from referrals.actions.follow_up import tell_move
from referrals.cv_uploads import Cv
from referrals.models import (
    CvFile,
    CvRequest,
    CvState,
    ScreenedReferral,
)
from referrals.rights import WITHDRAWN_BECAUSE


@transaction.atomic
def relaunch(cv_request: CvRequest, *, by: User) -> None:
    """The adviser asked the person again. Raises MoveRefused."""
    cv_request.remind(by=by)
    tell_move(cv_request, by=by)


@transaction.atomic
def receive(cv_request: CvRequest, *, by: User, cv: Cv) -> CvFile:
    """Keep the CV, and send it to the agency in the same transaction (domain 5.4).

    The same file sent twice is kept once.

    Raises:
        MoveRefused: the letter was not handed over (art. 7), the offer is withdrawn,
            a CV is there already, or another request is under way.
    """
    offer = Offer.objects.select_for_update(no_key=True).get(pk=cv_request.offer_id)
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
    refuse_withdrawn(offer, "le CV ne serait pas lu. Si elle revient, déposez-le alors")
    refuse_another(cv_request)
    cv_request.receive(by=by)
    file = cv_request.files.create(
        format=cv.format,
        content=cv.content,
        sha256=sha256,
        size=len(cv.content),
        by=by,
    )
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=by,
        target=cv_request,
        persons=[cv_request.candidate_id],
        details={"to": cv_request.state, "cv": str(file.pk), "format": cv.format},
    )
    return file


@transaction.atomic
def keep(cv_request: CvRequest, *, by: User) -> ScreenedReferral:
    """France Travail keeps the CV: a mise en contact follows, shortlisted already.

    It follows from another act: the delegation of the offer's preselection is not
    asked, and it has no document of its own (design 2.1). Its offer and its posts are,
    under lock of the offer's row (R2).

    Raises:
        MoveRefused: article 3.2 says no, the person is put in contact with the offer
            already, or the CV does not wait to be read.
    """
    offer = Offer.objects.select_for_update(no_key=True).get(pk=cv_request.offer_id)
    cv_request.keep(by=by)
    follows = shortlist_after(cv_request, offer, by=by)
    tell_adviser(cv_request)
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=by,
        target=cv_request,
        persons=[cv_request.candidate_id],
        details={"to": cv_request.state, "screened_referral": str(follows.pk)},
    )
    return follows


@transaction.atomic
def refuse(cv_request: CvRequest, *, by: User, reason: str) -> None:
    """France Travail does not keep it, for a coded reason. Raises MoveRefused."""
    cv_request.refuse(by=by, reason=reason)
    tell_adviser(cv_request)
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=by,
        target=cv_request,
        persons=[cv_request.candidate_id],
        details={"to": cv_request.state, "reason": str(reason)},
    )


def tell_adviser(cv_request: CvRequest) -> None:
    """A letter to whoever accompanies the person now: France Travail answered."""
    number = str(cv_request.pk)
    emails.cv_answered.post(key=number, cv_request=number)


def refuse_withdrawn(offer: Offer, consequence: str) -> None:
    if not offer.is_active:
        because = WITHDRAWN_BECAUSE[OfferState(offer.state)]
        raise MoveRefused(f"{because} : {consequence}.")


def refuse_another(cv_request: CvRequest) -> None:
    """One that comes after all finds another request under way: it is for that one."""
    others = CvRequest.objects.live().filter(
        offer=cv_request.offer_id, candidate=cv_request.candidate_id
    )
    if other := others.exclude(pk=cv_request.pk).first():
        raise MoveRefused(
            f"Ce CV a été redemandé depuis (n° {other}) : déposez-le sur cette "
            "demande-là."
        )
