"""E-mails about several acts, without names."""

import datetime as dt
from collections import Counter

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from offers.enums import OfferState
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.registry import PLACEMENTS, every_act


@outbox.mail("acts-silent")
def acts_silent(*, adviser: int) -> EmailMessage | None:
    """Compose the acts without news for two weeks (5.8)."""
    reader = User.objects.get(pk=adviser)
    silent = [
        model.objects.visible_to(reader).silent_for(settings.ACT_REMINDED_AFTER[0])
        for model in PLACEMENTS
    ]
    acts = sum(some.count() for some in silent)
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
    acts = every_act(
        lambda acts: (
            acts.visible_to(reader)
            .live()
            .on_withdrawn_offers()
            .filter(withdrawal_told_at=at)
        ),
        "offer_id",
    )
    counts = Counter(offer for _, offer in acts)
    offers = [{"offer_id": one, "acts": counts[one]} for one in sorted(counts)]
    if not offers or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="une offre de vos mises en contact est retirée"
        if len(offers) == 1
        else "des offres de vos mises en contact sont retirées",
        template="emails/offers_withdrawn.txt",
        context={"person": reader, "offers": offers},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


@outbox.mail("offers-back")
def offers_back(*, adviser: int, offers: str) -> EmailMessage | None:
    """Compose the offers that are open again, with their live acts.

    ``offers``: numbers, with spaces.
    """
    reader = User.objects.get(pk=adviser)
    acts = every_act(
        lambda acts: (
            acts.visible_to(reader)
            .live()
            .filter(offer__in=offers.split(), offer__state=OfferState.ACTIVE)
        ),
        "offer_id",
        "number",
    )
    rows = sorted({(offer, number) for _, offer, number in acts})
    if not rows or not reader.is_active:
        return None
    count = len({offer for offer, _ in rows})
    return compose_email(
        to=reader.email,
        subject="une offre est de nouveau ouverte"
        if count == 1
        else f"{count} offres sont de nouveau ouvertes",
        template="emails/offers_back.txt",
        context={"person": reader, "rows": rows, "count": count},
        button=Button("Voir mes mises en contact", outbox.link(reverse("referrals"))),
    )
