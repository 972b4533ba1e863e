"""What becomes of an act: every state × every verb, and who may take back what."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from offers.catalogue.models import Offer
from offers.catalogue.writes import writing_offers
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.privacy.retention import deletions_allowed
from referrals.acts.act_context import facts_of, posts_left
from referrals.acts.outcomes import OutcomeCode
from referrals.acts.states import STATES, ReferralState
from referrals.acts.timeline import timeline_of
from referrals.direct.models import Referral
from referrals.follow_up import actions as follow_up
from tests.accounts.factories import AdviserFactory, AgentFactory
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.activity_rows import make_act
from tests.referrals.factories import DocumentFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db

S = ReferralState


def today():
    return timezone.localdate()


def code(slug="embauche"):
    return OutcomeCode.objects.get(pk=slug)


def in_state(state, **kwargs):
    """An act that stands there, by its adviser's own steps."""
    referral = ReferralFactory(**kwargs)
    adviser = referral.adviser
    if state == S.CANCELLED:
        follow_up.cancel(referral, by=adviser)
    elif state != S.PROPOSED:
        follow_up.hand_over(referral, by=adviser, channel="main", on=today())
    if state == S.CONTACTED:
        follow_up.contact(referral, by=adviser, on=today())
    if state == S.INTERVIEW:
        follow_up.interview(referral, by=adviser)
    if state == S.ENDED:
        record(referral)
    return Referral.objects.get(pk=referral.pk)


def record(referral, slug="embauche", by=None, declared_by="employeur"):
    return follow_up.record_outcome(
        referral,
        by=by or referral.adviser,
        code=code(slug),
        declared_by=declared_by,
        on=today(),
    )


VERBS = {
    "hand_over": lambda r: follow_up.hand_over(
        r, by=r.adviser, channel="courriel", on=today()
    ),
    "contact": lambda r: follow_up.contact(r, by=r.adviser, on=today()),
    "interview": lambda r: follow_up.interview(r, by=r.adviser),
    # Another word than that of ``in_state``: the same would change nothing.
    "outcome": lambda r: record(r, "non-retenu-autre"),
    "undo_outcome": lambda r: follow_up.undo_outcome(r, by=r.adviser),
    "cancel": lambda r: follow_up.cancel(r, by=r.adviser),
}
# state → verb → where it leads; what is not here is refused.
LEADS = {
    S.PROPOSED: {"hand_over": S.HANDED_OVER, "cancel": S.CANCELLED},
    S.HANDED_OVER: {
        "contact": S.CONTACTED,
        "interview": S.INTERVIEW,
        "outcome": S.ENDED,
        "cancel": S.CANCELLED,
    },
    S.CONTACTED: {"interview": S.INTERVIEW, "outcome": S.ENDED, "cancel": S.CANCELLED},
    S.INTERVIEW: {"outcome": S.ENDED, "cancel": S.CANCELLED},
    S.ENDED: {"outcome": S.ENDED, "undo_outcome": S.HANDED_OVER},
    S.CANCELLED: {},
}
MATRIX = [(state, verb) for state in S for verb in VERBS]


@each_case(("state", "verb"), MATRIX, at_each_run=40)
def test_every_verb_from_every_state(state, verb):
    """R11: it leads where the table says, or is refused and changes nothing."""
    referral = in_state(state)
    steps = referral.steps.count()
    target = LEADS[state].get(verb)

    if target is None:
        with pytest.raises(MoveRefused, match=r"\."):
            VERBS[verb](referral)
    else:
        VERBS[verb](referral)

    now = Referral.objects.get(pk=referral.pk)
    assert now.state == (target or state)
    assert now.steps.count() == steps + (target is not None)


@each_case(("state", "verb"), MATRIX, at_each_run=12)
def test_a_copy_that_is_out_of_date_moves_nothing_wrongly(state, verb):
    """The page was loaded before somebody else moved the act."""
    referral = ReferralFactory()
    stale = Referral.objects.get(pk=referral.pk)
    fresh = in_state(state)
    with deletions_allowed():
        Referral.objects.filter(pk=stale.pk).delete()
    stale.pk = stale.id = fresh.pk
    stale.adviser = fresh.adviser
    target = LEADS[state].get(verb)

    if target is None:
        with pytest.raises(MoveRefused):
            VERBS[verb](stale)
    else:
        VERBS[verb](stale)

    assert Referral.objects.get(pk=fresh.pk).state == (target or state)


