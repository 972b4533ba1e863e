"""The masked totals of a survey (V8, ADR 11).

Shown once it is over: during a survey, two looks would reveal an answer by their
difference. Under five answers nothing is shown.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

from opus.lib.statistics import SMALL, Plot, Shown, lines_of, masked, share_out
from opus.support.surveys.models import QUESTIONS, Agreement, Survey, question_of


@dataclasses.dataclass(frozen=True)
class Question:
    name: str
    title: str
    lines: Sequence[tuple[str, Shown]]

    @property
    def plot(self) -> Plot:
        return lines_of(f"question-{self.name}", self.title, self.lines)


@dataclasses.dataclass(frozen=True)
class Results:
    answered: Shown
    questions: Sequence[Question]
    comments: Sequence[str]


def results_of(survey: Survey) -> Results:
    answers = list(survey.answers.all())
    if len(answers) < SMALL:
        return Results(masked(len(answers)), [], [])
    questions, labels = [], [str(mark.label) for mark in Agreement]
    for name in QUESTIONS:
        counts = Counter(getattr(answer, name) for answer in answers)
        shown = share_out(len(answers), [counts[mark] for mark in Agreement])
        lines = list(zip(labels, shown, strict=True))
        questions.append(Question(name, question_of(name), lines))
    said = sorted(answer.comment for answer in answers if answer.comment)
    return Results(masked(len(answers)), questions, said)
