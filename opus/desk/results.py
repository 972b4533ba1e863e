"""What a survey tells: totals, masked like the follow-up's (V8, ADR 11).

Told once it is over: while answers come in, two looks would tell one answer by their
difference. Under five answers nothing is shown: one row of zeros would be an answer.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from opus.desk.models import Agreement, Survey
from opus.desk.models.surveys import QUESTIONS, question_of
from opus.lib.masks import SMALL, Shown, masked, share_out
from opus.lib.plots import Plot, lines_of


@dataclasses.dataclass(frozen=True)
class Question:
    """One statement, and how many agree how far."""

    name: str
    title: str
    lines: Sequence[tuple[str, Shown]]

    @property
    def plot(self) -> Plot:
        return lines_of(f"question-{self.name}", self.title, self.lines)


@dataclasses.dataclass(frozen=True)
class Results:
    """A survey that is over."""

    answered: Shown
    questions: Sequence[Question]
    comments: Sequence[str]


def results_of(survey: Survey) -> Results:
    """Count its answers; each question's numbers make the total."""
    answers = list(survey.answers.all())
    if len(answers) < SMALL:
        return Results(masked(len(answers)), [], [])
    questions = []
    for name in QUESTIONS:
        counts = Counter(getattr(answer, name) for answer in answers)
        numbers = [counts[mark] for mark in Agreement]
        shown = share_out(len(answers), numbers)
        labels = [str(mark.label) for mark in Agreement]
        questions.append(
            Question(name, question_of(name), list(zip(labels, shown, strict=True)))
        )
    said = sorted(answer.comment for answer in answers if answer.comment)
    return Results(masked(len(answers)), questions, said)
