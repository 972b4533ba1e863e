"""Acts of the four kinds in every state, made past the actions, for the follow-up."""

import datetime as dt
import random
import uuid

from django.utils import timezone

from referrals.activity.counts import Period
from referrals.acts.act_rights import ActKind
from referrals.acts.models import KINDS, Act, draw_act_number
from referrals.acts.outcomes import DeclaredBy, Outcome
from referrals.acts.states import (
    PLACEMENTS,
    STATES,
    AppointmentState,
    CvState,
    ScreenedState,
)
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import CandidateFactory

CODES = ("embauche", "absent", "indisponible", "sans-nouvelles")
# The states whose day is told by a step.
STEPPED = {
    ScreenedState.SET_ASIDE.value,
    *map(str, (CvState.KEPT, CvState.NOT_KEPT, CvState.WITHOUT_CV)),
    *map(str, (AppointmentState.ATTENDED, AppointmentState.ABSENT)),
}
MADE_DAYS_AGO = 40
# The calendar year of those acts, until this month: staff read no other period.
YEAR = Period.of_year(
    {"au": f"{timezone.localdate() - dt.timedelta(days=MADE_DAYS_AGO):%Y-%m}"}
)


def make_act(
    kind=ActKind.REFERRAL,
    state="",
    *,
    candidate=None,
    offer=None,
    at=None,
    handed_in=2,
    ended_in=20,
    code="embauche",
):
    """One act as it stands, made at that instant."""
    candidate = candidate or CandidateFactory()
    at = at or timezone.now() - dt.timedelta(days=MADE_DAYS_AGO)
    made_on = timezone.localdate(at)
    ended_on = made_on + dt.timedelta(days=ended_in)
    model = KINDS[kind]
    state = str(state or next(iter(STATES[kind])))
    is_new = state in {"proposee", "demandee", "planifiee", "modifiee"}
    values = {}
    if not is_new and handed_in is not None:
        values["handed_over_on"] = made_on + dt.timedelta(days=handed_in)
        values["channel"] = "main"
    if kind == ActKind.CV_REQUEST:
        values["due_on"] = made_on + dt.timedelta(days=7)
        values["reason"] = "competences" if state == "non_retenu" else ""
    if kind == ActKind.APPOINTMENT:
        values |= {"at": at + dt.timedelta(days=5), "where": "1 rue de l’Essai"}
        reasons = {"absent": "excusee", "annulee": "candidat"}
        values["reason"] = reasons.get(state, "")
    if state == "ecartee":
        values["reason"] = "competences"
    ends = kind in PLACEMENTS and state == "terminee"
    act = model.draft(
        number=draw_act_number(model.PREFIX),
        offer=offer or OfferFactory(),
        candidate=candidate,
        structure=candidate.structure,
        adviser=candidate.adviser,
        created_at=at,
        idempotency_key=uuid.uuid4(),
        state=Act.INTERVIEW if ends else state,
        **values,
    )
    act.save_new()
    if ends:
        outcome = Outcome.objects.create(
            act=act,
            code_id=code,
            declared_by=DeclaredBy.EMPLOYER,
            on=ended_on,
            by=candidate.adviser,
        )
        act.move_to(Act.ENDED, by=candidate.adviser, outcome=outcome)
    told = {"retenu": "effectuee", "non_retenu": "effectuee"}
    target = told.get(state, state) if kind == ActKind.APPOINTMENT else state
    if target in STEPPED:
        noon = dt.time(12)
        act.steps.create(
            origin="remise",
            target=target,
            by=candidate.adviser,
            at=timezone.make_aware(dt.datetime.combine(ended_on, noon)),
        )
    return act


def make_some(seed, people, offers, number=60):
    """Acts of all kinds, states, months and trades, the same for the same seed."""
    dice = random.Random(seed)
    acts = []
    taken = set()
    while len(acts) < number:
        kind = dice.choice(list(ActKind))
        person, offer = dice.choice(people), dice.choice(offers)
        if (kind, person.pk, offer.pk) in taken:
            continue
        taken.add((kind, person.pk, offer.pk))
        at = timezone.now() - dt.timedelta(minutes=dice.randrange(60 * 24 * 390))
        state = dice.choice(STATES[kind].values)
        acts.append(
            make_act(
                kind,
                state,
                candidate=person,
                offer=offer,
                at=at,
                handed_in=dice.randrange(0, 40),
                ended_in=dice.randrange(0, 80),
                code=dice.choice(CODES),
            )
        )
    return acts
