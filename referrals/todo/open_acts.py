"""The open acts that need a step (domain 3.8)."""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.dates.formats import date_format
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import OutcomeCode
from referrals.acts.models.placements import Placement
from referrals.acts.states import ScreenedState
from referrals.acts.withdrawals import WithdrawalMessage, withdrawal_message_of
from referrals.appointments.models.appointments import Appointment
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.actions import why_not_renewed
from referrals.documents.models import Document
from referrals.documents.offer_changes import join
from referrals.preselection.models import ScreenedReferral

# Similar offers cost a few queries: only the first withdrawn one has them here; the
# pages of the other acts show theirs.
WITH_OFFERS = 1
RANK = {"error": 0, "warning": 1, "info": 2}
WITHDRAWN = "Offre retirée"


@dataclasses.dataclass(frozen=True)
class Task:
    act: Act
    label: str
    kind: str  # The badge's colour: the label says it in words.
    next_step: str
    # The start of the wait: at equal urgency, the oldest comes first.
    since: dt.datetime
    # The message and the similar offers, if the offer was withdrawn.
    withdrawal: WithdrawalMessage | None = None
    # The usual outcomes, one click each.
    outcomes: Sequence[OutcomeCode] = ()


def waiting_for(user: User) -> list[Task]:
    """Return the acts that need a step, most urgent first."""
    changed = {paper.act_id: paper for paper in outdated_papers(user)}
    tasks = [task_of_change(paper) for paper in changed.values()]
    tasks += [
        task_of(act)
        for model, task_of in SOURCES.items()
        for act in model.objects.visible_to(user)
        .wanting_a_step()
        .select_related("offer", "candidate__adviser", "structure")
        if act.pk not in changed
    ]
    return sorted(tasks, key=lambda task: (RANK[task.kind], task.since))


def outdated_papers(user: User) -> Iterable[Document]:
    """Return the papers that a change of their offer made wrong."""
    papers = Document.objects.visible_to(user).outdated().with_offers()
    return papers.select_related("candidate__adviser")


def task_of_change(paper: Document) -> Task:
    act = paper.act
    label = f"Offre modifiée\u00a0: {join(paper.changes)}"
    if why_not_renewed(act):
        step = "Ouvrez l’acte\u00a0: cette offre en demande un autre."
    elif act.handed_over_on:
        step = "Prévenez la personne, et remettez-lui la nouvelle version."
    else:
        step = "Faites la nouvelle version du document, puis remettez-la."
    return Task(act, label, "error", step, act.offer.imported_at)


def task_of_referral(act: Referral) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.told_at)
    if act.can_be_handed_over:
        step = "Remettez le document, puis enregistrez la remise."
        return Task(act, "Document à remettre", "warning", step, act.told_at)
    return silent(act)


def task_of_screened(act: ScreenedReferral) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.told_at)
    if act.state in SCREENED_STEPS:
        label, step = SCREENED_STEPS[ScreenedState(act.state)]
        return Task(act, label, "warning", step, act.told_at)
    return silent(act)


# The steps of an application that wait for its adviser.
SCREENED_STEPS = {
    ScreenedState.PROPOSED: (
        "Document à remettre",
        "Remettez le document, puis enregistrez la remise.",
    ),
    ScreenedState.TO_REVIEW: (
        "Candidature à examiner",
        "La présélection vous est déléguée\u00a0: retenez-la ou écartez-la.",
    ),
    ScreenedState.ASKED_FOR_MORE: (
        "Complément demandé",
        "Donnez à l’agence ce qui manque, puis dites-le ici.",
    ),
    ScreenedState.SHORTLISTED: (
        "Candidature à présenter",
        "Présentez-la à l’employeur par l’agence, puis enregistrez-le.",
    ),
}


def task_of_cv(act: CvRequest) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.created_at)
    if act.handed_over_on is None:
        step = "Remettez la lettre, puis enregistrez la remise."
        return Task(act, "Lettre à remettre", "warning", step, act.created_at)
    late = (timezone.localdate() - act.due_on).days
    label = f"CV attendu depuis {late}\u00a0jour{'s' if late > 1 else ''}"
    step = "Relancez la personne, ou déposez son CV."
    return Task(act, label, "warning", step, act.created_at)


def task_of_appointment(act: Appointment) -> Task:
    if act.offer_is_withdrawn:
        step = "Prévenez la personne, puis annulez la convocation."
        return Task(act, WITHDRAWN, "error", step, act.at)
    if act.is_past:
        step = "Dites si la personne est venue."
        return Task(act, "Rendez-vous passé", "warning", step, act.at)
    day = date_format(timezone.localtime(act.at), r"j F à G \h i")
    step = f"Remettez la convocation avant le {day}."
    return Task(act, "Convocation à remettre", "warning", step, act.created_at)


def withdrawn(act: Act, since: dt.datetime) -> Task:
    step = (
        "Prévenez la personne, puis enregistrez la suite ou annulez."
        if act.handed_over_on
        else "Ne remettez pas le document\u00a0: annulez, ou attendez que l’offre "
        "revienne."
    )
    return Task(act, WITHDRAWN, "error", step, since)


def silent(act: Placement) -> Task:
    days = (timezone.now() - act.told_at).days
    step = "Appelez la personne ou l’employeur, puis enregistrez ce qu’il en est."
    return Task(act, f"Sans nouvelles depuis {days} jours", "info", step, act.told_at)


# Each kind, and the function that makes its task.
SOURCES: Mapping[Any, Callable[[Any], Task]] = {
    Referral: task_of_referral,
    ScreenedReferral: task_of_screened,
    CvRequest: task_of_cv,
    Appointment: task_of_appointment,
}


def with_withdrawals(tasks: list[Task]) -> list[Task]:
    """Add the notice to the first withdrawn offer."""
    noticed: dict[str, WithdrawalMessage] = {}
    found = []
    for task in tasks:
        offer = task.act.offer_id
        if task.act.offer_is_withdrawn:
            if offer in noticed:
                # The same offer for another person has the same similar offers.
                others = noticed[offer].similar_offers
                message = WithdrawalMessage(task.act, others)
                task = dataclasses.replace(task, withdrawal=message)
            elif len(noticed) < WITH_OFFERS:
                noticed[offer] = withdrawal_message_of(task.act)
                task = dataclasses.replace(task, withdrawal=noticed[offer])
        found.append(task)
    return found


def with_outcomes(tasks: list[Task]) -> list[Task]:
    """Add the usual outcomes to live mises en contact."""
    codes: Sequence[OutcomeCode] | None = None
    found = []
    for task in tasks:
        if isinstance(task.act, Placement) and task.act.can_move_to(Placement.ENDED):
            if codes is None:
                codes = tuple(OutcomeCode.objects.usual())
            task = dataclasses.replace(task, outcomes=codes)
        found.append(task)
    return found
