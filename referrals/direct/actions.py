import datetime as dt
import uuid
from typing import cast

from django.db import transaction

from accounts.users.models.users import User
from referrals.acts.act_rights import ActKind
from referrals.acts.models import record_move
from referrals.direct.models import Referral
from referrals.making.actions import make


@transaction.atomic
def contact(referral: Referral, *, by: User, on: dt.date) -> None:
    referral.contact(by=by, on=on)
    record_move(referral, by=by)


def refer(
    offer_reference: str, candidate_pk: uuid.UUID, *, by: User, key: uuid.UUID
) -> Referral:
    """Make a mise en contact without preselection; raises as ``make``."""
    act = make(ActKind.REFERRAL, offer_reference, candidate_pk, by=by, key=key)
    return cast(Referral, act)
