"""The RGC from proposal to departure: who may, what the database holds (4.1 to 4.3)."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.urls import reverse
from django.utils import timezone

from accounts.nominations import actions as nomination_actions
from accounts.nominations.enums import NominationState
from accounts.nominations.models import Nomination
from accounts.structures.models import AgencyKind
from accounts.team import actions
from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.factories import (
    PROPOSED_ADDRESS,
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    ConventionFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
    staff_named,
)
from tests.accounts.nominations.test_successions import put_in_office_by_sql
from tests.cases import each_case
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.tables import as_owner, database_refuses

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)
DECISION = {
    "decided_on": TODAY,
    "decision_by": "P. Garnier, directeur territorial",
    "reference": "DT38-118",
}
CHANGE = {
    "decided_on": TODAY,
    "decision_by": "M. Aubry, directrice régionale",
    "reference": "DR-ARA-44",
}
OPINION = {"opinion": "favorable", "opinion_on": TODAY, "opinion_by": "L. Favre"}


def unsaved(convention=None, **changes):
    """A proposal, as the form prepares it."""
    return NominationFactory.build(
        convention=convention or ConventionFactory(),
        person=None,
        state=NominationState.PROPOSED,
        email=PROPOSED_ADDRESS,
        accepted_by=None,
        office_by=None,
        **changes,
    )


# What staff do: the action, its arguments, a nomination that it may be done to.
ACTIONS = {
    "advise": (OPINION, {"state": "propose"}),
    "accept": (DECISION, {"state": "propose"}),
    "refuse": (DECISION | {"reason": "dossier"}, {"state": "propose"}),
    "abandon": ({}, {"state": "propose"}),
    "validate_change": (CHANGE, {"state": "accepte", "is_succession": True}),
    "provide_account": ({}, {"state": "accepte", "without_account": True}),
    "notify": ({"on": TODAY}, {"state": "accepte", "notified_on": None}),
    "hand_copy": ({"given_on": TODAY, "channel": "main"}, {"state": "accepte"}),
    "put_in_office": ({}, {"state": "accepte"}),
    "advise_withdrawal": (OPINION | {"director": "dt"}, {}),
    "drop_withdrawal": ({}, {"withdrawal_opinion": "favorable"}),
    "withdraw": (
        DECISION | {"reason": "comptes"},
        {"withdrawal_opinion": "favorable", "withdrawal_director": "dt"},
    ),
    "end_office": ({"ended_on": TODAY, "is_absence": False}, {}),
    "tell_vacancy": ({"letter_on": TODAY, "reference": "TC-18"}, {"state": "parti"}),
}


def act(name, by, **changes):
    arguments, traits = ACTIONS[name]
    traits = traits | changes
    is_succession = traits.pop("is_succession", False)
    nomination = NominationFactory(**traits)
    if is_succession:
        NominationFactory(convention=nomination.convention, state="parti")
    getattr(nomination_actions, name)(nomination, by=by, **arguments)
    return nomination


# --- Who may --------------------------------------------------------------------------

RECORDED_BY_AGENTS = {
    "advise",
    "notify",
    "hand_copy",
    "advise_withdrawal",
    "tell_vacancy",
}
TERRITORIAL = {"accept", "refuse"}
REGIONAL = {"withdraw", "drop_withdrawal", "validate_change"}


@each_case("factory", [RgcFactory, AdviserFactory])
@each_case("name", ACTIONS, at_each_run=6)
def test_a_partner_does_nothing_to_a_nomination(factory, name):
    """S23: an RGC neither appoints, nor promotes, nor changes roles."""
    with pytest.raises(MoveRefused, match="Seul le personnel de France Travail"):
        act(name, factory())


@each_case("name", ACTIONS, at_each_run=5)
def test_an_agent_records_facts_and_decides_nothing(name):
    agent = AgentFactory()
    if name in RECORDED_BY_AGENTS:
        act(name, agent)
    else:
        with pytest.raises(MoveRefused, match="les agents proposent"):
            act(name, agent)


@each_case("name", ACTIONS, at_each_run=6)
@each_case("kind", AgencyKind)
def test_decisions_belong_to_the_level_that_the_article_names(name, kind):
    """4.1: the territory decides; 4.3: the region withdraws."""
    agency = AgencyFactory(kind=kind)
    administrator = FtAdminFactory(agency=agency)
    below = {
        AgencyKind.AGENCY: TERRITORIAL | REGIONAL,
        AgencyKind.TERRITORY: REGIONAL,
    }.get(kind, set())

    if name in below:
        level = "territorial" if name in TERRITORIAL else "régional"
        with pytest.raises(MoveRefused, match=f"directeur {level}"):
            act(name, administrator)
    else:
        act(name, administrator, convention__structure__agency=agency)


def test_a_partner_proposes_nobody():
    with pytest.raises(MoveRefused, match="Seul le personnel"):
        nomination_actions.propose(unsaved(), by=RgcFactory())


def test_an_rgc_makes_nobody_an_rgc_by_a_forged_form(client):
    """S23: what else the request holds is ignored."""
    rgc = RgcFactory()
    sign_in(client, rgc)
    forged = {
        "last_name": "Durand",
        "first_name": "Zoé",
        "email": "zoe.durand@partenaire.example",
        "role": Role.RGC,
        "state": "actif",
        "structure": StructureFactory().pk,
        "nominations": rgc.nominations.get().pk,
        "identifier": "IDA-0000",
    }

    client.post(reverse("account_add"), forged)

    account = User.objects.get(last_name="Durand")
    assert (account.role, account.state, account.structure) == (
        Role.ADVISER,
        UserState.CREATED,
        rgc.structure,
    )
    assert account.identifier != "IDA-0000"
    assert not account.nominations.exists()


def test_the_pages_of_nominations_do_not_exist_for_an_rgc(client):
    """S23."""
    rgc = RgcFactory()
    sign_in(client, rgc)
    nomination = rgc.nominations.get()
    name = "admin:accounts_nomination"
    addresses = [
        reverse(f"{name}_changelist"),
        reverse(f"{name}_add"),
        reverse(f"{name}_change", args=[nomination.pk]),
        reverse(f"{name}_action", args=[nomination.pk, "accepter"]),
    ]

    answers = {client.get(url).status_code for url in addresses}
    answers |= {client.post(url).status_code for url in addresses}

    assert answers == {404}


# --- Four eyes (S28) ------------------------------------------------------------------


def test_who_recorded_the_agreement_does_not_put_in_office():
    """S28."""
    first, second = FtAdminFactory(), FtAdminFactory()
    nomination = NominationFactory(state=NominationState.PROPOSED)
    nomination_actions.accept(nomination, by=first, **DECISION)
    nomination_actions.notify(nomination, by=first, on=TODAY)

    with pytest.raises(MoveRefused, match="une autre personne met en fonction"):
        nomination_actions.put_in_office(nomination, by=first)
    nomination_actions.put_in_office(nomination, by=second)

    nomination.refresh_from_db()
    assert (nomination.accepted_by, nomination.office_by) == (first, second)
    assert nomination.office_on == timezone.localdate()


@pytest.mark.parametrize("same", [True, False])
def test_neither_does_a_statement_typed_by_hand(same):
    """S28: the database refuses the same hand, or no hand, behind the code's back."""
    nomination = NominationFactory(state=NominationState.ACCEPTED)
    hand = nomination.accepted_by if same else None

    with database_refuses("rgc_appointed_by_two"):
        put_in_office_by_sql(nomination, hand)


