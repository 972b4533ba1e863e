from django.utils import timezone

from opus.lib.dates import date_format
from referrals.acts.withdrawals import signature_of
from referrals.cv_requests.models import CvRequest


def relaunch_of(cv_request: CvRequest) -> str:
    offer = cv_request.offer
    due_on = date_format(cv_request.due_on, "l j F")
    if cv_request.due_on < timezone.localdate():
        when = (
            f"Je l’attendais pour le {due_on} : pouvez-vous me l’envoyer rapidement ?"
        )
    else:
        when = f"Pouvez-vous me l’envoyer au plus tard le {due_on} ?"
    lines = [
        f"Bonjour {cv_request.candidate},",
        "",
        f"Je n’ai pas encore reçu votre CV pour l’offre « {offer.title} » "
        f"(n° {offer.pk}). {when}",
        "",
        "Si vous n’avez pas de CV, ou si cette offre ne vous intéresse plus, "
        "dites-le-moi : nous trouverons ensemble.",
        "",
        *signature_of(cv_request),
    ]
    return "\n".join(lines)
