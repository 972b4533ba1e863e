"""E-mails about several acts, without names."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from offers.enums import OfferState
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.models import Act, ActQuerySet
from referrals.acts.next_step import NextStep


@outbox.mail("acts-silent")
def acts_silent(*, adviser: int) -> EmailMessage | None:
    """Compose the acts without news for two weeks (5.8)."""
    reader = User.objects.get(pk=adviser)
    mine = Act.objects.visible_to(reader)
    acts = mine.waiting_for(NextStep.FOLLOW).count()
    if not acts or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="une mise en contact sans nouvelles"
        if acts == 1
        else f"{acts} mises en contact sans nouvelles",
        template="emails/acts_silent.txt",
        context={
            "person": reader,
            "acts": acts,
            "days": settings.ACT_REMINDED_AFTER[0].days,
            "closed_after": settings.ACT_CLOSED_AFTER.days,
        },
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


@outbox.mail("offers-withdrawn")
def offers_withdrawn(*, adviser: int, told_at: str) -> EmailMessage | None:
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    withdrawn = Act.objects.on_withdrawn_offers().filter(withdrawal_told_at=at)
    acts = live_of(reader, withdrawn)
    if not acts or not reader.is_active:
        return None
    offers = len({act.offer_id for act in acts})
    return compose_email(
        to=reader.email,
        subject="une offre que vous avez proposée est retirée"
        if offers == 1
        else f"{offers} offres que vous avez proposées sont retirées",
        template="emails/offers_withdrawn.txt",
        context={
            "person": reader,
            "acts": acts,
            "offers": offers,
            "known": sum(act.is_known_to_person for act in acts),
            "final": sum(not act.offer_may_return for act in acts),
        },
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


@outbox.mail("offers-back")
def offers_back(*, adviser: int, offers: str) -> EmailMessage | None:
    """Compose the offers that are open again, with their live acts.

    ``offers``: numbers, with spaces.
    """
    reader = User.objects.get(pk=adviser)
    back = Act.objects.filter(offer__in=offers.split(), offer__state=OfferState.ACTIVE)
    acts = live_of(reader, back)
    if not acts or not reader.is_active:
        return None
    count = len({act.offer_id for act in acts})
    return compose_email(
        to=reader.email,
        subject="une offre est de nouveau ouverte"
        if count == 1
        else f"{count} offres sont de nouveau ouvertes",
        template="emails/offers_back.txt",
        context={"person": reader, "acts": acts, "count": count},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


def live_of(reader: User, acts: ActQuerySet[Act]) -> list[Act]:
    """Return the reader's live ones, by offer."""
    mine = acts.visible_to(reader).live().whole()
    return list(mine.order_by("offer", "number"))