# --- What the database refuses --------------------------------------------------------


@each_case(
    ("rule", "state", "changes"),
    [
        ("rgc_is_permanent_and_responsible", "propose", {"is_permanent_staff": False}),
        ("rgc_is_permanent_and_responsible", "propose", {"has_responsibility": False}),
        ("proposed_rgc_can_be_written_to", "propose", {"person": None}),
        ("rgc_decided_in_writing", "accepte", {"decided_on": None}),
        ("rgc_decided_in_writing", "accepte", {"decision_by": ""}),
        ("rgc_decided_in_writing", "accepte", {"decided_on": dt.date(2020, 1, 1)}),
        ("rgc_refused_with_a_reason", "refuse", {"refusal_reason": ""}),
        ("rgc_in_office_has_an_account", "en_fonction", {"person": None}),
        ("rgc_office_ends_on_a_day", "parti", {"ended_on": None}),
        ("rgc_office_ends_on_a_day", "en_fonction", {"ended_on": TODAY}),
        ("rgc_office_ends_after_it_began", "absent", {"ended_on": dt.date(2024, 1, 1)}),
        ("rgc_withdrawn_with_a_reason", "retire", {"withdrawal_reason": ""}),
        ("rgc_withdrawn_with_a_reason", "retire", {"withdrawal_by": ""}),
        (
            "rgc_notified_after_the_agreement",
            "accepte",
            {"notified_on": dt.date(2024, 1, 20)},
        ),
        ("rgc_notified_after_the_agreement", "propose", {"notified_on": TODAY}),
        ("rgc_end_announced_whole", "en_fonction", {"end_announced_on": TODAY}),
        ("rgc_change_validated_whole", "accepte", {"validated_on": TODAY}),
        ("rgc_change_validated_whole", "accepte", {"validation_by": "M. Aubry"}),
        ("rgc_change_validated_whole", "accepte", {"validation_reference": "DR-1"}),
    ],
)
def test_a_nomination_without_what_its_state_asks_for_is_refused(rule, state, changes):
    """R11, 4.1, 4.3."""
    nomination = NominationFactory(state=state)

    with database_refuses(rule):
        Nomination.objects.filter(pk=nomination.pk).update(**changes)


