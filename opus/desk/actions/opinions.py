"""Asking for a second opinion on a refused text, and giving it (V5)."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from opus.desk.deadlines import lapse
from opus.desk.models import OpinionState, SecondOpinion
from opus.desk.models.opinions import LONGEST, REASONS, seal
from opus.lib import audit
from opus.lib.audit import Action
from opus.lib.models import WordingRefusal
from opus.lib.states import MoveRefused
from opus.lib.wording import fields
from opus.lib.wording.rules import RULES

ONE_AT_A_TIME = "one_question_at_a_time_for_a_field"
# A question follows a refusal of the same session.
REFUSED_WITHIN = dt.timedelta(hours=12)

NOT_REFUSED = (
    "Aucun texte ne vous a été refusé dans ce champ aujourd’hui : il n’y a pas d’avis "
    "à demander. Rien n’a été transmis."
)
PASSES = (
    "Ce texte n’est plus refusé : enregistrez votre formulaire. Rien n’a été transmis."
)
TOO_LONG = (
    f"Ce texte dépasse {LONGEST} caractères : raccourcissez-le avant de demander un "
    "avis. Rien n’a été transmis."
)
ASKED_ALREADY = (
    "Vous avez déjà demandé un avis sur ce champ : attendez sa réponse. Cette phrase "
    "n’a pas été transmise."
)
TOO_LATE = "Cette phrase est déjà effacée : il n’y a plus rien à répondre."
WRONG_REASON = "Ce motif ne va pas avec cette réponse : choisissez-en un autre."


def ask(*, by: User, place: str, sentence: str) -> SecondOpinion:
    """Lend France Travail a sentence that was refused a moment ago.

    Args:
        place: the field that it was typed in, as refusals call it.

    Raises:
        MoveRefused: nothing was refused there, the sentence passes or is too long, or
            a question about that field waits already. Nothing of it was kept.
    """
    if not was_refused(by, place):
        raise MoveRefused(NOT_REFUSED)
    families = fields.families_in(place, sentence)
    if not families:
        raise MoveRefused(PASSES)
    if len(sentence) > LONGEST:
        raise MoveRefused(TOO_LONG)
    now = timezone.now()
    try:
        with transaction.atomic():
            with audit.gathering() as parts:
                lapse(SecondOpinion.objects.overdue().filter(account=by, place=place))
            opinion = SecondOpinion.objects.create(
                account=by,
                asked_at=now,
                until=now + settings.HELPDESK.opinion_within,
                place=place,
                families=families,
                version=RULES.version.number,
                sealed=seal(sentence),
            )
            opinion.steps.create(origin="", target=opinion.state, by=by)
            audit.record(Action.OPINION_ASKED, by=by, target=opinion, parts=parts)
    except IntegrityError as error:
        if not is_breach(error, ONE_AT_A_TIME):
            raise
        raise MoveRefused(ASKED_ALREADY) from error
    return opinion


def is_breach(error: IntegrityError, constraint: str) -> bool:
    """Whether that constraint is what the database held."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == constraint


def was_refused(by: User, place: str) -> bool:
    """Whether that account met a refusal in that field lately."""
    return WordingRefusal.objects.filter(
        account_id=by.pk, place=place, at__gt=timezone.now() - REFUSED_WITHIN
    ).exists()


@transaction.atomic
def answer(opinion: SecondOpinion, *, by: User, state: str, because: str) -> None:
    """Say whether the rule is wrong; the sentence goes.

    Raises:
        MoveRefused: its time is over, it is answered, or the reason does not fit.
    """
    if because not in REASONS[state]:
        raise MoveRefused(WRONG_REASON)
    rows = SecondOpinion.objects.select_for_update(no_key=True)
    held = rows.get(pk=opinion.pk)
    if held.state == OpinionState.ASKED and not held.is_waiting:
        raise MoveRefused(TOO_LATE)
    held.answer(by=by, state=state, because=because)
    audit.record(
        Action.OPINION_GIVEN,
        by=by,
        target=held,
        details={"state": str(state), "because": str(because)},
    )
