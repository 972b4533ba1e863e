"""Messages that an adviser may copy and send to the person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from offers.catalogue.formatting import contract
from offers.catalogue.models import Offer
from offers.catalogue.presenter import place_of
from offers.search.results import similar_offers
from opus.lib.dates import date_format
from referrals.acts.act_context import facts_of, posts_after
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.states import ScreenedState

OF_APPLICATIONS = {
    ScreenedState.SET_ASIDE: "Votre candidature à l’offre «\u00a0{title}\u00a0» "
    "(n°\u00a0{reference}) ne sera pas présentée à l’employeur. Merci de l’intérêt que "
    "vous y avez porté. Nous pouvons regarder ensemble d’autres offres\u00a0: "
    "appelez-moi.",
    ScreenedState.PRESENTED: "Votre candidature à l’offre «\u00a0{title}\u00a0» "
    "(n°\u00a0{reference}) est présentée à l’employeur. Il n’y a rien à faire de votre "
    "côté\u00a0: je vous dis ce qu’il répond, et quand il vous attend.",
}

# Similar offers beside a message.
SHOWN = 3
# What the person need not do any more: one document of four sends her to the employer.
NO_LONGER = {
    ActKind.REFERRAL: "Vous pouvez jeter le document : il est inutile de contacter "
    "l’employeur.",
    ActKind.SCREENED_REFERRAL: "Votre candidature s’arrête là pour cette offre.",
    ActKind.CV_REQUEST: "Votre CV n’est plus attendu pour cette offre.",
    ActKind.APPOINTMENT: "Votre convocation n’est plus valable.",
}


@dataclass(frozen=True)
class WithdrawalMessage:
    """A message to copy, and other offers."""

    act: Act
    similar_offers: Sequence[Offer]

    @property
    def message(self) -> str:
        act = self.act
        told_on = act.handed_over_on or timezone.localdate(act.created_at)
        lines = [
            f"L’offre « {act.offer.title} » (n° {act.offer_id}), que je vous "
            f"ai proposée le {date_format(told_on, 'j F Y')}, n’est plus disponible. "
            f"{NO_LONGER[act.KIND]}"
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
        return letter(act, *lines)


def withdrawal_message_of(act: Act) -> WithdrawalMessage:
    """Return it with the first similar offers that have a post left, hires counted."""
    offers = similar_offers(act.offer, 2 * SHOWN)
    hires = facts_of(offers, []).hires
    left = [one for one in offers if posts_after(one, hires[one.pk]) != 0]
    return WithdrawalMessage(act, left[:SHOWN])


def title_of(offer: Offer) -> str:
    parts = [offer.title, place_of(offer), contract(offer.contract_label)]
    return ", ".join(filter(None, parts)) + f" (n° {offer.pk})"


def letter(act: Act, *lines: str) -> str:
    """Return the lines between a greeting and the signature of who follows her."""
    adviser = act.candidate.follower
    phone = adviser.phone or act.structure.phone
    signature = [str(adviser), act.structure.sender_name, *filter(None, [phone])]
    return "\n".join([f"Bonjour {act.candidate},", "", *lines, "", *signature])


def message_of_application(act: Act) -> str:
    """Return what the person is told of an answer to her application, or ""."""
    sentence = OF_APPLICATIONS.get(ScreenedState(act.state))
    if sentence is None or act.offer_is_withdrawn:
        return ""
    text = sentence.format(title=act.offer.title, reference=act.offer_id)
    return letter(act, text)


def message_of_relaunch(cv_request: Act) -> str:
    offer, due_on = cv_request.offer, cv_request.due_on
    assert due_on  # noqa: S101 - of a demande de CV
    day = date_format(due_on, "l j F")
    when = f"Pouvez-vous me l’envoyer au plus tard le {day}\u00a0?"
    if due_on < timezone.localdate():
        when = (
            f"Je l’attendais pour le {day}\u00a0: pouvez-vous me l’envoyer "
            "rapidement\u00a0?"
        )
    return letter(
        cv_request,
        f"Je n’ai pas encore reçu votre CV pour l’offre «\u00a0{offer.title}\u00a0» "
        f"(n°\u00a0{offer.pk}). {when}",
        "",
        "Si vous n’avez pas de CV, ou si cette offre ne vous intéresse plus, "
        "dites-le-moi\u00a0: nous trouverons ensemble.",
    )