@pytest.fixture
def without_the_index(transactional_db):
    """The rule taken away for a trial, and put back once no row stands against it."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'one_proposal_under_way'"
        )
        (definition,) = cursor.fetchone()
        cursor.execute("DROP INDEX one_proposal_under_way")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_nomination CASCADE")
        cursor.execute(definition)


def race():
    """Two agents record a proposal for the same convention at the same instant.

    Returns:
        How many proposals stand, and how many were refused.
    """
    convention, agent = ConventionFactory(), AgentFactory()
    first, second = unsaved(convention), unsaved(convention)
    answers = in_parallel(
        lambda: nomination_actions.propose(first, by=agent),
        lambda: nomination_actions.propose(second, by=agent),
    )
    refused = sum(isinstance(one, IntegrityError) for one in answers)
    return Nomination.objects.count(), refused


@pytest.mark.django_db(transaction=True)
def test_of_two_proposals_at_once_one_stands():
    assert race() == (1, 1)


@pytest.mark.usefixtures("without_the_index")
@pytest.mark.django_db(transaction=True)
def test_without_the_rule_both_would_stand():
    """The negative control of the race above."""
    assert race() == (2, 0)


# --- The proposal ---------------------------------------------------------------------


def test_nobody_is_proposed_nor_takes_office_on_a_convention_that_is_over():
    convention = ConventionFactory(state="resiliee")
    nomination = NominationFactory(convention=convention, state="accepte")

    with pytest.raises(MoveRefused, match="a pris fin"):
        nomination_actions.propose(unsaved(convention), by=AgentFactory())
    with pytest.raises(MoveRefused, match="a pris fin"):
        nomination_actions.put_in_office(nomination, by=FtAdminFactory())


def test_a_shared_mailbox_is_refused_even_without_the_form():
    """S12."""
    proposal = unsaved()
    proposal.email = "ccas@partenaire.example"

    with pytest.raises(ValidationError, match="boîte partagée"):
        nomination_actions.propose(proposal, by=AgentFactory())


def test_the_decision_may_do_without_an_opinion():
    """4.1: the site director's opinion is optional."""
    nomination = act("accept", FtAdminFactory())

    assert nomination.state == NominationState.ACCEPTED
    assert nomination.opinion == ""


