import uuid
from typing import cast

from accounts.models import User
from referrals.actions.make import ActRefused, make, make_sheet
from referrals.models import Referral
from referrals.rights import ActKind

__all__ = ["ActRefused", "make_sheet", "refer"]


def refer(
    offer_reference: str, candidate_pk: uuid.UUID, *, by: User, key: uuid.UUID
) -> Referral:
    """Make a mise en contact without preselection; raises as ``make``."""
    act = make(ActKind.REFERRAL, offer_reference, candidate_pk, by=by, key=key)
    return cast(Referral, act)
