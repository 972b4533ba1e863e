"""The buttons of a request of article 10."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms

from accounts.users.enums import Role
from accounts.users.territory import agencies_of, sees
from opus.lib.audit.journal import Action
from opus.lib.background_files import LIVE, FileState
from opus.lib.model_admin.admin_actions import AdminAction, confirming
from opus.support.data_rights import actions, gestures
from opus.support.data_rights.admin_forms import (
    AttachForm,
    CorrectForm,
    DownloadForm,
    EraseForm,
    NothingForm,
    ObjectForm,
    PartlyForm,
    PassOnForm,
    PrepareForm,
    RectifyForm,
    RefuseForm,
    StepForm,
    VerifyForm,
)
from opus.support.data_rights.models import (
    FOUND_IN,
    Delay,
    PersonFile,
    PersonKind,
    RequestState,
    Right,
    RightsRequest,
    Route,
)

# These need the second factor again (S17).
DOWNLOAD = "telecharger-la-copie"
GESTURES = {"rectifier", "effacer", "geler", "lever", "arreter", "transmettre"}
SEALED = {"preparer-la-copie", DOWNLOAD, *GESTURES}


def answers(rights_request: RightsRequest, user: Any) -> bool:
    """Return whether this user answers: national staff, for the DPO."""
    if rights_request.route == Route.DPO:
        return user.role == Role.FT_ADMIN and agencies_of(user) is None
    return sees(user, rights_request.agency_id)


def why_not_found(rights_request: RightsRequest, user: Any) -> str:
    return actions.ATTACHED if rights_request.person else ""


def answering(is_open: Callable[[Any], bool]) -> Callable[[Any, Any], bool]:
    """Return the condition of a button for those who answer."""
    return lambda one, user: answers(one, user) and is_open(one)


def gesture_for(right: Right) -> Callable[[Any, Any], bool]:
    """Return the condition of a right's button: a person is found, no employer."""
    return answering(
        lambda one: (
            one.right == right and one.may_have_file and one.kind != PersonKind.EMPLOYER
        )
    )


def why_not_answered(rights_request: RightsRequest, user: Any) -> str:
    return rights_request.why_not_done


def has_ready_file(rights_request: RightsRequest) -> bool:
    if rights_request.state == RequestState.REFUSED:
        return False
    rows = PersonFile.objects.kept().filter(request=rights_request)
    return rows.filter(state=FileState.READY).exists()


def is_spent(rights_request: RightsRequest) -> bool:
    is_live = rights_request.files.filter(state__in=LIVE).exists()
    return not is_live and rights_request.files.filter(taken_at__isnull=False).exists()


def may_prepare(rights_request: RightsRequest) -> bool:
    has_one = rights_request.files.filter(state__in=LIVE).exists()
    is_access = rights_request.right == Right.ACCESS
    return is_access and rights_request.may_have_file and not has_one


def shows_person(rights_request: RightsRequest, user: Any) -> bool:
    return answers(rights_request, user) and bool(rights_request.person)


# The person who recorded a request does not do these alone.
by_another = partial(AdminAction, why_not=RightsRequest.why_not_alone)

