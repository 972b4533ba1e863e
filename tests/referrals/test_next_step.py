"""The life of an offer, with acts of each kind in each state (art. 7).

The table of docs/next-step.md says what each waits for at each stage. Pages, papers,
e-mails, calendar files and lists are compared with the two questions: ``next_step``
and ``Document.is_void``.
"""

import datetime as dt
import re
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from offers.enums import OfferState
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.next_step import OF_THE_OFFER, NextStep, task_of
from referrals.acts.states import (
    LIVE_STATES,
    REASONS,
    STATES,
    AppointmentState,
    NotHandedBecause,
)
from referrals.appointments import emails
from referrals.candidate_emails.emails import why_no_email
from referrals.documents.actions import current_document, make_document, papers_of
from referrals.documents.models import Document
from referrals.todo.open_acts import open_acts_of
from tests.accounts.factories import AdviserFactory
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.documents.offer_events import write
from tests.referrals.factories import AppointmentFactory, CandidateFactory
from tests.referrals.kinds import FACTORIES, LISTS
from tests.referrals.screened import ScreenedReferralFactory, record

pytestmark = pytest.mark.django_db
PAGE = Path(settings.BASE_DIR, "docs/next-step.md").read_text(encoding="utf-8")
# Stage of the offer → what becomes of it; the next stage begins as it was made.
STAGES = {
    "ouverte": {},
    "modifiée": {"title": "Autre métier"},
    "autre salaire": {"salary_label": "Mensuel de 2000.0 Euros"},
    "autre mode": {"preselection": True, "delegated": True},
    "suspendue": {"state": OfferState.SUSPENDED},
    "sans poste": {"posts_left": 0},
    "pourvue": {"state": OfferState.FILLED},
    "annulée": {"state": OfferState.CANCELLED},
}
FIRST = ("proposee", "demandee", "planifiee")


def act_in(kind, state, offer, adviser):
    """Make an act in that state, and the paper that it would have."""
    fields = {"offer": offer, "state": state}
    if state not in {*FIRST, Act.CANCELLED, AppointmentState.CHANGED}:
        fields |= {"channel": "main", "handed_over_on": timezone.localdate()}
    codes = REASONS.get(kind, {}).get(state)
    if codes and codes is not NotHandedBecause:
        fields["reason"] = codes.values[0]
    if kind == ActKind.APPOINTMENT:
        fields["in_slot"] = True
        fields["past"] = state not in {"planifiee", "modifiee", "remise", "annulee"}
    if state == Act.ENDED:
        fields["state"] = "presentee" if kind == ActKind.SCREENED_REFERRAL else "remise"
    act = FACTORIES[kind](candidate=CandidateFactory(adviser=adviser), **fields)
    if state == Act.ENDED:
        record(act, code="embauche")
    elif state == AppointmentState.KEPT:
        done = {"candidate": act.candidate, "offer": offer, "state": Act.CANCELLED}
        ScreenedReferralFactory(follows=act, **done)
    elif state not in FIRST:
        act.steps.create(origin=act.FIRST, target=state, by=adviser)
    document = make_document(act)
    if state == Act.CANCELLED:
        document.void(at=timezone.now())
    return act


@pytest.fixture
def acts():
    """One of each kind in each state, of one adviser, on three offers."""
    adviser = AdviserFactory()
    offers = {
        ActKind.REFERRAL: OfferFactory(),
        ActKind.SCREENED_REFERRAL: OfferFactory(delegated_preselection=True),
    }
    other = OfferFactory(preselected=True)
    return {
        (kind.value, state.value): act_in(
            kind, state.value, offers.get(kind, other), adviser
        )
        for kind, states in STATES.items()
        for state in states
    }


def at_stage(stage, acts):
    changes = STAGES[stage]
    for act in acts.values():
        if stage == "autre mode" and act.offer.preselection:
            changes = {"preselection": False, "delegated": False}
        write(act.offer, **changes)
        changes = STAGES[stage]


def undo(acts):
    for act in acts.values():
        fields = {name for changes in STAGES.values() for name in changes}
        write(act.offer, **{name: getattr(act.offer, name) for name in fields})


def steps_of(acts):
    rows = Act.objects.filter(pk__in=[act.pk for act in acts.values()])
    found = dict(rows.with_next_step().values_list("pk", "next_step"))
    return {key: found[act.pk] for key, act in acts.items()}


def rows_of_page():
    lines = PAGE.partition("| Kind |")[2].partition("\n\n")[0].splitlines()
    names = [cell.strip() for cell in lines[0].strip("|").split("|")][1:]
    found = {}
    for line in lines[2:]:
        kind, state, *steps = (cell.strip() for cell in line.strip("|").split("|"))
        found[kind, state] = dict(zip(names, steps, strict=True))
    return found


def test_the_page_says_what_each_act_waits_for_at_each_stage(acts):
    found = {key: {} for key, act in acts.items() if act.is_live}
    for stage in STAGES:
        at_stage(stage, acts)
        for key, step in steps_of(acts).items():
            if key in found:
                found[key][stage] = step or "-"
            else:
                assert step == "", (key, stage)
        undo(acts)

    with time_machine.travel(timezone.now() + dt.timedelta(days=21)):
        for key, step in steps_of(acts).items():
            if key in found:
                found[key]["trois semaines après"] = step or "-"

    assert found == rows_of_page()


def plain(text):
    text = text.replace("\xa0", " ").replace("&#x27;", "’")
    return re.sub(r"\s+", " ", text)