def test_an_opinion_after_the_decision_is_refused():
    with pytest.raises(MoveRefused, match="déjà décidé"):
        nomination_actions.advise(
            NominationFactory(state=NominationState.ACCEPTED),
            by=AgentFactory(),
            **OPINION,
        )


@pytest.mark.parametrize("name", ["refuse", "abandon"])
def test_the_address_of_who_is_not_appointed_is_not_kept(name):
    nomination = act(name, FtAdminFactory(), without_account=True)

    nomination.refresh_from_db()
    assert nomination.email == ""
    assert nomination.full_name == "Nadia Ferrand"


# --- The account (art. 6) -------------------------------------------------------------


def accepted(**changes):
    return NominationFactory(
        state=NominationState.ACCEPTED, without_account=True, **changes
    )


def test_the_rgcs_account_is_opened_after_the_agreement_and_not_counted():
    """4.1, 6: outside the quota; two letters leave."""
    nomination = accepted(convention__quota=0)

    person = nomination_actions.provide_account(nomination, by=FtAdminFactory())
    outbox.relay()

    nomination.refresh_from_db()
    assert nomination.person == person
    assert nomination.email == ""
    assert (person.role, person.state) == (Role.RGC, UserState.CREATED)
    assert person.structure == nomination.convention.structure
    assert not person.is_rgc_in_office
    assert [message.to for message in mail.outbox] == [[PROPOSED_ADDRESS]] * 2


def test_an_account_is_provided_once():
    nomination = accepted()
    nomination_actions.provide_account(nomination, by=FtAdminFactory())

    with pytest.raises(MoveRefused, match="se fournit une fois"):
        nomination_actions.provide_account(nomination, by=FtAdminFactory())
    assert User.objects.filter(email=PROPOSED_ADDRESS).count() == 1


def test_the_rgc_of_the_former_convention_keeps_his_identifier():
    """5.1: an identifier is one person's."""
    nomination = accepted()
    rgc = RgcFactory(
        structure=nomination.convention.structure,
        in_office=False,
        email=PROPOSED_ADDRESS.upper(),
    )

    assert nomination_actions.provide_account(nomination, by=FtAdminFactory()) == rgc
    assert User.objects.filter(email__iexact=PROPOSED_ADDRESS).count() == 1


def test_an_adviser_becomes_rgc_the_day_he_takes_office(client):
    """His seat is free, his session ends, his account stays his (5.1)."""
    nomination = accepted(convention__quota=1)
    structure = nomination.convention.structure
    adviser = AdviserFactory(structure=structure, email=PROPOSED_ADDRESS)
    nomination_actions.provide_account(nomination, by=FtAdminFactory())
    sign_in(client, adviser)
    assert client.get("/").status_code == 200

    nomination_actions.put_in_office(nomination, by=FtAdminFactory())

    adviser.refresh_from_db()
    assert adviser.role == Role.RGC
    assert adviser.is_rgc_in_office
    assert client.get("/").status_code == 302
    assert actions.seats_used(nomination.convention) == 0
    told = AuditEntry.objects.about("accounts.user", str(adviser.pk)).get()
    assert told.details["verb"] == "put_in_office"
    assert [part["action"] for part in told.details["parts"]] == ["role_changed"]


@pytest.mark.parametrize("factory", [AdviserFactory, RgcFactory, FtAdminFactory])
def test_an_address_of_another_employer_is_not_taken(factory):
    """S12, S20."""
    other = factory(email=PROPOSED_ADDRESS)

    with pytest.raises(MoveRefused, match="autre structure ou de France Travail"):
        nomination_actions.provide_account(accepted(), by=FtAdminFactory())
    other.refresh_from_db()
    assert not other.nominations.filter(state=NominationState.ACCEPTED).exists()


