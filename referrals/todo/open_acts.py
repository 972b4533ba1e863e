"""The open acts that need a step, and the forms of home."""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import OuterRef, Q, Subquery

from accounts.users.models import User
from opus.lib.database.queries import columns_of, row_of
from opus.lib.dates import date_format
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.next_step import NextStep, Task, task_of
from referrals.acts.outcomes import OutcomeCode
from referrals.appointments.models import Appointment, DateProposal
from referrals.candidate_emails.models import with_emails
from referrals.candidates.models import Candidate
from referrals.preselection.forms import CompleteForm
from referrals.preselection.models import ApplicationQuestion


@dataclasses.dataclass(frozen=True)
class HomeTask(Task):
    """A task with what can be done at once from home."""

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
    tasks: list[HomeTask]
    # The appointments to come, the nearest first.
    agenda: list[Appointment]


def open_acts_of(user: User) -> OpenActs:
    """Return the acts that need a step, and the appointments, in few queries."""
    mine = Act.objects.visible_to(user).live().with_next_step()
    shown = mine.filter(~Q(next_step="") | Q(kind=ActKind.APPOINTMENT))
    questions = ApplicationQuestion.objects.filter(act=OuterRef("pk"), answered_at=None)
    dates = DateProposal.objects.filter(appointment=OuterRef("pk"), answered_at=None)
    # What the agency asks or proposes.
    shown = with_emails(shown).annotate(
        asked=Subquery(questions.values("text")),
        proposed=Subquery(
            dates.values(row=columns_of(DateProposal, only=("id", "at")))
        ),
    )
    acts = list(shown.select_related("candidate__adviser").whole())
    tasks = [home_task(task) for act in acts if (task := task_of(act))]
    tasks.sort(key=lambda task: (not task.is_late, task.urgency, task.since))
    agenda = [
        act
        for act in acts
        if act.KIND == ActKind.APPOINTMENT and act.is_to_come and act.offer.is_active
    ]
    return OpenActs(tasks, sorted(agenda, key=lambda act: act.at))


def home_task(task: Task) -> HomeTask:
    """Add what answers the agency: its question's form, or the date it proposes."""
    act, whole = task.act, HomeTask(**vars(task))
    if task.step == NextStep.COMPLETE and act.asked:
        form = CompleteForm(act=act, auto_id=f"reponse_{act.pk}_%s")
        return dataclasses.replace(whole, answer_form=form)
    if task.step == NextStep.AGREE and act.proposed:
        proposal: DateProposal = row_of(DateProposal, act.proposed)
        at = date_format(proposal.at, "l j F à G\u00a0\\h\u00a0i")
        sentence = f"Elle propose le {at}."
        return dataclasses.replace(whole, proposal=proposal, sentence=sentence)
    return whole


def with_outcomes(tasks: list[HomeTask]) -> list[HomeTask]:
    """Add all coded outcomes to live mises en contact."""
    ending = {task.act.pk for task in tasks if task.act.can_move_to(Act.ENDED)}
    usual, others = OutcomeCode.objects.usual_and_others() if ending else ([], [])
    return [
        dataclasses.replace(task, outcomes=usual, other_outcomes=others)
        if task.act.pk in ending
        else task
        for task in tasks
    ]


ORDER = {step: rank for rank, step in enumerate(NextStep)}


@dataclasses.dataclass(frozen=True)
class Line:
    """One task, or all documents that one person is to receive."""

    tasks: Sequence[HomeTask]
    # Of its form that prints (R10).
    key: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)

    @property
    def task(self) -> HomeTask:
        return self.tasks[0]

    @property
    def act(self) -> Act:
        act: Act = self.task.act
        return act

    @property
    def candidate(self) -> Candidate:
        return self.act.candidate

    @property
    def step(self) -> NextStep:
        return self.task.step

    @property
    def is_pile(self) -> bool:
        return self.step == NextStep.HAND_OVER

    @property
    def late_task(self) -> HomeTask | None:
        return next((task for task in self.tasks if task.is_late), None)

    @property
    def is_late(self) -> bool:
        return self.late_task is not None


@dataclasses.dataclass
class Group:
    title: str
    candidate: Candidate | None
    lines: list[Line] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Section:
    """*En retard*, or *À faire*; ``count``: of its tasks, hidden ones too."""

    is_late: bool
    count: int
    groups: list[Group] = dataclasses.field(default_factory=list)


def lines_of(tasks: Iterable[HomeTask], *, by_person: bool) -> list[Line]:
    """Return the lines in the order of the page."""
    piles: dict[uuid.UUID, list[HomeTask]] = {}
    lines = []
    for task in tasks:
        if task.step == NextStep.HAND_OVER:
            piles.setdefault(task.act.candidate_id, []).append(task)
        else:
            lines.append(Line([task]))
    lines += map(Line, piles.values())
    lines.sort(key=lambda line: (not line.is_late, ORDER[line.step]))
    if by_person:
        first: dict[uuid.UUID, int] = {}
        for rank, line in enumerate(lines):
            first.setdefault(line.act.candidate_id, rank)
        lines.sort(key=lambda line: (not line.is_late, first[line.act.candidate_id]))
    return lines


def sections_of(
    shown: Iterable[Line], lines: Iterable[Line], *, by_person: bool
) -> list[Section]:
    """Return the headings of the shown lines, counted over all."""
    counts = {True: 0, False: 0}
    for line in lines:
        counts[line.is_late] += len(line.tasks)
    sections: dict[bool, Section] = {}
    groups: dict[tuple[bool, object], Group] = {}
    for line in shown:
        late = line.is_late
        section = sections.setdefault(late, Section(late, counts[late]))
        if by_person:
            key: object = line.act.candidate_id
            group = Group("", line.candidate)
        elif late:
            # What each wants stands in its line.
            key, group = None, Group("", None)
        else:
            key, group = line.step.label, Group(str(line.step.label), None)
        if (late, key) not in groups:
            groups[late, key] = group
            section.groups.append(group)
        groups[late, key].lines.append(line)
    return list(sections.values())
