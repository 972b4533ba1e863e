"""The open acts that need a step (domain 3.8)."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.dates.formats import date_format
from referrals.acts.models.acts import Act
from referrals.acts.models.outcomes import OutcomeCode
from referrals.acts.models.placements import Placement
from referrals.acts.states import ScreenedState
from referrals.acts.withdrawals import WithdrawalMessage, withdrawal_message_of
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.proposals import DateProposal
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.actions import why_not_renewed
from referrals.documents.models import Document
from referrals.documents.offer_changes import join
from referrals.preselection.forms import CompleteForm
from referrals.preselection.models import ScreenedReferral

# Similar offers cost a few queries: only the first withdrawn one has them here; the
# pages of the other acts show theirs.
WITH_OFFERS = 1
RANK = {"error": 0, "warning": 1, "info": 2}
WITHDRAWN = "Offre retirée"
LOST_PRESELECTION = "Offre modifiée\u00a0: la présélection"


class Gesture(enum.Enum):
    """What the adviser does next; the headings of home, in their order."""

    WARN = "Offres retirées ou modifiées"
    MEET = "Rendez-vous passés"
    AGREE = "Dates à convenir"
    CV = "CV attendus"
    HAND_OVER = "Documents à remettre"
    COMPLETE = "Compléments à donner"
    REVIEW = "Candidatures à examiner"
    PRESENT = "Candidatures à présenter"
    FOLLOW = "Sans nouvelles"


@dataclasses.dataclass(frozen=True)
class Task:
    act: Act
    label: str
    kind: str  # The badge's colour: the label says it in words.
    next_step: str
    # The start of the wait: at equal urgency, the oldest comes first.
    since: dt.datetime
    gesture: Gesture
    # Past its day: it stands before today's work.
    is_late: bool = False
    # The word of the link to the act.
    verb: str = "Voir"
    # The message and the similar offers, if the offer was withdrawn.
    withdrawal: WithdrawalMessage | None = None
    # The usual outcomes, one click each, and the other ones.
    outcomes: Sequence[OutcomeCode] = ()
    other_outcomes: Sequence[OutcomeCode] = ()
    # The form that answers the agency's question, if it asked one.
    answer_form: CompleteForm | None = None
    # The date that the agency proposes instead of a refused one.
    proposal: DateProposal | None = None


@dataclasses.dataclass(frozen=True)
class OpenActs:
    # Late ones first, then the most urgent.
    tasks: list[Task]
    # The appointments to come, the nearest first.
    agenda: list[Appointment]


def open_acts_of(user: User) -> OpenActs:
    """Return the acts that need a step, and the appointments."""
    changed = {paper.act_id: paper for paper in outdated_papers(user)}
    tasks = [task_of_change(paper) for paper in changed.values()]
    acts = [
        act
        for model in SOURCES
        for act in shown(model.objects.visible_to(user).wanting_a_step())
        if act.pk not in changed
    ]
    # No query where nothing was asked.
    waiting = [act for act in acts if act.state == ScreenedState.ASKED_FOR_MORE]
    prefetch_related_objects(waiting, "questions")
    tasks += [SOURCES[type(act)](act) for act in acts]
    # One query for both uses.
    appointments = list(
        shown(Appointment.objects.visible_to(user).live().with_wanted_step())
    )
    refused = [act for act in appointments if act.waits_for_adviser]
    prefetch_related_objects(refused, "proposals")
    tasks += [
        task_of_appointment(act)
        for act in appointments
        if act.wants_step and act.pk not in changed
    ]
    tasks.sort(key=lambda task: (not task.is_late, RANK[task.kind], task.since))
    agenda = [act for act in appointments if act.is_to_come and act.offer.is_active]
    return OpenActs(tasks, sorted(agenda, key=lambda act: act.at))


def shown(acts: Any) -> Any:
    return acts.select_related("offer", "candidate__adviser", "structure")


def has_waited_long(since: dt.datetime) -> bool:
    """Return whether its reminder would have left (5.8)."""
    return since < timezone.now() - settings.ACT_REMINDED_AFTER[0]


def outdated_papers(user: User) -> Iterable[Document]:
    """Return the papers that a change of their offer made wrong."""
    papers = Document.objects.visible_to(user).outdated().with_offers()
    return papers.select_related("candidate__adviser")


def task_of_change(paper: Document) -> Task:
    act = paper.act
    label = f"Offre modifiée\u00a0: {join(paper.changes)}"
    if why_not_renewed(act):
        step = "Voyez la proposition\u00a0: cette offre en demande une autre."
    elif act.handed_over_on:
        step = "Prévenez le candidat, et remettez-lui la nouvelle version."
    else:
        step = "Faites la nouvelle version du document, puis remettez-la."
    return warning(act, label, step, act.offer.imported_at)


def warning(act: Act, label: str, step: str, since: dt.datetime) -> Task:
    """Return a task about the offer; late if the paper is out."""
    is_out = act.is_known_to_person
    verb = "Prévenir" if is_out else "Voir"
    return Task(act, label, "error", step, since, Gesture.WARN, is_out, verb)


def handing_over(act: Act, label: str, step: str, *, is_late: bool) -> Task:
    since: dt.datetime = getattr(act, "told_at", act.created_at)
    return Task(act, label, "warning", step, since, Gesture.HAND_OVER, is_late)


def task_of_referral(act: Referral) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.told_at)
    if act.can_be_handed_over:
        return handing_over(
            act, TO_HAND_OVER, HAND_IT_OVER, is_late=has_waited_long(act.told_at)
        )
    return silent(act)


def task_of_screened(act: ScreenedReferral) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.told_at)
    if act.why_lost:
        step = "Voyez la proposition\u00a0: cette offre en demande une autre."
        return warning(act, LOST_PRESELECTION, step, act.told_at)
    is_late = has_waited_long(act.told_at)
    if act.state == ScreenedState.PROPOSED:
        return handing_over(act, TO_HAND_OVER, HAND_IT_OVER, is_late=is_late)
    if act.state in SCREENED_STEPS:
        label, step, gesture, verb = SCREENED_STEPS[ScreenedState(act.state)]
        since = act.told_at
        task = Task(act, label, "warning", step, since, gesture, is_late, verb)
        if act.state == ScreenedState.ASKED_FOR_MORE and act.open_question:
            form = CompleteForm(act=act, auto_id=f"reponse_{act.pk}_%s")
            return dataclasses.replace(task, answer_form=form)
        return task
    return silent(act)


TO_HAND_OVER = "Document à remettre"
HAND_IT_OVER = "Remettez le document, puis marquez-le remis."
# The steps of an application that wait for its adviser.
SCREENED_STEPS = {
    ScreenedState.TO_REVIEW: (
        "Candidature à examiner",
        "La présélection vous est déléguée\u00a0: retenez-la ou écartez-la.",
        Gesture.REVIEW,
        "Examiner",
    ),
    ScreenedState.ASKED_FOR_MORE: (
        "Complément demandé",
        "L’agence vous pose une question avant de décider.",
        Gesture.COMPLETE,
        "Voir",
    ),
    ScreenedState.SHORTLISTED: (
        "Candidature à présenter",
        "Présentez-la à l’employeur par l’agence, puis enregistrez-le.",
        Gesture.PRESENT,
        "Présenter",
    ),
}


def task_of_cv(act: CvRequest) -> Task:
    if act.offer_is_withdrawn:
        return withdrawn(act, act.created_at)
    if act.handed_over_on is None:
        step = "Remettez le document, puis marquez-le remis."
        return handing_over(act, "Document à remettre", step, is_late=act.is_overdue)
    late = (timezone.localdate() - act.due_on).days
    label = f"CV attendu depuis {late}\u00a0jour{'s' if late > 1 else ''}"
    step = "Relancez le candidat, ou déposez son CV."
    since, verb = act.created_at, "Déposer le CV"
    return Task(act, label, "warning", step, since, Gesture.CV, is_late=True, verb=verb)


def task_of_appointment(act: Appointment) -> Task:
    if act.offer_is_withdrawn:
        step = "Prévenez le candidat, puis annulez la convocation."
        return warning(act, WITHDRAWN, step, act.at)
    if act.waits_for_adviser:
        return refused_date(act)
    if act.is_past:
        step, verb = "Dites si le candidat est venu.", "Noter la présence"
        label, gesture = "Rendez-vous passé", Gesture.MEET
        return Task(
            act, label, "warning", step, act.at, gesture, is_late=True, verb=verb
        )
    day = date_format(timezone.localtime(act.at), "j F Y à G\u00a0\\h\u00a0i")
    step = f"Remettez la convocation avant le {day}."
    is_near = act.at < timezone.now() + settings.APPOINTMENT_REMINDED_BEFORE
    return handing_over(act, "Document à remettre", step, is_late=is_near)


def refused_date(act: Appointment) -> Task:
    proposal = act.open_proposal
    label = "Date refusée par l’agence"
    step = "Choisissez une autre date, ou annulez la convocation."
    if proposal:
        at = date_format(timezone.localtime(proposal.at), "l j F à G\u00a0\\h\u00a0i")
        step = f"Elle propose le {at}."
    since = act.date_refused_at or act.created_at
    task = Task(act, label, "warning", step, since, Gesture.AGREE)
    return dataclasses.replace(task, proposal=proposal)


def withdrawn(act: Act, since: dt.datetime) -> Task:
    step = (
        "Ne remettez pas le document\u00a0: annulez, ou attendez que l’offre revienne."
    )
    if act.is_known_to_person:
        step = "Prévenez le candidat, puis notez la suite ou annulez."
    elif not act.offer_may_return:
        step = (
            "Ne remettez pas le document\u00a0: l’offre est annulée, annulez la "
            "proposition."
        )
    return warning(act, WITHDRAWN, step, since)


def silent(act: Placement) -> Task:
    days = (timezone.now() - act.told_at).days
    step = "Appelez le candidat ou l’employeur, puis notez ce qu’il en est."
    label = f"Sans nouvelles depuis {days}\u00a0jours"
    return Task(act, label, "info", step, act.told_at, Gesture.FOLLOW)


# Each kind, and the function that makes its task; appointments are read apart.
SOURCES: Mapping[Any, Callable[[Any], Task]] = {
    Referral: task_of_referral,
    ScreenedReferral: task_of_screened,
    CvRequest: task_of_cv,
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
    """Add all coded outcomes to live mises en contact."""
    codes: tuple[list[OutcomeCode], list[OutcomeCode]] | None = None
    found = []
    for task in tasks:
        if isinstance(task.act, Placement) and task.act.can_move_to(Placement.ENDED):
            codes = codes or OutcomeCode.objects.usual_and_others()
            usual, others = codes
            task = dataclasses.replace(task, outcomes=usual, other_outcomes=others)
        found.append(task)
    return found