ACTIONS = (
    AdminAction(
        slug="reorienter",
        label="Réorienter la demande",
        question="La personne n’a pas écrit où la convention le dit (art. 10). La "
        "demande passe à qui doit y répondre, qui en est averti ; son délai court "
        "toujours depuis sa réception. Envoyez aussi à la personne le message prêt "
        "de la fiche.",
        done="La demande est réorientée.",
        form=confirming(actions.redirect),
        is_open=lambda one, user: one.is_open and one.is_misrouted,
    ),
    AdminAction(
        slug="corriger",
        label="Corriger ou transmettre",
        question="La demande a été enregistrée sous une autre catégorie, une autre "
        "agence, ou sans un identifiant que la personne donne. Qui doit y répondre "
        "désormais en est averti ; son délai court toujours depuis sa réception.",
        done="La demande est corrigée. Si elle passe à d’autres, ils en sont avertis.",
        form=CorrectForm,
        is_open=lambda one, user: (
            one.can_be_corrected
            and (answers(one, user) or one.recorded_by_id == user.pk)
        ),
    ),
    by_another(
        slug="verifier-identite",
        label="Enregistrer la vérification d’identité",
        question="Aucune donnée ne se donne ni ne se change avant que l’identité "
        "soit vérifiée. Ne gardez aucune copie de pièce d’identité.",
        done="L’identité est vérifiée.",
        form=VerifyForm,
        is_open=answering(
            lambda one: not one.is_misrouted and one.can_move_to(RequestState.VERIFIED)
        ),
        action=Action.RIGHTS_MOVED,
    ),
    AdminAction(
        slug="trouver",
        label="Trouver la personne dans Opus",
        question="La demande est rattachée au compte, ou aux fiches, de la seule "
        "personne qui porte exactement cet identifiant. Sa fiche dit ensuite qui "
        "c’est : relisez-la avant de préparer la copie.",
        done="La demande est rattachée à cette personne : vérifiez que c’est bien "
        "elle.",
        form=AttachForm,
        is_open=answering(lambda one: one.state in FOUND_IN and not one.is_own),
        why_not=why_not_found,
    ),
    AdminAction(
        slug="detacher",
        label="Détacher la personne",
        question="La demande ne porte plus sur personne. Une copie préparée et pas "
        "encore téléchargée est supprimée.",
        done="La personne est détachée : cherchez celle qui a fait la demande.",
        form=confirming(actions.detach),
        is_open=answering(lambda one: one.can_be_detached),
    ),
    AdminAction(
        slug="prendre-en-charge",
        label="Prendre en charge",
        question="Quelqu’un s’occupe de cette demande.",
        done="La demande est en cours.",
        form=confirming(RightsRequest.take_up, StepForm),
        is_open=answering(lambda one: one.can_move_to(RequestState.UNDER_WAY)),
        action=Action.RIGHTS_MOVED,
    ),
    by_another(
        slug="preparer-la-copie",
        label="Préparer la copie des données",
        question="Opus rassemble tout ce qu’il garde sur la personne, masque les "
        "autres, et scelle la copie. Elle se télécharge une seule fois, dans les "
        "sept jours.",
        done="La copie se prépare : rechargez la fiche dans un instant.",
        form=PrepareForm,
        is_open=answering(may_prepare),
    ),
    by_another(
        slug=DOWNLOAD,
        label="Télécharger la copie",
        question="La copie se télécharge une seule fois : elle est aussitôt "
        "supprimée d’Opus. Remettez-la à la personne par un moyen sûr, puis "
        "supprimez-la de votre poste.",
        done="La copie est téléchargée, et supprimée d’Opus.",
        form=DownloadForm,
        is_open=answering(has_ready_file),
    ),
    by_another(
        slug="rectifier",
        label="Rectifier les données",
        question="Ce qui était écrit reste dans l’historique. Ceux qui ont reçu ces "
        "données en sont avertis. Un document déjà remis garde ce qu’il disait.",
        done="Les données sont rectifiées : la lettre de réponse est prête sur la "
        "fiche.",
        form=RectifyForm,
        is_open=gesture_for(Right.RECTIFICATION),
    ),
    by_another(
        slug="effacer",
        label="Effacer les données",
        question="La fiche, les propositions, les documents et les CV sont supprimés ; "
        "un compte fermé perd son nom et ses coordonnées. Ceux qui ont reçu ces "
        "données en sont avertis. La loi garde le journal, par numéros, et cette "
        "demande : la lettre le dit à la personne.",
        done="Les données sont effacées : la lettre de réponse est prête sur la fiche.",
        form=EraseForm,
        is_open=gesture_for(Right.ERASURE),
        is_grave=True,
    ),
    by_another(
        slug="geler",
        label="Geler les données",
        question="Les données sont gardées et ne servent plus : aucune proposition, "
        "aucune modification, aucun courriel, et les agences ne les voient plus. Le "
        "conseiller en est averti. Un compte est suspendu. Cela dure jusqu’à ce que "
        "vous leviez la limitation.",
        done="Les données sont gelées : la lettre de réponse est prête sur la fiche.",
        form=confirming(gestures.restrict, PartlyForm),
        is_open=lambda one, user: (
            gesture_for(Right.RESTRICTION)(one, user) and not one.is_restricted
        ),
    ),
    by_another(
        slug="lever",
        label="Lever la limitation",
        question="Les données servent de nouveau comme avant. La personne doit "
        "l’apprendre d’abord (RGPD, art. 18.3) : la lettre est prête ensuite sur la "
        "fiche, envoyez-la ce jour.",
        done="La limitation est levée : envoyez la lettre à la personne.",
        form=confirming(gestures.lift),
        is_open=answering(lambda one: one.is_restricted),
    ),
    by_another(
        slug="arreter",
        label="Arrêter un traitement",
        question="La personne s’oppose à un usage de ses données (RGPD, art. 21). Le "
        "journal et la détection des usages anormaux ne s’arrêtent pas : la sécurité "
        "du service l’emporte, refusez-les avec ce motif.",
        done="C’est arrêté : la lettre de réponse est prête sur la fiche.",
        form=ObjectForm,
        is_open=gesture_for(Right.OBJECTION),
    ),
    by_another(
        slug="transmettre",
        label="Transmettre à l’émetteur des offres",
        question="Opus montre les offres sans les modifier. La demande part au "
        "service de France Travail qui les gère, avec leurs numéros et sans aucun "
        "nom ; ce qu’il corrige ou efface l’est ensuite dans Opus.",
        done="La demande est transmise : la lettre de réponse est prête sur la fiche.",
        form=PassOnForm,
        is_open=answering(
            lambda one: (
                one.kind == PersonKind.EMPLOYER
                and one.right != Right.ACCESS
                and one.may_have_file
            )
        ),
    ),
    by_another(
        slug="rien-trouve",
        label="Constater qu’Opus ne garde rien",
        question="Opus cherche la personne par tout ce que dit la demande, dans tous "
        "ses registres et dans toute la France, quelle que soit la catégorie "
        "enregistrée. La lettre lui dira qu’il ne garde rien.",
        done="C’est noté : la lettre de réponse est prête sur la fiche.",
        form=NothingForm,
        is_open=answering(
            lambda one: (
                one.state == RequestState.UNDER_WAY
                and not one.person
                and not one.is_done
            )
        ),
    ),
    AdminAction(
        slug="prolonger",
        label="Prolonger de deux mois",
        question="La réponse viendra dans les trois mois de la réception (RGPD, "
        "art. 12.3). La personne doit l’apprendre, avec le motif, dans le premier "
        "mois : la lettre est prête ensuite sur la fiche.",
        done="Le délai est prolongé : dites-le à la personne.",
        form=confirming(
            actions.put_off,
            StepForm,
            because=forms.ChoiceField(
                label="Motif, à dire à la personne", choices=Delay
            ),
        ),
        is_open=answering(lambda one: one.can_be_put_off),
        action=Action.RIGHTS_MOVED,
    ),
    AdminAction(
        slug="repondre",
        label="Enregistrer la réponse",
        question="La réponse est partie, par écrit, à la personne.",
        done="La demande est répondue.",
        form=confirming(gestures.answer, StepForm),
        is_open=answering(lambda one: one.can_move_to(RequestState.ANSWERED)),
        action=Action.RIGHTS_MOVED,
        why_not=why_not_answered,
    ),
    AdminAction(
        slug="refuser",
        label="Refuser la demande",
        question="Le motif se dit à la personne par écrit, avec son droit de "
        "saisir la CNIL et le juge.",
        done="La demande est refusée.",
        form=RefuseForm,
        is_open=answering(
            lambda one: one.can_move_to(RequestState.REFUSED) and not one.is_done
        ),
        action=Action.RIGHTS_MOVED,
        is_grave=True,
    ),
)
