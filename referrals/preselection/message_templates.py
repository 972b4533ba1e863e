"""Messages that an adviser may copy (2.7)."""

from referrals.acts.states import ScreenedState
from referrals.acts.withdrawals import signature_of
from referrals.preselection.models import ScreenedReferral

SENTENCES = {
    ScreenedState.SET_ASIDE: "Votre candidature à l’offre «\u00a0{title}\u00a0» "
    "(n°\u00a0{reference}) ne sera pas présentée à l’employeur. Merci de l’intérêt que "
    "vous y avez porté. Nous pouvons regarder ensemble d’autres offres\u00a0: "
    "appelez-moi.",
    ScreenedState.PRESENTED: "Votre candidature à l’offre «\u00a0{title}\u00a0» "
    "(n°\u00a0{reference}) est présentée à l’employeur. Il n’y a rien à faire de votre "
    "côté\u00a0: je vous dis ce qu’il répond, et quand il vous attend.",
}


def message_for(act: ScreenedReferral) -> str:
    sentence = SENTENCES.get(ScreenedState(act.state))
    if sentence is None or act.offer_is_withdrawn:
        return ""
    text = sentence.format(title=act.offer.title, reference=act.offer_id)
    return "\n".join([f"Bonjour {act.candidate},", "", text, "", *signature_of(act)])
