"""What must the adviser do now? One answer for an act and its paper.

``next_step`` says it in SQL: lists filter and count by it, home and the person's page
sort by it, an act's page and the e-mails read it. ``task_of`` puts it in words. The
callers stand in docs/next-step.md.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from offers.enums import Mode, OfferState
from opus.lib.dates import date_format
from referrals.acts.act_rights import ActKind, kinds_going_on
from referrals.acts.outcomes import later_hires
from referrals.acts.paper_facts import changes, join, misleads
from referrals.acts.states import (
    AGREED,
    CV_AWAITED,
    LIVE_STATES,
    NOT_HANDED_OVER,
    SCREENED_WAITING,
    WAITS_FOR_NEWS,
    ScreenedState,
)

OFFER_CHANGED = "Offres retirées ou modifiées"


class NextStep(models.TextChoices):
    """Its code, and its heading on home; in the order of home."""

    WITHDRAWN = "offre_retiree", OFFER_CHANGED
    REPLACE = "autre_proposition", OFFER_CHANGED
    RENEW = "refaire", OFFER_CHANGED
    FULL = "postes_pris", OFFER_CHANGED
    MEET = "presence", "Rendez-vous passés"
    AGREE = "date", "Dates à convenir"
    CV = "cv", "CV attendus"
    HAND_OVER = "remettre", "Documents à remettre"
    COMPLETE = "complement", "Compléments à donner"
    REVIEW = "examiner", "Candidatures à examiner"
    PRESENT = "presenter", "Candidatures à présenter"
    FOLLOW = "nouvelles", "Sans nouvelles"


# The offer is another: the person may expect something that is no more.
OF_THE_OFFER = tuple(step for step in NextStep if step.label == OFFER_CHANGED)


# --- In SQL ---------------------------------------------------------------------------


def conditions() -> Iterator[tuple[NextStep, Q]]:
    """Yield each step and its condition, of a live act; the first that holds counts.

    ``ActQuerySet.with_next_step`` annotates what they read: ``paper``, the version in
    force, ``facts_today`` and ``told_at``.
    """
    screened = Q(kind=ActKind.SCREENED_REFERRAL)
    appointment = Q(kind=ActKind.APPOINTMENT)
    delegated = screened & Q(offer__preselection=True, offer__delegated=True)
    yield NextStep.MEET, appointment & Q(details__at__lte=timezone.now())
    yield NextStep.WITHDRAWN, ~Q(offer__state=OfferState.ACTIVE)
    # Nobody preselects it any more; after a CV it has no paper of its own.
    lost = screened & Q(offer__preselection=False)
    yield NextStep.REPLACE, lost & ~Q(state__in=SCREENED_WAITING)
    yield NextStep.REPLACE, misleads("paper__made_of") & ~fits_the_mode()
    yield NextStep.RENEW, misleads("paper__made_of")
    yield NextStep.AGREE, appointment & Q(details__date_refused_at__isnull=False)
    yield NextStep.FULL, NOT_HANDED_OVER & no_post_is_left()
    yield NextStep.HAND_OVER, NOT_HANDED_OVER & (~appointment | AGREED)
    yield NextStep.COMPLETE, screened & Q(state=ScreenedState.ASKED_FOR_MORE)
    yield NextStep.REVIEW, delegated & Q(state=ScreenedState.TO_REVIEW)
    yield NextStep.PRESENT, delegated & Q(state=ScreenedState.SHORTLISTED)
    is_late = Q(due_on__lt=timezone.localdate())
    yield NextStep.CV, Q(kind=ActKind.CV_REQUEST, state__in=CV_AWAITED) & is_late
    long_ago = timezone.now() - settings.ACT_REMINDED_AFTER[0]
    yield NextStep.FOLLOW, WAITS_FOR_NEWS & Q(told_at__lte=long_ago)


def next_step() -> Case:
    """Return the code of the step that an act waits for, or ""."""
    return Case(
        When(~Q(state__in=LIVE_STATES), then=Value("")),
        *(When(condition, then=Value(step.value)) for step, condition in conditions()),
        default=Value(""),
        output_field=models.CharField(),
    )


def fits_the_mode() -> Q:
    """Return whether the offer's mode today has acts of this kind (art. 3.2)."""
    flags = {
        Mode.DIRECT: {"offer__preselection": False},
        Mode.DELEGATED: {"offer__preselection": True, "offer__delegated": True},
        Mode.PRESELECTED: {"offer__preselection": True, "offer__delegated": False},
    }
    fits = Q()
    for mode, flag in flags.items():
        kinds = kinds_going_on(mode, settings.ACTS_READING)
        fits |= Q(kind__in=list(kinds), **flag)
    return fits


def no_post_is_left() -> Q:
    """Return whether the offer has none (``act_context.posts_left``, in SQL)."""
    hires = later_hires([OuterRef("offer")]).values("hired_on")
    number = Coalesce(Subquery(hires.annotate(n=Count("pk")).values("n")), 0)
    return Q(LessThanOrEqual(Coalesce("offer__posts_left", "offer__posts"), number))


# --- In words -------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Task:
    """The next step of an act, for its adviser."""

    act: Any
    step: NextStep
    label: str
    sentence: str
    # The start of the wait: at equal urgency, the oldest comes first.
    since: dt.datetime
    # Past its day: it stands before today's work.
    is_late: bool
    # The word of the link to the act.
    verb: str = "Voir"

    @property
    def urgency(self) -> int:
        """Return its rank among tasks of one day, the first to do lowest."""
        if self.step in OF_THE_OFFER:
            return 0
        return 2 if self.step == NextStep.FOLLOW else 1


