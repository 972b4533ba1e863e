"""What leaves about acts: e-mails to an adviser, without names; webhooks (R6)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.users.models import User
from offers.enums import OfferState
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, Effect, Item, WebhookEvent, compose_email
from referrals.acts.models import ACT_MOVED, Act, ActQuerySet, ActStep
from referrals.acts.next_step import NextStep


def email_adviser(
    reader: User,
    count: int,
    subject: str,
    of_several: str = "",
    /,
    *,
    template: str,
    button: Button | None = None,
    items: Sequence[Item] = (),
    **context: object,
) -> EmailMessage | None:
    """Compose an e-mail on one thing or several; None on nothing, or if closed."""
    if not count or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject=subject if count == 1 else of_several,
        template=template,
        context={"person": reader, **context},
        items=items,
        button=button or outbox.button("Voir ce qui est à faire", "home"),
    )


def post_to_each(
    letter: Effect, advisers: Iterable[int], now: dt.datetime, **ids: str
) -> None:
    for adviser in sorted(set(advisers)):
        letter.post(key=f"{adviser}:{now.isoformat()}", adviser=adviser, **ids)


@outbox.mail("acts-silent")
def acts_silent(*, adviser: int) -> EmailMessage | None:
    """Compose the acts without news for two weeks (5.8)."""
    reader = User.objects.get(pk=adviser)
    acts = Act.objects.visible_to(reader).waiting_for(NextStep.FOLLOW).count()
    return email_adviser(
        reader,
        acts,
        "une mise en contact sans nouvelles",
        f"{acts} mises en contact sans nouvelles",
        template="referrals/acts/emails/acts_silent.txt",
        acts=acts,
        days=settings.ACT_REMINDED_AFTER[0].days,
        closed_after=settings.ACT_CLOSED_AFTER.days,
    )


@outbox.mail("offers-withdrawn")
def offers_withdrawn(*, adviser: int, told_at: str) -> EmailMessage | None:
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    withdrawn = Act.objects.on_withdrawn_offers().filter(withdrawal_told_at=at)
    acts = live_of(reader, withdrawn)
    offers = len({act.offer_id for act in acts})
    return email_adviser(
        reader,
        offers,
        "une offre que vous avez proposée est retirée",
        f"{offers} offres que vous avez proposées sont retirées",
        template="referrals/acts/emails/offers_withdrawn.txt",
        acts=acts,
        offers=offers,
        known=sum(act.is_known_to_person for act in acts),
        final=sum(not act.offer_may_return for act in acts),
    )


@outbox.mail("offers-back")
def offers_back(*, adviser: int, offers: str) -> EmailMessage | None:
    """Compose the offers that are open again, with their live acts.

    ``offers``: numbers, with spaces.
    """
    reader = User.objects.get(pk=adviser)
    back = Act.objects.filter(offer__in=offers.split(), offer__state=OfferState.ACTIVE)
    acts = live_of(reader, back)
    count = len({act.offer_id for act in acts})
    return email_adviser(
        reader,
        count,
        "une offre est de nouveau ouverte",
        f"{count} offres sont de nouveau ouvertes",
        template="referrals/acts/emails/offers_back.txt",
        acts=acts,
        count=count,
    )


def live_of(reader: User, acts: ActQuerySet[Act]) -> list[Act]:
    """Return the reader's live ones, by offer."""
    mine = acts.visible_to(reader).live().whole()
    return list(mine.order_by("offer", "number"))


TYPE = "fr.opus.acte"


@outbox.webhook(ACT_MOVED)
def act_moved(*, step: int) -> WebhookEvent | None:
    """Tell France Travail of a step, by numbers and codes only."""
    steps = ActStep.objects.select_related("act__candidate", "act__structure")
    row = steps.filter(pk=step).first()
    if row is None:
        return None
    act = row.act
    data: dict[str, Any] = {
        "acte": act.number,
        "nature": act.kind,
        "etat": row.target,
        "offre": act.offer_id,
        "identifiant": act.candidate.ft_id or None,
        "siret": act.structure.siret,
        "le": row.note.get("on") or timezone.localdate(row.at).isoformat(),
    }
    if row.target == Act.ENDED:
        data |= {"suite": row.note.get("outcome"), "selon": row.note.get("declared_by")}
    return WebhookEvent(
        type=f"{TYPE}.{row.target}",
        subject=act.number,
        sequence=row.pk,
        at=row.at,
        data=data,
    )
