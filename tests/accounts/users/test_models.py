"""The machines of accounts, walked state by state; and what the database refuses."""

import datetime as dt
import json
import re
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.conventions import Convention, ConventionState
from accounts.agreements.models.terminations import (
    Breach,
    BreachState,
    Ending,
    EndingOrigin,
)
from accounts.enums import Service
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    AmendmentFactory,
    BreachFactory,
    ConventionFactory,
    EndingFactory,
    FtAdminFactory,
    NominationFactory,
    StructureFactory,
)
from tests.cases import each_case

pytestmark = pytest.mark.django_db

# verb → its arguments → from where → to where. What is not here is refused.
USER_VERBS = {
    "activate": ({}, {"cree": "actif"}),
    "suspend": ({"reason": "perte"}, {"cree": "suspendu", "actif": "suspendu"}),
    # Never used, it goes back to created (see test_team for the other way).
    "reactivate": ({}, {"suspendu": "cree"}),
    "close": (
        {"reason": "depart"},
        {"cree": "ferme", "actif": "ferme", "suspendu": "ferme"},
    ),
}
CONVENTION_VERBS = {
    "sign": ({}, {"projet": "signee"}),
    "abandon": ({}, {"projet": "abandonnee"}),
    "give_notice": ({"ends_on": dt.date(2098, 1, 1)}, {"signee": "preavis"}),
    "terminate": ({}, {"signee": "resiliee", "preavis": "resiliee"}),
    "expire": ({}, {"signee": "expiree", "preavis": "expiree"}),
}
PROPOSAL_VERBS = {
    "confirm": ({}, {"propose": "confirme"}),
    "abandon": ({}, {"propose": "abandonne"}),
}
BREACH_VERBS = {
    "sign": ({}, {"propose": "ouvert"}),
    "notify": ({"on": dt.date(2026, 11, 2)}, {"ouvert": "notifie"}),
    "observe": ({"observed_on": dt.date(2026, 11, 20)}, {"notifie": "observe"}),
    "uphold": (
        {"upheld_on": dt.date(2026, 11, 24)},
        {"notifie": "maintenu", "observe": "maintenu"},
    ),
    "end": ({}, {"maintenu": "resilie"}),
    "lift": (
        {},
        dict.fromkeys(("propose", "ouvert", "notifie", "observe", "maintenu"), "leve"),
    ),
}
DECISION: dict[str, Any] = {
    "decided_on": dt.date(2026, 11, 20),
    "decision_by": "P. Garnier",
}
NOMINATION_VERBS = {
    "accept": (DECISION, {"propose": "accepte"}),
    "refuse": (
        DECISION | {"refusal_reason": "dossier", "email": ""},
        {"propose": "refuse"},
    ),
    "abandon": ({"email": ""}, {"propose": "abandonne", "accepte": "abandonne"}),
    "take_office": ({}, {"accepte": "en_fonction"}),
    "withdraw": (
        {
            "ended_on": dt.date(2026, 11, 20),
            "withdrawal_by": "P. Garnier",
            "withdrawal_reason": "comptes",
            "email": "",
        },
        {"accepte": "retire", "en_fonction": "retire"},
    ),
    "leave": ({"ended_on": dt.date(2026, 11, 20)}, {"en_fonction": "parti"}),
    "be_absent": ({"ended_on": dt.date(2026, 11, 20)}, {"en_fonction": "absent"}),
    "be_over": ({"ended_on": dt.date(2026, 11, 20)}, {"en_fonction": "fini"}),
}


def in_state(model, state, verb=""):
    """One object of that model in that state, with what that verb asks for besides."""
    if model is User:
        return AdviserFactory(state=state)
    if model is Convention:
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        over = {"ends_on": yesterday} if verb == "expire" else {}
        convention = ConventionFactory(state=state, **over)
        if verb in {"give_notice", "terminate"}:
            how = {"at_once": True, "origin": EndingOrigin.PARTNERSHIP}
            EndingFactory(convention=convention, confirmed=True, **how)
        return convention
    if model is Amendment:
        settled = {"confirmed": True} if state == "confirme" else {}
        return AmendmentFactory(quota=30, state=state, **settled)
    if model is Ending:
        settled = {"confirmed": True} if state == "confirme" else {}
        return EndingFactory(state=state, **settled)
    if model is Breach:
        days = {
            "propose": {"proposed": True},
            "ouvert": {},
            "notifie": {"notified": True},
        }
        days["observe"] = {"observed": True}
        return BreachFactory(state=state, **days.get(state, {"upheld": True}))
    return NominationFactory(
        state=state, person__in_office=False, withdrawal_opinion="favorable"
    )