def test_nobody_takes_office_without_an_account_or_with_a_closed_one():
    nomination = accepted()
    with pytest.raises(MoveRefused, match="Fournissez d’abord le compte"):
        nomination_actions.put_in_office(nomination, by=FtAdminFactory())
    person = nomination_actions.provide_account(nomination, by=FtAdminFactory())
    person.close(by=FtAdminFactory(), reason="depart")

    with pytest.raises(MoveRefused, match="fermé pour toujours"):
        nomination_actions.put_in_office(nomination, by=FtAdminFactory())


def test_the_rgc_is_told_that_he_is_in_office():
    nomination = NominationFactory(state=NominationState.ACCEPTED)
    nomination_actions.put_in_office(nomination, by=FtAdminFactory())

    outbox.relay()

    [message] = mail.outbox
    assert message.to == [nomination.person.email]
    assert nomination.convention.number in message.body


# --- The letters ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        (
            "accept",
            "rgc_accord",
            ["article 4.1", "deux courriels distincts", "date de cette remise"],
        ),
        (
            "validate_change",
            "rgc_changement",
            ["article 4.3", "le directeur régional valide", "date de cette remise"],
        ),
        ("refuse", "rgc_refus", ["article 4.1", "Motif\u00a0: proposition incomplète"]),
        (
            "withdraw",
            "rgc_retrait",
            ["article 4.3", "Après avis du directeur territorial"],
        ),
        ("end_office", "rgc_vacance", ["article 4.3", "28 novembre 2026"]),
    ],
)
def test_each_change_is_notified_by_its_letter(name, kind, said):
    """4.1, 4.3: registered, to the structure; its number is recorded when posted."""
    nomination = act(name, FtAdminFactory(), withdrawal_opinion_on=TODAY)

    letter = nomination.letters.get()

    assert (letter.kind, letter.convention) == (kind, nomination.convention)
    assert nomination.full_name in letter.html
    for words in said:
        assert words in letter.html


def test_an_absence_has_its_own_words():
    nomination = NominationFactory()
    nomination_actions.end_office(
        nomination, by=FtAdminFactory(), ended_on=TODAY, is_absence=True
    )

    assert "plus de trois mois" in nomination.letters.get().html


# --- The withdrawal -------------------------------------------------------------------


@pytest.mark.parametrize("opinion", ["", "favorable", "defavorable"])
def test_a_withdrawal_may_do_without_an_opinion(opinion):
    """4.3: the opinion is optional, and does not bind."""
    by = FtAdminFactory()
    nomination = NominationFactory()
    if opinion:
        advice = OPINION | {"opinion": opinion}
        nomination_actions.advise_withdrawal(
            nomination, by=by, director="site", **advice
        )
    assert nomination.person.is_rgc_in_office

    nomination_actions.withdraw(nomination, by=by, reason="comptes", **DECISION)

    assert not nomination.person.is_rgc_in_office
    html = nomination.letters.get().html
    assert ("Après avis du directeur de site" in html) == bool(opinion)
    assert ("Nous retirons l’agrément" in html) == (not opinion)
    # Nothing to report, and no delay to propose somebody else.
    assert "huit jours" not in html
    assert nomination.letter_due_on is None


def test_the_journal_holds_codes_and_no_name():
    """S37."""
    nomination = accepted(last_name="Introuvable")
    nomination_actions.provide_account(nomination, by=FtAdminFactory())
    nomination_actions.put_in_office(nomination, by=FtAdminFactory())
    nomination_actions.end_office(
        nomination, by=FtAdminFactory(), ended_on=timezone.localdate(), is_absence=True
    )

    told = str(list(AuditEntry.objects.values()))

    assert "be_absent" in told
    assert "Introuvable" not in told
    assert PROPOSED_ADDRESS not in told
    assert staff_named("accord.ft") is not None
