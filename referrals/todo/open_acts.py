"""The open acts that need a step (domain 3.8)."""

import dataclasses
import datetime as dt
import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.users.models.users import User
from offers.enums import OfferState
from opus.lib.database.rows_in_json import columns_of, row_of
from opus.lib.dates.formats import date_format
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act, ActQuerySet
from referrals.acts.models.outcomes import OutcomeCode
from referrals.acts.states import ScreenedState
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.proposals import DateProposal
from referrals.candidate_emails.models import DocumentMail
from referrals.cv_requests.models import CvRequest
from referrals.direct.models import Referral
from referrals.documents.actions import why_not_renewed
from referrals.documents.models import Document
from referrals.documents.offer_changes import (
    CHOSEN,
    changes,
    facts_of,
    join,
    voiding_part,
)
from referrals.preselection.forms import CompleteForm
from referrals.preselection.models import ApplicationQuestion, ScreenedReferral

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
    """Return the acts that need a step, and the appointments, in few queries."""
    acts = for_home(Act.objects.visible_to(user)).select_related("candidate__adviser")
    acts = acts.whole()
    tasks = [with_answer(task_of(act)) for act in acts if is_due(act)]
    tasks.sort(key=lambda task: (not task.is_late, RANK[task.kind], task.since))
    agenda = [
        act
        for act in acts
        if act.KIND == ActKind.APPOINTMENT and act.is_to_come and act.offer.is_active
    ]
    return OpenActs(tasks, sorted(agenda, key=lambda act: act.at))


def for_home(acts: ActQuerySet[Any]) -> ActQuerySet[Any]:
    """Filter those that wait for their adviser, and all the convocations."""
    acts = with_next_step(acts.live())
    is_chosen = Q(kind=ActKind.SCREENED_REFERRAL, state__in=CHOSEN)
    acts = acts.alias(
        said=voiding_part(F("paper_says"), unless=is_chosen),
        says=voiding_part(F("facts_today"), unless=is_chosen),
    )
    is_wrong = Q(paper_says__isnull=False) & ~Q(said=F("says"))
    return acts.filter(
        Q(kind=ActKind.APPOINTMENT)
        | Q(wants_step=True)
        | Q(offer__state=OfferState.ACTIVE) & is_wrong
    )


def with_next_step(acts: ActQuerySet[Any]) -> ActQuerySet[Any]:
    """Annotate what ``is_due`` and ``task_of`` read.

    What the act's paper says of its offer and what is true today; what the agency asks
    (``asked``), or proposes (``proposed``); whether Opus sent the last paper of a
    convocation (``was_emailed``).
    """
    papers = Document.objects.filter(act=OuterRef("pk"))
    last = papers.filter(void_at__isnull=True).order_by("-version")
    questions = ApplicationQuestion.objects.filter(act=OuterRef("pk"), answered_at=None)
    dates = DateProposal.objects.filter(appointment=OuterRef("pk"), answered_at=None)
    newest = Document.objects.filter(act=OuterRef(OuterRef("pk"))).order_by("-version")
    mails = DocumentMail.objects.left().filter(
        document=Subquery(newest.values("pk")[:1])
    )
    return acts.with_step_wanted().annotate(
        paper_says=Subquery(last.values("made_of")[:1]),
        facts_today=facts_of(OuterRef("offer"), OuterRef("candidate")),
        asked=Subquery(questions.values("text")),
        proposed=Subquery(
            dates.values(row=columns_of(DateProposal, only=("id", "at")))
        ),
        was_emailed=Exists(mails),
    )


def is_due(act: Any) -> bool:
    """Return whether it waits for its adviser (``with_next_step``)."""
    return act.wants_step or bool(changes_of(act))


def changes_of(act: Any) -> list[str]:
    """Return what its paper has wrong, while its offer is open."""
    if not (act.is_live and act.offer.is_active):
        return []
    return changes(act.paper_says, act.facts_today, act)


def task_of(act: Any) -> Task:
    """Return the next step of an act that is due."""
    if changed := changes_of(act):
        return task_of_change(act, changed)
    return SOURCES[type(act)](act)


def has_waited_long(since: dt.datetime) -> bool:
    """Return whether its reminder would have left (5.8)."""
    return since < timezone.now() - settings.ACT_REMINDED_AFTER[0]


def task_of_change(act: Act, changed: Sequence[str]) -> Task:
    label = f"Offre modifiée\u00a0: {join(changed)}"
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
        return Task(act, label, "warning", step, since, gesture, is_late, verb)
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


def refused_date(act: Any) -> Task:
    proposal = row_of(DateProposal, act.proposed) if act.proposed else None
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


def silent(act: Act) -> Task:
    days = (timezone.now() - act.told_at).days
    step = "Appelez le candidat ou l’employeur, puis notez ce qu’il en est."
    label = f"Sans nouvelles depuis {days}\u00a0jours"
    return Task(act, label, "info", step, act.told_at, Gesture.FOLLOW)


# Each kind, and the function that makes its task.
SOURCES: Mapping[Any, Callable[[Any], Task]] = {
    Referral: task_of_referral,
    ScreenedReferral: task_of_screened,
    CvRequest: task_of_cv,
    Appointment: task_of_appointment,
}


def with_answer(task: Task) -> Task:
    """Add the form that answers the agency's question, if any waits."""
    act: Any = task.act
    if act.state == ScreenedState.ASKED_FOR_MORE and act.asked:
        form = CompleteForm(act=act, auto_id=f"reponse_{act.pk}_%s")
        return dataclasses.replace(task, answer_form=form)
    return task


def with_outcomes(tasks: list[Task]) -> list[Task]:
    """Add all coded outcomes to live mises en contact."""
    codes: tuple[list[OutcomeCode], list[OutcomeCode]] | None = None
    found = []
    for task in tasks:
        if task.act.can_move_to(Act.ENDED):
            codes = codes or OutcomeCode.objects.usual_and_others()
            usual, others = codes
            task = dataclasses.replace(task, outcomes=usual, other_outcomes=others)
        found.append(task)
    return found