def task_of(act: Any) -> Task | None:
    """Return the step of an act read ``with_next_step``; None if it waits for none."""
    if not act.next_step:
        return None
    step = NextStep(act.next_step)
    label, sentence, *verb = words_of(step, act)
    return Task(act, step, label, sentence, since(step, act), is_late(step, act), *verb)


def since(step: NextStep, act: Any) -> dt.datetime:
    at: dt.datetime = act.told_at
    if step == NextStep.MEET:
        at = act.at
    elif step in {NextStep.RENEW, NextStep.REPLACE}:
        at = act.offer.imported_at
    elif step == NextStep.AGREE:
        at = act.date_refused_at
    elif step == NextStep.CV:
        at = act.created_at
    return at


def is_late(step: NextStep, act: Any) -> bool:
    """Return whether its day has passed, or would before the next look."""
    late: bool = step in {NextStep.MEET, NextStep.CV}
    if step in OF_THE_OFFER:
        # The person holds a paper that misleads her.
        late = act.is_known_to_person
    elif step == NextStep.HAND_OVER and act.KIND == ActKind.CV_REQUEST:
        late = act.is_overdue
    elif step == NextStep.HAND_OVER and act.KIND == ActKind.APPOINTMENT:
        late = act.at < timezone.now() + settings.APPOINTMENT_REMINDED_BEFORE
    elif step in SINCE_LONG:
        # Its reminder would have left (5.8).
        late = act.told_at < timezone.now() - settings.ACT_REMINDED_AFTER[0]
    return late


SINCE_LONG = {
    *(NextStep.HAND_OVER, NextStep.COMPLETE, NextStep.REVIEW, NextStep.PRESENT)
}
# The label, the sentence and the verb of those that say always the same.
WORDS = {
    NextStep.FULL: (
        "Postes pris",
        "Ne remettez pas le document\u00a0: tous les postes de l’offre sont pris. "
        "Annulez la proposition.",
    ),
    NextStep.MEET: (
        "Rendez-vous passé",
        "Dites si le candidat est venu.",
        "Noter la présence",
    ),
    NextStep.AGREE: (
        "Date refusée par l’agence",
        "Choisissez une autre date, ou annulez la convocation.",
    ),
    NextStep.HAND_OVER: (
        "Document à remettre",
        "Remettez le document, puis marquez-le remis.",
    ),
    NextStep.COMPLETE: (
        "Complément demandé",
        "L’agence vous pose une question avant de décider.",
    ),
    NextStep.REVIEW: (
        "Candidature à examiner",
        "La présélection vous est déléguée\u00a0: retenez-la ou écartez-la.",
        "Examiner",
    ),
    NextStep.PRESENT: (
        "Candidature à présenter",
        "Présentez-la à l’employeur par l’agence, puis enregistrez-le.",
        "Présenter",
    ),
}


def words_of(step: NextStep, act: Any) -> tuple[str, ...]:
    """Return its label, its sentence and perhaps its verb."""
    if step in OF_THE_OFFER and step != NextStep.FULL:
        verb = "Prévenir" if act.is_known_to_person else "Voir"
        return *words_of_change(step, act), verb
    if step == NextStep.CV:
        late = (timezone.localdate() - act.due_on).days
        label = f"CV attendu depuis {late}\u00a0jour{'s' if late > 1 else ''}"
        return label, "Relancez le candidat, ou déposez son CV.", "Déposer le CV"
    if step == NextStep.FOLLOW:
        days = (timezone.now() - act.told_at).days
        label = f"Sans nouvelles depuis {days}\u00a0jours"
        return label, "Appelez le candidat ou l’employeur, puis notez ce qu’il en est."
    if step == NextStep.HAND_OVER and act.KIND == ActKind.APPOINTMENT:
        day = date_format(timezone.localtime(act.at), "j F Y à G\u00a0\\h\u00a0i")
        return WORDS[step][0], f"Remettez la convocation avant le {day}."
    return WORDS[step]


def words_of_change(step: NextStep, act: Any) -> tuple[str, str]:
    """Return what the offer has done to the act, and what to do."""
    if step == NextStep.WITHDRAWN:
        return "Offre retirée", words_of_withdrawal(act)
    changed = changes(act.paper_says, act.facts_today, act) or ["la présélection"]
    label = f"Offre modifiée\u00a0: {join(changed)}"
    if step == NextStep.REPLACE:
        return label, "Voyez la proposition\u00a0: cette offre en demande une autre."
    if act.handed_over_on:
        return label, "Prévenez le candidat, et remettez-lui la nouvelle version."
    return label, "Faites la nouvelle version du document, puis remettez-la."


def words_of_withdrawal(act: Any) -> str:
    if act.is_known_to_person and act.hour_to_come:
        return "Prévenez le candidat, puis annulez la convocation."
    if act.is_known_to_person:
        return "Prévenez le candidat, puis notez la suite ou annulez."
    paper = "la convocation" if act.KIND == ActKind.APPOINTMENT else "le document"
    then = "annulez, ou attendez que l’offre revienne."
    if not act.offer_may_return:
        then = "l’offre est annulée, annulez la proposition."
    return f"Ne remettez pas {paper}\u00a0: {then}"
