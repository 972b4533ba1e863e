"""Refuse shared mailboxes (art. 5.1, S12)."""

import re

from django.core.exceptions import ValidationError

# A mailbox with this beginning is a desk's: contact-emploi@, ccas.38@…
DESKS = """
accueil admin administration agence bonjour ccas cias contact contacts courrier courriel
direction info information informations infos mail mairie noreply secretariat service
services standard support webmaster
"""
# These name a desk only if nothing else follows: emploi@, mission-locale@.
TRADES = """
aide antenne beneficiaires cap centre commune conseiller conseillers de des du emploi
equipe formation insertion la le les locale maison mission ml missionlocale no opus plie
pole reply rgc rh rsa social sociale ville
"""


def validate_personal(email: str) -> None:
    local = email.partition("@")[0].casefold()
    words = [word for word in re.split(r"[\W\d_]+", local) if word]
    desks = DESKS.split()
    if words and (words[0] in desks or {*words} <= {*desks, *TRADES.split()}):
        raise ValidationError(
            f"« {email} » est une boîte partagée. Un compte appartient à une seule "
            "personne (art. 5.1) : indiquez son adresse professionnelle à elle, par "
            "exemple prenom.nom@votre-structure.fr.",
            code="shared_mailbox",
        )
