"""Acts whose offer was withdrawn (domain 3.2, design 2.7).

Stored: when the adviser was notified, until the offer comes back and he is notified
of that too. A second withdrawal is notified again.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from offers.catalogue.formatting import contract
from offers.catalogue.models import Offer
from offers.catalogue.presenter import place_of
from offers.enums import OfferState
from offers.feed.health import Health
from offers.feed.models import FeedDelivery
from offers.search.similar_offers import similar_offers
from opus.lib.audit import journal
from opus.lib.dates import date_format
from referrals.acts import emails
from referrals.acts.act_context import hires_by_offer, posts_after
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act

AT_ONCE = 500
# Similar offers beside a message.
SHOWN = 3


@transaction.atomic
def notify_advisers() -> int:
    """E-mail advisers about offers withdrawn and back; return N acts."""
    now = timezone.now()
    count = notify_of_returns(now)
    untold = Q(withdrawal_told_at__isnull=True) | Q(
        withdrawal_told_at__lt=F("offer__state_at")
    )
    acts = Act.objects.live().on_withdrawn_offers().filter(untold)
    notified = acts.lock_with_followers(AT_ONCE)
    if notified:
        Act.objects.filter(pk__in=notified).update(withdrawal_told_at=now)
    for adviser in sorted(set(notified.values())):
        emails.offers_withdrawn.post(
            key=f"{adviser}:{now.isoformat()}", adviser=adviser, told_at=now.isoformat()
        )
    return count + len(notified)


def notify_of_returns(now: dt.datetime) -> int:
    """E-mail advisers about offers that are open again; return N acts."""
    offers: dict[int, set[str]] = defaultdict(set)
    acts = Act.objects.live().filter(withdrawal_told_at__isnull=False)
    found = acts.filter(offer__state=OfferState.ACTIVE).lock_with_followers(AT_ONCE)
    back = Act.objects.filter(pk__in=found)
    for act, offer in back.values_list("pk", "offer"):
        offers[found[act]].add(offer)
    count = back.update(withdrawal_told_at=None)
    for adviser, numbers in sorted(offers.items()):
        emails.offers_back.post(
            key=f"{adviser}:{now.isoformat()}",
            adviser=adviser,
            offers=" ".join(sorted(numbers)),
        )
    return count


@transaction.atomic
def confirm_acts() -> int:
    """Clear *à confirmer*, the feed alive (2.10); return N acts."""
    last = FeedDelivery.objects.order_by("-received_at").first()
    if last is None:
        return 0
    waiting = Act.objects.filter(
        to_confirm=True, offer__state=OfferState.ACTIVE, created_at__lt=last.received_at
    )
    rows = waiting.select_for_update(of=("self",), no_key=True, skip_locked=True)
    confirmed = list(rows.order_by("pk")[:AT_ONCE])
    Act.objects.filter(pk__in=[act.pk for act in confirmed]).update(to_confirm=False)
    for act in confirmed:
        journal.record(journal.Action.REFERRAL_CONFIRMED, by=None, target=act)
    return len(confirmed)


def is_to_confirm() -> bool:
    return Health().is_stale


# What the person need not do any more: one document of four sends her to the employer.
NO_LONGER = {
    ActKind.REFERRAL: "Vous pouvez jeter le document : il est inutile de contacter "
    "l’employeur.",
    ActKind.SCREENED_REFERRAL: "Votre candidature s’arrête là pour cette offre.",
    ActKind.CV_REQUEST: "Votre CV n’est plus attendu pour cette offre.",
    ActKind.APPOINTMENT: "Votre convocation n’est plus valable.",
}


# --- Message to the person -----------------------------------------------------------


@dataclass(frozen=True)
class WithdrawalMessage:
    """A message to copy, and other offers."""

    act: Act
    similar_offers: Sequence[Offer]

    @property
    def is_to_tell(self) -> bool:
        return self.act.is_known_to_person

    @property
    def message(self) -> str:
        act = self.act
        told_on = act.handed_over_on or timezone.localdate(act.created_at)
        lines = [
            f"Bonjour {act.candidate},",
            "",
            f"L’offre « {act.offer.title} » (n° {act.offer_id}), que je vous "
            f"ai proposée le {date_format(told_on, 'j F Y')}, n’est plus disponible. "
            f"{NO_LONGER[act.KIND]}",
        ]
        if hour := act.hour_to_come:
            at = date_format(timezone.localtime(hour), "l j F à G \\h i")
            lines += [
                f"Pour le rendez-vous du {at}, attendez mon appel avant de vous "
                "déplacer."
            ]
        if self.similar_offers:
            lines += ["", "D’autres offres proches sont ouvertes :"]
            lines += [f"– {title_of(offer)}" for offer in self.similar_offers]
            lines += ["", "L’une d’elles vous intéresse ? Dites-le-moi."]
        lines += ["", *signature_of(act)]
        return "\n".join(lines)


def withdrawal_message_of(act: Act) -> WithdrawalMessage:
    return WithdrawalMessage(act, with_posts(similar_offers(act.offer, 2 * SHOWN)))


def with_posts(offers: Sequence[Offer]) -> list[Offer]:
    """Return the first ones that have a post left, hires counted."""
    hires = hires_by_offer(offers)
    left = [one for one in offers if posts_after(one, hires.get(one.pk, 0)) != 0]
    return left[:SHOWN]


def title_of(offer: Offer) -> str:
    parts = [offer.title, place_of(offer), contract(offer.contract_label)]
    return ", ".join(filter(None, parts)) + f" (n° {offer.pk})"


def signature_of(act: Act) -> list[str]:
    adviser = act.candidate.follower
    phone = adviser.phone or act.structure.phone
    return [str(adviser), act.structure.sender_name, *filter(None, [phone])]
