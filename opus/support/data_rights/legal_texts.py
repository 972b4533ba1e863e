"""The law and the messages of article 10.

The convention names articles 39 and 40 of the law of 1978 and its *correspondant*
(CIL): since 2019 articles 49 and 50, and the DPO. Both are shown.
"""

import dataclasses

from django.conf import settings

from opus.lib.dates import date_format
from opus.support.data_rights.models import RightsRequest, Route


@dataclasses.dataclass(frozen=True)
class Law:
    right: str
    then: str
    now: str


LAWS = (
    Law(
        "Accès : savoir ce qui est gardé sur vous et en recevoir copie",
        "loi n° 78-17, article 39",
        "RGPD, article 15 ; loi n° 78-17, article 49",
    ),
    Law(
        "Rectification : faire corriger ou compléter",
        "loi n° 78-17, article 40",
        "RGPD, article 16 ; loi n° 78-17, article 50",
    ),
    Law(
        "Effacement, limitation, opposition",
        "loi n° 78-17, articles 38 et 40",
        "RGPD, articles 17, 18 et 21 ; loi n° 78-17, articles 51, 53 et 56",
    ),
)


def message_for(request: RightsRequest) -> str:
    """Return the message to the person: redirected, or due."""
    received = date_format(request.received_on, "j F Y")
    due = date_format(request.deadline, "j F Y")
    when = (
        f"Une réponse vous était due le {due} : ce délai est dépassé, nous vous "
        "prions de nous en excuser. Elle vous sera faite au plus vite."
        if request.is_late
        else f"Une réponse vous sera faite au plus tard le {due}."
    )
    if request.addressed_to != request.route:
        whose = (
            f"de votre agence France Travail, {request.agency}"
            if request.route == Route.AGENCY
            else "du délégué à la protection des données (DPO) de France Travail, "
            f"{settings.CONTACT['dpo']}"
        )
        way = (
            f"Elle relève {whose} (convention, art. 10) : nous la lui transmettons. "
            "Vous n’avez rien à refaire, et le délai court depuis sa réception."
        )
    else:
        way = "Nous l’examinons."
    return (
        f"Bonjour,\n\nVotre demande n° {request.number} nous est parvenue le "
        f"{received}. {way} {when} Si elle "
        "ne vous satisfait pas, vous pouvez saisir la CNIL "
        "(cnil.fr/fr/plaintes)."
    )