@pytest.mark.at_each_run(1)
@pytest.mark.parametrize("stage", STAGES)
def test_whoever_speaks_of_an_act_or_its_paper_says_the_same(acts, stage):
    """Home, lists, pages, print jobs, e-mails, calendar files (A13, art. 7)."""
    adviser = acts["mise_en_contact", "proposee"].adviser
    client = sign_in(Client(), adviser)
    at_stage(stage, acts)
    steps = steps_of(acts)
    by_pk = {act.pk: steps[key] for key, act in acts.items()}

    home = {task.act.pk: task.step.value for task in open_acts_of(adviser).tasks}
    assert home == {pk: step for pk, step in by_pk.items() if step}
    for kind, name in LISTS.items():
        mine = {
            pk: by_pk[pk] for (k, _), a in acts.items() if k == kind for pk in [a.pk]
        }
        for value, wanted in (
            ("a-remettre", [NextStep.HAND_OVER]),
            ("a-refaire", [NextStep.RENEW]),
            ("retirees", OF_THE_OFFER),
        ):
            page = client.get(reverse(name), {"etat": value})
            listed = {act.pk for act in page.context["page"]}
            assert listed == {pk for pk, step in mine.items() if step in wanted}
            counts = {one.value: one.count for one in page.context["filter"].choices}
            assert counts[value] == len(listed)
    due = {pk for pk, step in by_pk.items() if step}
    page = client.get(reverse("candidates"), {"filtre": "a-faire"})
    assert {one.pk for one in page.context["page"]} == {
        act.candidate_id for act in acts.values() if act.pk in due
    }
    for act in Act.objects.filter(pk__in=by_pk).with_next_step().whole():
        says_the_same(act, client)
    papers = papers_of(list(by_pk), by=adviser)
    assert {paper.act_id for paper in papers} == {
        act.pk for act in acts.values() if not paper_of(act).is_void
    }


@pytest.mark.parametrize(
    ("make", "traits", "is_due"),
    [
        (AppointmentFactory, {"in_slot": True}, True),
        # The agency has not agreed to its date.
        (AppointmentFactory, {}, False),
        (AppointmentFactory, {"past": True, "handed_over": True}, True),
        (AppointmentFactory, {"handed_over": True}, False),
        (AppointmentFactory, {"absent": True}, False),
        (AppointmentFactory, {"cancelled": True}, False),
        (CvRequestFactory, {"due": 1}, True),
        (CvRequestFactory, {"reminded": True, "due": -1}, True),
        (CvRequestFactory, {"handed_over": True, "due": 0}, False),
        (CvRequestFactory, {"sent": True, "due": -1}, False),
        (CvRequestFactory, {"without_cv": True, "due": -1}, False),
        (CvRequestFactory, {"cancelled": True, "due": -1}, False),
    ],
)
def test_what_waits_for_its_adviser(make, traits, is_due):
    """Also what the walk has not: dates not agreed, days to come and just past."""
    traits = dict(traits)
    if "due" in traits:
        due = dt.timedelta(days=traits.pop("due"))
        traits["due_on"] = timezone.localdate() + due
    act = make(**traits)

    assert (act in type(act).objects.with_a_step_due()) == is_due


def paper_of(act):
    paper = Act.objects.get(pk=act.pk).document
    assert isinstance(paper, Document)
    return paper


def says_the_same(act, client):
    """Compare what speaks of one act with its step and its paper."""
    paper, task = paper_of(act), task_of(act)
    page = client.get(act.get_absolute_url())
    text = plain(page.text)
    step = page.context["step"]
    assert (step and step.step) == (task and task.step)
    is_next = task is not None and task.step == NextStep.HAND_OVER
    assert ("Remettre le document à" in text) == is_next, act
    if act.KIND != ActKind.APPOINTMENT:
        is_told = task is not None and task.step in {NextStep.WITHDRAWN, NextStep.FULL}
        is_held_back = is_told and not act.is_known_to_person
        assert ("Ne remettez pas le document" in text) == is_held_back, act
    if task and task.step == NextStep.WITHDRAWN:
        assert ("Prévenez" in task.sentence) == act.is_known_to_person, act
    if task and task.step == NextStep.FULL:
        assert "Imprimer le PDF" not in text
    assert ("ne le remettez plus" in text) == paper.is_void, act
    person = plain(client.get(act.candidate.get_absolute_url()).text)
    assert (plain(task.sentence) in person) if task else ("Remettez" not in person)
    pile = client.get(reverse("candidate_documents", args=[act.candidate_id]))
    assert [one.pk for one, _ in pile.context["papers"]] == (
        [paper.pk] if is_next else []
    )
    if act.KIND == ActKind.APPOINTMENT and act.is_live:
        key = str(act.pk)
        spoke = emails.agency_spoke.compose(appointment=key, word="confirmed")
        moved = emails.appointment_moved.compose(appointment=key)
        assert ("pouvez remettre la convocation" in plain(spoke.body)) == is_next
        assert ("Remettez-lui la nouvelle" in plain(moved.body)) == is_next
    assert (current_document(paper) == paper) == (not paper.is_void)
    assert client.get(reverse("document", args=[paper.pk])).status_code == 200
    if paper.is_void:
        assert why_no_email(act, paper)
    if act.KIND == ActKind.APPOINTMENT and act.is_to_come:
        off = "STATUS:CANCELLED" in act.calendar(version=1, at=paper.created_at)
        assert off == paper.is_void
        at = act.at.isoformat()
        letter = emails.appointment_soon.compose(appointment=str(act.pk), at=at)
        assert letter is None or not paper.is_void


def test_the_states_of_the_page_are_those_of_the_code():
    live = {
        (kind.value, state.value)
        for kind, states in STATES.items()
        for state in states
        if state.value in LIVE_STATES
    }
    assert set(rows_of_page()) == live
