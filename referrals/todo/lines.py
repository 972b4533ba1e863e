"""The lines of home: late ones first, by gesture or by candidate."""

import dataclasses
import uuid
from collections.abc import Iterable, Sequence

from referrals.acts.models.acts import Act
from referrals.acts.next_step import NextStep
from referrals.candidates.models.candidates import Candidate
from referrals.todo.open_acts import HomeTask

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
