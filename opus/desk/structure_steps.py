"""Where a partner stands: what is done, what comes next."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.models.conventions import Convention
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from opus.desk.work import Task
from opus.lib.dates import date_format

DONE, LATE, NOW, WAITING, NEXT = "done", "late", "now", "waiting", "next"
WORDS = {
    DONE: "Fait",
    LATE: "En retard",
    NOW: "À faire",
    # Somebody else does it.
    WAITING: "En attente",
    NEXT: "Ensuite",
}
# Under which step the queues of the desk stand; the others come last.
OF_CONVENTION = {"a-renouveler", "a-signer", "avenants", "fins", "manquements"}
OF_RGC = {"sans-rgc", "a-venir-sans-rgc"}
OF_ACCOUNTS = {"confirmations", "seconds-facteurs", "suivis"}
OF_LETTERS = {"lettres"}
OF_MEETINGS = {"sans-reunion"}


@dataclass(frozen=True)
class Step:
    state: str
    title: str
    note: str = ""
    url: str = ""
    verb: str = ""
    # Empty if this reader may not do it.
    verb_url: str = ""
    # The first that this reader can do: the one full button.
    is_first: bool = False

    @property
    def word(self) -> str:
        return WORDS[self.state]


def period_of(convention: Convention) -> str:
    first, last = date_format(convention.starts_on), date_format(convention.ends_on)
    return f"du {first} au {last}"


def steps_of(hub: Any) -> list[Step]:
    """Return them in their order; what comes later last, the late one first to do."""
    steps = sorted(all_steps(hub), key=lambda step: step.state == NEXT)
    doable = [rank for rank, step in enumerate(steps) if step.verb_url]
    late = [rank for rank in doable if steps[rank].state == LATE]
    rank = next(iter(late or doable), None)
    if rank is not None:
        steps[rank] = dataclasses.replace(steps[rank], is_first=True)
    return steps


def all_steps(hub: Any) -> Iterator[Step]:
    left = list(hub.tasks)
    for own, summary in (
        (OF_CONVENTION, convention_step),
        (OF_RGC, rgc_step),
        (OF_ACCOUNTS, accounts_step),
        (OF_LETTERS, None),
        (OF_MEETINGS, meeting_step),
    ):
        tasks = [task for task in left if is_of(task, own)]
        left = [task for task in left if task not in tasks]
        if summary:
            yield from summary(hub, tasks)
        yield from map(task_step, tasks)
    yield from map(task_step, left)


def is_of(task: Task, slugs: set[str]) -> bool:
    slug = task.queue.slug
    return slug in slugs or slugs is OF_RGC and slug.startswith("rgc-")


def task_step(task: Task) -> Step:
    verb_url = task.verb_url if task.is_mine else ""
    note = " · ".join(filter(None, [task.what, task.when]))
    state = NOW if task.is_mine else WAITING
    state = LATE if task.is_late else state
    return Step(state, task.title, note, task.page_url, task.queue.verb, verb_url)


def convention_step(hub: Any, tasks: list[Task]) -> Iterator[Step]:
    convention = hub.convention
    if convention is None:
        url = hub.add_url(Convention, structure=hub.structure.pk)
        yield Step(NOW, "Convention à préparer", "", "", "Préparer", url)
        return
    url = hub.url(convention)
    period = period_of(convention)
    if convention.state == ConventionState.DRAFT:
        if not tasks:
            verb_url = url if hub.add_url(Convention) else ""
            yield Step(NOW, "Convention à signer", period, url, "Relire", verb_url)
    elif convention.state in IN_FORCE_STATES:
        yield Step(DONE, "Convention signée", period, url)
    else:
        verb_url = next(
            (one.url for one in hub.buttons if one.action.slug == "renouveler"), ""
        )
        yield Step(NOW, "Convention finie", period, url, "Renouveler", verb_url)


def rgc_step(hub: Any, tasks: list[Task]) -> Iterator[Step]:
    in_office = [
        one
        for one in hub.nominations
        if one.state == NominationState.IN_OFFICE and not one.is_past_its_end
    ]
    for one in in_office[:1]:
        since = f"{one.full_name}, depuis le {date_format(one.office_on)}"
        yield Step(DONE, "RGC en fonction", since, hub.url(one))
    if in_office or tasks:
        return
    convention = hub.convention
    if convention is None or convention.state not in IN_FORCE_STATES:
        yield Step(NEXT, "RGC à proposer", "après la signature de la convention")
        return
    url = hub.add_url(Nomination, convention=convention.pk)
    yield Step(NOW, "RGC à proposer", "", "", "Proposer", url)


def accounts_step(hub: Any, tasks: list[Task]) -> Iterator[Step]:
    convention = hub.convention
    quota = convention.quota if convention else 0
    if not hub.seats:
        yield Step(NEXT, "Comptes à ouvrir", "par le RGC, une fois en fonction")
        return
    title = f"Comptes\xa0: {hub.seats} sur {quota}"
    yield Step(DONE, title, "annexe 2", hub.accounts_url)


def meeting_step(hub: Any, tasks: list[Task]) -> Iterator[Step]:
    today = timezone.localdate()
    to_come = [one for one in hub.meetings if one.held_on >= today]
    held = [one for one in hub.meetings if one.attended]
    if to_come:
        one = to_come[-1]
        note = f"prévue le {date_format(one.held_on)}"
        yield Step(NEXT, "Réunion de suivi", note, hub.url(one))
    elif held and not tasks:
        note = f"tenue le {date_format(held[0].held_on)}"
        yield Step(DONE, "Réunion de suivi", note, hub.url(held[0]))
