import dataclasses
from collections.abc import Mapping

from referrals.acts.act_rights import ActKind


@dataclasses.dataclass(frozen=True)
class Many:
    whom: str
    choose: str
    confirm: str
    done_one: str
    done_many: str
    none: str
    live: str


MANY: Mapping[ActKind, Many] = {
    ActKind.REFERRAL: Many(
        "à mettre en contact",
        "Cochez les personnes à mettre en contact",
        "Confirmer les mises en contact",
        "mise en contact faite",
        "mises en contact faites",
        "Aucune mise en contact n’a été faite",
        "mise en contact",
    ),
    ActKind.SCREENED_REFERRAL: Many(
        "à mettre en contact avec présélection",
        "Cochez les personnes à mettre en contact avec présélection",
        "Confirmer les mises en contact",
        "mise en contact avec présélection faite",
        "mises en contact avec présélection faites",
        "Aucune mise en contact n’a été faite",
        "mise en contact",
    ),
    ActKind.CV_REQUEST: Many(
        "à qui demander un CV",
        "Cochez les personnes à qui demander un CV",
        "Confirmer les demandes de CV",
        "demande de CV faite",
        "demandes de CV faites",
        "Aucune demande de CV n’a été faite",
        "demande de CV",
    ),
    ActKind.APPOINTMENT: Many(
        "à convoquer",
        "Cochez les personnes à convoquer",
        "Confirmer les convocations",
        "convocation faite",
        "convocations faites",
        "Aucune convocation n’a été faite",
        "convocation",
    ),
}
