"""The letters about candidates and acts. They name no candidate."""

import datetime as dt

from django.core.mail import EmailMessage
from django.db.models import Count
from django.urls import reverse

from accounts.models import User
from opus.lib import outbox
from opus.lib.outbox import Button, letter
from referrals.models import Referral


@outbox.mail("caseload-received")
def caseload_received(
    *, account: int, to: int, people: int, acts: int
) -> EmailMessage | None:
    """A colleague's candidates are now yours (domain 5.6)."""
    reader = User.objects.get(pk=to)
    if not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="des personnes à accompagner vous sont confiées",
        template="emails/caseload_received.txt",
        context={
            "giver": User.objects.get(pk=account),
            "people": people,
            "acts": acts,
        },
        button=Button("Voir mes candidats", outbox.link(reverse("candidates"))),
    )


@outbox.mail("offers-withdrawn")
def offers_withdrawn(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Offers of your open acts were withdrawn: whom to warn stands in Opus (3.2)."""
    reader = User.objects.get(pk=adviser)
    acts = (
        Referral.objects.visible_to(reader)
        .live()
        .on_withdrawn_offers()
        .filter(withdrawal_told_at=dt.datetime.fromisoformat(told_at))
    )
    offers = list(
        acts.values("offer_id").annotate(acts=Count("pk")).order_by("offer_id")
    )
    if not offers or not reader.is_active:
        return None
    return letter(
        to=reader.email,
        subject="une offre de vos mises en contact est retirée"
        if len(offers) == 1
        else "des offres de vos mises en contact sont retirées",
        template="emails/offers_withdrawn.txt",
        context={"person": reader, "offers": offers},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )
