"""Mises en contact without preselection (art. 3.2)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from accounts.users.models import User
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActQuerySet, KindManager
from referrals.acts.states import ReferralState

S = ReferralState


class Referral(Act):
    KIND = ActKind.REFERRAL
    PREFIX = "MEC"
    FIRST = S.PROPOSED
    BADGES = {S.PROPOSED: "new", S.CANCELLED: ""}
    MOVES = {
        S.PROPOSED: {S.HANDED_OVER, S.CANCELLED},
        S.HANDED_OVER: {S.CONTACTED, S.INTERVIEW, S.ENDED, S.CANCELLED},
        S.CONTACTED: {S.INTERVIEW, S.ENDED, S.CANCELLED},
        S.INTERVIEW: {S.ENDED, S.CANCELLED},
        # Undoing an outcome within 24 hours returns to the former state.
        S.ENDED: {S.HANDED_OVER, S.CONTACTED, S.INTERVIEW},
    }

    objects: ClassVar[Any] = KindManager.from_queryset(ActQuerySet)()

    class Meta:
        proxy = True
        verbose_name = "mise en contact"
        verbose_name_plural = "mises en contact"

    def contact(self, *, by: User, on: dt.date) -> None:
        self._refuse_unlikely_day(on)
        self._go_forward(S.CONTACTED, by=by, note={"on": on.isoformat()})