MACHINES = [
    (User, UserState, USER_VERBS),
    (Convention, ConventionState, CONVENTION_VERBS),
    (Amendment, ProposalState, PROPOSAL_VERBS),
    (Ending, ProposalState, PROPOSAL_VERBS),
    (Breach, BreachState, BREACH_VERBS),
    (Nomination, NominationState, NOMINATION_VERBS),
]
# A proposal that is settled does not change at all, its state included.
REFUSAL = "n’est pas un passage permis|ne change(nt)? plus"
MODELS = [model for model, _, _ in MACHINES]
MATRIX = [
    pytest.param(
        model, state, verb, *verbs[verb], id=f"{model.__name__}-{state}-{verb}"
    )
    for model, states, verbs in MACHINES
    for state in states.values
    for verb in verbs
]


@each_case(("model", "state", "verb", "arguments", "moves"), MATRIX, at_each_run=45)
def test_each_verb_moves_from_where_its_table_says_and_nowhere_else(
    model, state, verb, arguments, moves
):
    """R11: and leaves one step, with who did it."""
    subject = in_state(model, state, verb)
    staff = FtAdminFactory()
    # Without a verb of the model, its action moves and writes these columns.
    target = next(iter(moves.values()))
    act = getattr(subject, verb, None) or partial(subject.move_to, target)

    if state not in moves:
        with pytest.raises(MoveRefused):
            act(by=staff, **arguments)
        expected, steps = state, []
    else:
        act(by=staff, **arguments)
        expected, steps = moves[state], [(state, moves[state], staff.pk)]

    stored = model.objects.get(pk=subject.pk)
    assert stored.state == expected
    assert list(stored.steps.values_list("origin", "target", "by")) == steps


def test_the_verbs_cover_every_move_of_the_tables():
    for model, _, verbs in MACHINES:
        told = {move for _, moves in verbs.values() for move in moves.items()}
        if model is User:
            told.add(("suspendu", "actif"))
        assert told == {
            (str(origin), str(target))
            for origin, targets in model.MOVES.items()
            for target in targets
        }


@pytest.mark.at_each_run(3)
@pytest.mark.parametrize("model", MODELS)
def test_the_database_refuses_every_move_outside_the_table(model):
    """R11: a statement typed by hand obeys it too."""
    states = [value for value, _ in model._meta.get_field("state").choices]
    table = model._meta.db_table
    for origin in states:
        for target in states:
            if origin == target or target in model.MOVES.get(origin, ()):
                continue
            subject = in_state(model, origin)
            with (
                pytest.raises(IntegrityError, match=REFUSAL),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    f"UPDATE {table} SET state = %s WHERE id = %s",  # noqa: S608
                    [target, subject.pk],
                )


@pytest.mark.parametrize("model", MODELS)
def test_the_triggers_table_is_the_models(model):
    """R11: written out in the migration, so that an old migration stays what it was."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s",
            [f"{table}_moves"],
        )
        (definition,) = cursor.fetchone()
    written = re.search(r"opus_allow_moves\('(.*)'\)", definition)[1]

    moves = {str(k): sorted(map(str, v)) for k, v in model.MOVES.items()}
    assert {k: sorted(v) for k, v in json.loads(written).items()} == moves


@pytest.mark.parametrize("model", MODELS)
def test_an_unknown_state_is_refused(model):
    subject = in_state(model, model._meta.get_field("state").choices[0][0])
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=subject.pk).update(state="inconnu")


def test_a_partner_belongs_to_a_structure_and_staff_do_not():
    for wrong in [
        {"factory": AdviserFactory, "structure": None},
        {"factory": FtAdminFactory, "structure": StructureFactory()},
        {"factory": AgentFactory, "agency": None},
    ]:
        factory = wrong.pop("factory")
        with pytest.raises(IntegrityError), transaction.atomic():
            factory(**wrong)


def test_one_mailbox_one_person_whatever_the_case():
    """S12."""
    AdviserFactory(email="claire.petit@partenaire.example")

    with pytest.raises(IntegrityError, match="email_of_one_person"):
        AdviserFactory(email="Claire.PETIT@partenaire.example")


def test_one_rgc_in_office_per_convention(rgc):
    """Art. 4.1."""
    with pytest.raises(IntegrityError, match="one_rgc_in_office"):
        NominationFactory(convention=rgc.structure.conventions.get())


def test_an_identifier_drawn_has_no_ambiguous_letter():
    identifier = User.objects.draw_identifier(None)

    assert re.fullmatch(r"FT-[ACDEFGHJKLMNPQRTUVWXY3479]{4}", identifier)


def test_the_services_are_those_of_annexe_1():
    granted = {
        (consultation, referrals): ConventionFactory(
            grants_consultation=consultation, grants_referrals=referrals
        ).services
        for consultation in (True, False)
        for referrals in (True, False)
    }

    assert granted == {
        (True, True): {Service.CONSULTATION, Service.REFERRALS},
        (True, False): {Service.CONSULTATION},
        (False, True): {Service.REFERRALS},
        (False, False): set(),
    }
