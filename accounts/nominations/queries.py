"""Which nominations are in office, wait for something or go on."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.agreements import enums as convention_enums
from accounts.agreements.models.conventions import Convention
from accounts.nominations import enums, rules
from accounts.nominations.enums import ENDED_STATES, IN_FORCE_STATES, NominationState
from accounts.users.enums import UserState
from accounts.users.models.users import User


class NominationQuerySet(models.QuerySet[Any]):
    def in_office(self) -> Self:
        """Filter RGCs who manage accounts today: no job is needed."""
        return self.filter(
            ~rules.past_their_announced_end(), state=NominationState.IN_OFFICE
        )

    def past_their_end(self) -> Self:
        return self.filter(rules.past_their_announced_end())

    def on_the_first_day(self) -> Self:
        """Filter RGCs in office who will still be when their convention begins."""
        first = F("convention__starts_on")
        leaving = Q(
            end_announced_as=enums.AnnouncedEnd.LEAVING, end_announced_on__lt=first
        )
        absent = Q(
            end_announced_as=enums.AnnouncedEnd.ABSENCE, end_announced_on__lte=first
        )
        return self.in_office().exclude(leaving | absent)

    def leaving(self) -> Self:
        return self.in_office().filter(
            end_announced_on__isnull=False, convention__in=Convention.objects.in_force()
        )

    def with_suspended_account(self) -> Self:
        return self.in_office().filter(
            person__state=UserState.SUSPENDED,
            convention__in=Convention.objects.in_force(),
        )

    def awaiting_opinion(self) -> Self:
        """Filter proposals without the site director's (optional) opinion."""
        return self.filter(state=NominationState.PROPOSED, opinion="")

    def awaiting_decision(self) -> Self:
        return self.filter(state=NominationState.PROPOSED)

    def awaiting_validation(self) -> Self:
        """Filter successors whom the regional director has not validated (4.3)."""
        return self.filter(rules.awaits_validation())

    def awaiting_account(self) -> Self:
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(person=None)

    def awaiting_notification(self) -> Self:
        """Filter those agreed on, whose structure is not notified (4.1, 4.3)."""
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(~rules.is_notified())

    def awaiting_office(self) -> Self:
        agreed = self.filter(~rules.awaits_validation(), state=NominationState.ACCEPTED)
        return agreed.filter(rules.is_notified(), person__isnull=False)

    def awaiting_withdrawal(self) -> Self:
        return self.exclude(withdrawal_opinion="").filter(state__in=IN_FORCE_STATES)

    def awaiting_copy(self) -> Self:
        """Filter RGCs in office without a recorded copy."""
        return self.in_office().filter(copy_given_on=None)

    def vacant(self) -> Self:
        """Filter the last RGC of vacant posts (art. 4.3)."""
        same_post = self.model.objects.filter(convention=OuterRef("convention"))
        later = same_post.held_and_over().filter(
            Q(over_on__gt=OuterRef("over_on"))
            | Q(over_on=OuterRef("over_on"), pk__gt=OuterRef("pk"))
        )
        return self.held_and_over().filter(
            ~Exists(same_post.in_office()),
            ~Exists(later),
            convention__in=Convention.objects.in_force(),
        )

    def held_and_over(self) -> Self:
        """Filter ended offices; annotate ``over_on``."""
        return self.annotate(over_on=Coalesce("ended_on", "end_announced_on")).filter(
            Q(state__in=ENDED_STATES) | rules.past_their_announced_end(),
            office_on__isnull=False,
        )

    def letter_overdue(self) -> Self:
        """Filter departures that the structure has not reported in eight days."""
        last = timezone.localdate() - enums.VACANCY_LETTER_WITHIN
        unreported = self.vacant().filter(vacancy_letter_on=None, over_on__lt=last)
        return unreported.exclude(state__in=enums.NOT_REPORTED_STATES)

    # --- From a convention to the next (art. 13) ----------------------------------

    def carried(self) -> Self:
        """Filter offices that go on from the convention before."""
        return self.filter(previous__isnull=False).exclude(
            previous__convention=F("convention")
        )

    def carry_over(self, convention: int, *, by: User) -> None:
        """Put the RGC of a convention in office in its signed renewals.

        A renewal that has a person of its own, in office or proposed, keeps it.
        """
        # A signature and a new RGC at the same instant see each other.
        present = Convention.objects.select_for_update(no_key=True).get(pk=convention)
        for renewal in present.renewals.filter(
            state__in=convention_enums.IN_FORCE_STATES, keeps_rgc=True
        ):
            rows = self.model.objects.select_for_update(no_key=True, of=("self",))
            served = rows.filter(convention=present).filter(
                Q(state=NominationState.IN_OFFICE)
                | Q(state=NominationState.OVER, end_announced_on=None)
            )
            own = self.model.objects.filter(convention=renewal)
            rgc = served.exclude(person__state=UserState.CLOSED).order_by("pk").last()
            if rgc and not own.filter(state__in=enums.OPEN_STATES).exists():
                rgc.go_on(renewal, by=by)

    def left_in_office(self) -> Self:
        return self.filter(
            state=NominationState.IN_OFFICE,
            convention__state__in=convention_enums.OVER_STATES,
        )

    def end_with(self, convention: Convention, *, by: User | None) -> None:
        """End the office of a convention that is over, on its last day."""
        ended_on = convention.ended_early_on or convention.ends_on
        in_office = self.filter(state=NominationState.IN_OFFICE)
        for office in in_office.filter(convention=convention):
            # A term that is written down late may precede the office.
            last = max(ended_on, office.office_on)
            office.be_over(by=by, ended_on=last)