@each_case(
    ("kind", "origin"),
    [(kind, origin) for kind, states in STATES.items() for origin in states],
    at_each_run=8,
)
@pytest.mark.plants_defects
def test_postgresql_refuses_the_moves_that_are_not_in_the_table(kind, origin):
    """R11: a statement typed by hand obeys too."""
    act = make_act(kind, origin)
    for target in STATES[kind]:
        if origin == target or target in type(act).MOVES.get(origin, set()):
            continue
        refused = pytest.raises(IntegrityError, match="passage permis")
        with refused, transaction.atomic():
            type(act).objects.filter(pk=act.pk).update(state=target)


def test_nothing_goes_on_before_the_document_was_handed_over():
    """Art. 7, in the database itself."""
    referral = ReferralFactory()
    with pytest.raises(Exception, match="act_goes_on_once_handed_over"):
        Referral.objects.filter(pk=referral.pk).update(state=S.HANDED_OVER)


# --- Days -----------------------------------------------------------------------------


@pytest.mark.parametrize("days", [-1, 1])
def test_the_day_is_neither_before_the_act_nor_to_come(days):
    referral = ReferralFactory()

    with pytest.raises(MoveRefused, match="comprise entre"):
        follow_up.hand_over(
            referral,
            by=referral.adviser,
            channel="main",
            on=today() + dt.timedelta(days=days),
        )


def test_an_interview_may_be_to_come():
    referral = in_state(S.HANDED_OVER)
    day = today() + dt.timedelta(days=6)

    follow_up.interview(referral, by=referral.adviser, on=day)

    assert referral.steps.last().note == {"on": day.isoformat()}


# --- The outcome, and whose word counts -----------------------------------------------


@pytest.mark.parametrize("state", [S.HANDED_OVER, S.CONTACTED, S.INTERVIEW])
def test_an_outcome_undone_leads_back_to_where_it_came_from(state):
    referral = in_state(state)
    outcome = record(referral)

    follow_up.undo_outcome(referral, by=referral.adviser)

    outcome.refresh_from_db()
    assert (referral.state, referral.outcome) == (state, None)
    assert outcome.undone_at is not None


def test_an_outcome_is_undone_within_24_hours():
    """A6."""
    referral = in_state(S.ENDED)

    with (
        time_machine.travel(timezone.now() + dt.timedelta(hours=24, minutes=1)),
        pytest.raises(MoveRefused, match="24 heures"),
    ):
        follow_up.undo_outcome(referral, by=referral.adviser)

    with time_machine.travel(timezone.now() + dt.timedelta(hours=23, minutes=59)):
        follow_up.undo_outcome(referral, by=referral.adviser)
    assert referral.state == S.HANDED_OVER


def test_nobody_undoes_another_persons_outcome():
    referral = in_state(S.ENDED)

    with pytest.raises(MoveRefused, match="par la personne qui l’a saisie"):
        follow_up.undo_outcome(
            referral, by=AdviserFactory(structure=referral.structure)
        )


def test_another_word_takes_the_place_of_the_first_and_both_are_kept():
    referral = in_state(S.ENDED)

    record(referral, "non-retenu-autre")

    assert referral.outcome.code_id == "non-retenu-autre"
    assert [o.code_id for o in referral.outcomes.all()] == [
        "embauche",
        "non-retenu-autre",
    ]
    follow_up.undo_outcome(referral, by=referral.adviser)
    assert (referral.state, referral.outcome.code_id) == (S.ENDED, "embauche")


def test_the_same_word_from_two_pages_is_one_and_undone_at_once():
    """Undone, nothing of it is left."""
    referral = in_state(S.HANDED_OVER)

    first, again = record(referral), record(referral)
    follow_up.undo_outcome(referral, by=referral.adviser)

    assert first == again
    assert (referral.state, referral.outcome) == (S.HANDED_OVER, None)


def test_the_same_word_of_somebody_else_is_another():
    referral = in_state(S.ENDED)

    record(referral, declared_by="candidat")
    record(referral, by=AgentFactory())

    said = referral.outcomes.values_list("declared_by", flat=True)
    assert list(said) == ["employeur", "candidat", "france_travail"]


