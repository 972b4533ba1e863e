"""The letters, messages and laws of a request of article 10 (GDPR 12)."""

import dataclasses
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.documents import LETTER_STYLE, TIGHT_STYLE
from accounts.users.models.users import User
from opus.lib.background_files import enqueue_file, lay_out
from opus.lib.dates import date_format
from opus.lib.documents import pdf
from opus.lib.privacy.personal_data import Retention
from opus.support.data_rights.models import (
    Delay,
    GestureKind,
    Refusal,
    Reply,
    ReplyKind,
    Right,
    RightsRequest,
    Route,
)


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


SUBJECTS = {
    Right.ACCESS: "votre demande d’accès à vos données",
    Right.RECTIFICATION: "votre demande de rectification de vos données",
    Right.ERASURE: "votre demande d’effacement de vos données",
    Right.RESTRICTION: "votre demande de limitation de l’usage de vos données",
    Right.OBJECTION: "votre opposition à l’usage de vos données",
}
REASONS = {
    Refusal.IDENTITY: "votre identité n’a pas pu être établie (RGPD, article 12.6). "
    "Envoyez-nous de quoi l’établir, et nous reprendrons l’examen",
    Refusal.UNFOUNDED: "la demande est manifestement infondée ou excessive (RGPD, "
    "article 12.5)",
    Refusal.DUTY: "la loi ou la convention nous obligent à garder ces données (RGPD, "
    "articles 17.3 et 18.2)",
    Refusal.OTHERS: "la réponse porterait atteinte aux droits d’autres personnes "
    "(RGPD, article 15.4)",
    Refusal.EXACT: "les données en cause sont exactes et complètes (RGPD, article 16)",
    Refusal.NO_CASE: "la demande n’entre dans aucun des cas prévus (RGPD, articles "
    "17.1 et 18.1)",
    Refusal.COMPELLING: "des motifs légitimes et impérieux, dont la sécurité du "
    "service, l’emportent (RGPD, article 21.1)",
}
DELAYS = {
    Delay.COMPLEX: "qu’elle est complexe",
    Delay.MANY: "que vous nous en avez adressé de nombreuses",
}


def kept_by_law() -> tuple[str, ...]:
    """Return what stays after an erasure, and how long (GDPR 17.3)."""
    return (
        "le journal des consultations et des actions, où vous n’êtes plus qu’un "
        f"numéro, {Retention.JOURNAL.delay} (sécurité, RGPD, article 32)",
        f"cette demande et sa réponse, {Retention.REQUESTS.delay}, comme preuve",
        "les décisions et les dates qu’une convention exige, sans vos coordonnées",
        "des comptes sans nom, pour les statistiques",
    )


def prepare(rights_request: RightsRequest, kind: ReplyKind, *, by: User) -> Reply:
    reply = Reply(request=rights_request, kind=kind, made_by=by)
    reply.freeze(body_of(rights_request, kind))
    reply.save()
    enqueue_file(reply)
    return reply


def body_of(rights_request: RightsRequest, kind: ReplyKind) -> str:
    return render_to_string(
        "support/data_rights/letters/reply.html", context_of(rights_request, kind)
    )


def context_of(rights_request: RightsRequest, kind: ReplyKind) -> dict[str, Any]:
    gestures = list(rights_request.gestures.exclude(kind=GestureKind.LIFTING))
    refused = rights_request.refused_because
    reasons = [one.because for one in gestures if one.because]
    if kind == ReplyKind.REFUSED and refused:
        reasons = [refused]
    put_off = rights_request.extended_because
    return {
        "asked": rights_request,
        "kind": kind,
        "on": timezone.localdate(),
        "subject": SUBJECTS[Right(rights_request.right)],
        "gestures": gestures,
        "reasons": [REASONS[Refusal(one)] for one in dict.fromkeys(reasons)],
        "put_off_because": DELAYS[Delay(put_off)] if put_off else "",
        "agency": rights_request.agency,
        "is_agency": rights_request.route == Route.AGENCY,
        "dpo": settings.CONTACT["dpo"],
        "kept": kept_by_law(),
        "offers": list(rights_request.offers.values_list("offer", flat=True)),
    }


def write(reply: Reply, out: Any) -> None:
    title = f"Réponse à la demande n° {reply.request.number}"
    out.write(pdf.write(lay_out(reply, title, LETTER_STYLE, tight=TIGHT_STYLE)))