def test_france_travails_word_wins():
    referral = in_state(S.ENDED)
    agent = AgentFactory()

    record(referral, "absent", by=agent, declared_by="candidat")

    assert referral.outcome.code_id == "absent"
    assert referral.outcome.declared_by == "france_travail"
    with pytest.raises(MoveRefused, match="elle l’emporte"):
        record(referral, "embauche")
    with pytest.raises(MoveRefused, match="par la personne qui l’a saisie"):
        follow_up.undo_outcome(referral, by=referral.adviser)


def test_france_travail_may_end_an_act_itself_and_take_it_back():
    referral = in_state(S.CONTACTED)
    agent = AgentFactory()
    record(referral, by=agent)

    follow_up.undo_outcome(referral, by=agent)

    assert (referral.state, referral.outcome) == (S.CONTACTED, None)


def test_the_last_post_may_be_taken_twice_since_outcomes_are_facts():
    offer = OfferFactory(posts=1)
    first, second = (in_state(S.HANDED_OVER, offer=offer) for _ in range(2))

    record(first)
    record(second)

    assert posts_left(offer) == 0
    assert second.state == S.ENDED


def test_a_filled_offer_stays_so_when_a_later_content_says_nothing_of_its_posts():
    offer = OfferFactory(posts_left=1)
    in_state(S.ENDED, offer=offer)
    assert posts_left(offer) == 0

    with writing_offers():
        Offer.objects.filter(pk=offer.pk).update(
            updated_at=timezone.now() + dt.timedelta(hours=1)
        )
    offer.refresh_from_db()

    assert posts_left(offer) == 0
    assert facts_of([offer], []).hires == {offer.pk: 1}


def test_an_act_whose_offer_was_withdrawn_keeps_its_place_and_takes_its_outcome():
    referral = in_state(S.HANDED_OVER)
    withdraw(referral.offer)
    assert referral.offer_is_withdrawn

    record(referral, "poste-pourvu")

    assert referral.state == S.ENDED


# --- Calling off ----------------------------------------------------------------------


def test_a_cancelled_acts_document_is_void_and_kept():
    document = DocumentFactory(ready=True)
    referral = document.act

    follow_up.cancel(referral, by=referral.adviser)

    document.refresh_from_db()
    assert document.state == "annule"
    assert document.is_void
    assert bytes(document.content) == b"%PDF-1.7 essai"


# --- Traces ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "verb", "action"),
    [
        (S.PROPOSED, "hand_over", "referral_moved"),
        (S.HANDED_OVER, "contact", "referral_moved"),
        (S.HANDED_OVER, "interview", "referral_moved"),
        (S.HANDED_OVER, "outcome", "outcome_recorded"),
        (S.ENDED, "undo_outcome", "outcome_undone"),
        (S.PROPOSED, "cancel", "referral_cancelled"),
    ],
)
def test_every_gesture_leaves_one_line_in_the_journal(state, verb, action):
    """S37."""
    referral = in_state(state)
    before = set(AuditEntry.objects.values_list("pk", flat=True))

    VERBS[verb](referral)

    entry = AuditEntry.objects.exclude(pk__in=before).get()
    assert (entry.action, entry.target_id, entry.persons) == (
        action,
        str(referral.pk),
        1,
    )


@pytest.mark.plants_defects
def test_the_timeline_tells_each_step_in_words():
    referral = in_state(S.INTERVIEW)
    referral.steps.create(
        origin="", target=S.PROPOSED, by=referral.adviser, at="2020-01-01T00:00Z"
    )
    record(referral, "absent", declared_by="employeur")
    follow_up.undo_outcome(referral, by=referral.adviser)
    follow_up.cancel(referral, by=referral.adviser, reason="candidat")

    assert [entry.label for entry in timeline_of(referral)] == [
        "Mise en contact faite",
        "Document remis en main propre",
        "Entretien",
        "Suite : Absence à l’entretien",
        "Suite annulée : Absence à l’entretien",
        "Mise en contact annulée",
    ]
    assert timeline_of(referral)[3].detail.startswith("selon l’employeur, le ")
    assert timeline_of(referral)[-1].detail == "le candidat y renonce"
    assert {entry.by for entry in timeline_of(referral)} == {str(referral.adviser)}


def test_an_outcome_needs_no_note_to_be_told():
    referral = ReferralFactory(handed_over=True)
    end(referral)

    assert timeline_of(referral)[-1].label == "Suite : connue"
