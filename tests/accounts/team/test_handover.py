"""Nobody is left without an adviser when an account closes (art. 4.2)."""

import datetime as dt
import threading

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts.team import actions as account_actions
from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.outbound import outbox
from referrals.acts.timeline import timeline_of
from referrals.candidates.actions import add_candidate
from referrals.candidates.models import Candidate
from referrals.caseloads import actions
from referrals.caseloads.actions import (
    Caseload,
    HandoverRefused,
    apply_due,
    caseload_of,
)
from referrals.caseloads.models import CaseloadTransfer
from referrals.direct.models import Referral
from referrals.follow_up.actions import undo_outcome
from tests.accounts.factories import (
    AdviserFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
    lettered,
)
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.referrals.factories import CandidateFactory, ReferralFactory, end

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    """Claire leaves; Samir and the RGC stay."""
    structure = StructureFactory()
    rgc = RgcFactory(structure=structure, first_name="Nadia", last_name="Ferrand")
    samir = AdviserFactory(structure=structure, first_name="Samir", last_name="Roux")
    claire = AdviserFactory(structure=structure, last_name="Petit")
    return rgc, samir, claire


def follow(account):
    """Two persons with three acts under way, two persons without."""
    busy, twice, ended, idle = CandidateFactory.create_batch(4, adviser=account)
    acts = [
        ReferralFactory(candidate=busy),
        ReferralFactory(candidate=twice, handed_over=True),
        ReferralFactory(candidate=twice, interview=True),
    ]
    end(ReferralFactory(candidate=ended, handed_over=True))
    ReferralFactory(candidate=idle, cancelled=True)
    return acts


def close(client, account, **data):
    return client.post(
        reverse("account_close", args=[account.public_id]), {"reason": "depart", **data}
    )


def state_of(account) -> str:
    return User.objects.get(pk=account.pk).state


def followers() -> dict[str, int]:
    names = Candidate.objects.values_list("adviser__first_name", flat=True)
    return {name: list(names).count(name) for name in set(names)}


def test_the_page_shows_counts_and_never_the_candidates(client, team):
    rgc, _, claire = team
    follow(claire)
    sign_in(client, rgc)

    page = client.get(reverse("account_close", args=[claire.public_id])).text
    board = client.get(reverse("accounts")).text

    assert "4 candidats, avec 3 propositions en cours" in page
    assert "À qui confier 3 propositions en cours, pour 2 candidats ?" in page
    assert "À qui confier 2 autres candidats suivis" in page
    assert "4 candidats, 3 propositions en cours" in board
    for candidate in Candidate.objects.all():
        assert candidate.last_name not in page + board


def test_each_set_goes_to_whom_the_rgc_names_and_the_account_closes(client, team):
    """The acts keep who made them; their timeline tells who follows from now on."""
    rgc, samir, claire = team
    ines = AdviserFactory(structure=claire.structure, first_name="Inès")
    acts = follow(claire)
    before = {act.pk: act.state for act in acts}
    sign_in(client, rgc)

    response = close(
        client, claire, acts_to=str(samir.public_id), others_to=str(ines.public_id)
    )

    assert response.url == reverse("accounts")
    assert state_of(claire) == UserState.CLOSED
    assert followers() == {"Samir": 2, "Inès": 2}
    for act in Referral.objects.filter(pk__in=before):
        assert (act.adviser, act.state) == (claire, before[act.pk])
        assert act.candidate.adviser == samir
        last = timeline_of(act)[-1]
        assert (last.label, last.by) == ("Suivi confié à Samir Roux", "Nadia Ferrand")
    (part,) = AuditEntry.objects.get(action="account_closed").details["parts"]
    assert part["action"] == "caseload_handed_over"
    assert part["details"]["given"] == [
        {"to": samir.pk, "people": 2, "acts": 3},
        {"to": ines.pk, "people": 2, "acts": 0},
    ]
    samirs = sign_in(client, samir).get(acts[0].get_absolute_url())
    assert samirs.status_code == 200
    assert "Suivi confié à Samir Roux" in samirs.text


def test_an_outcome_undone_after_the_hand_over_goes_back_where_it_stood(client, team):
    """The step of the hand-over moves no state."""
    rgc, samir, claire = team
    act = ReferralFactory(candidate=CandidateFactory(adviser=claire), interview=True)
    actions.close(claire, by=rgc, reason="depart", acts_to=samir)
    end(act)

    undo_outcome(act, by=claire)

    act.refresh_from_db()
    assert act.state == "entretien"


def test_the_receiver_is_told_and_the_letter_names_no_candidate(client, team):
    rgc, samir, claire = team
    follow(claire)
    actions.close(claire, by=rgc, reason="depart", acts_to=samir, others_to=samir)

    outbox.relay()

    message, _ = [one for one in mail.outbox if one.to == [samir.email]]
    assert "2 candidats qu’accompagnait" in message.body
    assert "3 propositions en cours" in message.body
    assert "/candidats/" in message.body
    for candidate in Candidate.objects.all():
        assert candidate.last_name not in message.body


def test_without_an_answer_nothing_is_closed(client, team):
    """A5: the choice is asked for by its name."""
    rgc, samir, claire = team
    follow(claire)
    sign_in(client, rgc)

    response = close(client, claire, acts_to=str(samir.public_id))

    assert list(response.context["form"].errors) == ["others_to"]
    assert state_of(claire) == UserState.ACTIVE
    assert followers() == {"Claire": 4}


def test_who_may_take_over(client, team):
    """Active advisers of the structure and the RGC: nobody else."""
    rgc, samir, claire = team
    follow(claire)
    others = [
        AdviserFactory(structure=claire.structure, suspended=True),
        AdviserFactory(structure=claire.structure, created=True),
        AdviserFactory(structure=claire.structure, closed=True),
        AdviserFactory(),
        RgcFactory(structure=claire.structure, in_office=False),
        FtAdminFactory(),
        claire,
    ]
    sign_in(client, rgc)

    page = client.get(reverse("account_close", args=[claire.public_id]))
    offered = set(page.context["form"].fields["acts_to"].queryset)
    assert offered == {samir, rgc}
    for other in others:
        public_id = str(other.public_id)
        response = close(client, claire, acts_to=public_id, others_to=public_id)
        assert set(response.context["form"].errors) == {"acts_to", "others_to"}
        with pytest.raises(HandoverRefused):
            actions.hand_over(claire, by=rgc, acts_to=other, others_to=other)
    assert followers() == {"Claire": 4}


def test_where_nobody_else_is_active_the_rgc_receives_them_a_day_later(client, rgc):
    """The account closes at once (art. 4.2); its persons wait (S39)."""
    claire = AdviserFactory(structure=rgc.structure)
    follow(claire)
    sign_in(client, rgc)

    page = client.get(reverse("account_close", args=[claire.public_id]))
    me = rgc.public_id
    assert page.context["form"]["acts_to"].initial == me
    close(client, claire, acts_to=str(me), others_to=str(me))

    assert state_of(claire) == UserState.CLOSED
    assert set(Candidate.objects.values_list("adviser", flat=True)) == {claire.pk}
    ready_at = CaseloadTransfer.objects.get().ready_at
    with time_machine.travel(ready_at + dt.timedelta(minutes=1)):
        apply_due()
    assert set(Candidate.objects.values_list("adviser", flat=True)) == {rgc.pk}


def test_who_follows_nobody_closes_with_a_reason_alone(client, team):
    rgc, _, claire = team
    sign_in(client, rgc)

    page = client.get(reverse("account_close", args=[claire.public_id]))
    close(client, claire)

    assert "n’accompagne personne" in page.text
    assert list(page.context["form"].fields) == ["reason"]
    assert state_of(claire) == UserState.CLOSED


def test_one_hands_over_without_closing(client, team):
    """Before a suspension, for an absence."""
    rgc, samir, claire = team
    follow(claire)
    sign_in(client, rgc)
    path = reverse("account_hand_over", args=[claire.public_id])

    board = client.get(reverse("accounts")).text
    suspension = reverse("account_suspend", args=[claire.public_id])
    before_suspending = client.get(suspension).text
    samirs = str(samir.public_id)
    client.post(path, {"acts_to": samirs, "others_to": samirs})

    assert path in board
    assert path in before_suspending
    assert state_of(claire) == UserState.ACTIVE
    assert followers() == {"Samir": 4}
    assert "il n’y a rien à confier" in client.get(path).text


def test_the_caseload_of_a_suspended_account_can_be_handed_over(client, team):
    rgc, samir, claire = team
    follow(claire)
    account_actions.suspend_account(claire, by=rgc, reason="absence")
    sign_in(client, rgc)

    close(client, claire, acts_to=str(samir.public_id), others_to=str(samir.public_id))

    assert state_of(claire) == UserState.CLOSED


def test_the_page_of_the_act_opens_to_the_new_follower_alone(client, team):
    """S24: who gave it away sees it no more."""
    rgc, samir, claire = team
    act = follow(claire)[0]
    actions.hand_over(claire, by=rgc, acts_to=samir, others_to=samir)

    path = act.get_absolute_url()
    assert sign_in(client, samir).get(path).status_code == 200
    assert sign_in(client, claire).get(path).status_code == 404
    assert sign_in(client, rgc).get(path).status_code == 404


def test_france_travail_closes_by_the_same_way(client, team):
    """From the admin: the same question, the same rule."""
    _, samir, claire = team
    follow(claire)
    admin = FtAdminFactory()
    sign_in(client, admin)
    path = action_url(claire, "fermer")
    samirs = str(samir.public_id)

    asked = client.get(path).text
    client.post(path, {"reason": "depart"})
    still = state_of(claire)
    client.post(path, {"reason": "depart", "acts_to": samirs, "others_to": samirs})

    assert "À qui confier 3 propositions en cours" in asked
    assert still == UserState.ACTIVE
    assert state_of(claire) == UserState.CLOSED
    assert followers() == {"Samir": 4}


def test_france_travail_closes_an_rgc_who_accompanies_people(client, team):
    """Once his office is over (art. 4.3)."""
    _, samir, _ = team
    former = RgcFactory(structure=samir.structure, in_office=False)
    CandidateFactory(adviser=former)
    sign_in(client, FtAdminFactory())

    client.post(
        action_url(former, "fermer"),
        {"reason": "depart", "others_to": str(samir.public_id)},
    )

    assert state_of(former) == UserState.CLOSED
    assert followers() == {"Samir": 1}


def test_the_database_closes_no_account_that_accompanies_somebody(team):
    """R11: a statement typed by hand obeys too, and so does the action alone."""
    rgc, _, claire = team
    CandidateFactory(adviser=claire)

    with pytest.raises(IntegrityError, match="accompagne encore"), transaction.atomic():
        User.objects.filter(pk=claire.pk).update(state=UserState.CLOSED)
    with pytest.raises(account_actions.MoveRefused, match="confiez-les d’abord"):
        account_actions.close_account(claire, by=rgc, reason="depart")

    assert state_of(claire) == UserState.ACTIVE
    assert not AuditEntry.objects.filter(action="account_closed").exists()


def test_the_database_gives_nobody_to_a_closed_account(team):
    _, _, claire = team
    gone = AdviserFactory(structure=claire.structure, closed=True)
    candidate = CandidateFactory(adviser=claire)

    with pytest.raises(IntegrityError, match="Un compte fermé"), transaction.atomic():
        Candidate.objects.filter(pk=candidate.pk).update(adviser=gone)
    with pytest.raises(IntegrityError, match="Un compte fermé"), transaction.atomic():
        CandidateFactory(adviser=gone)


def test_the_counts_cost_one_query_whatever_the_team(team, django_assert_num_queries):
    people = list(team)
    for person in people:
        follow(person)

    with django_assert_num_queries(1):
        found = actions.caseloads_of(people)

    assert found == {
        person.pk: Caseload(acts=3, with_acts=2, others=2) for person in people
    }


@pytest.mark.django_db(transaction=True)
def test_nobody_slips_in_between_the_hand_over_and_the_closing():
    """A candidate added at the same moment is handed over, or is not added at all."""
    rgc = RgcFactory()
    claire, samir = AdviserFactory.create_batch(2, structure=rgc.structure)
    together = threading.Barrier(9)

    def add(n: int) -> None:
        together.wait()
        try:
            add_candidate(
                by=claire, first_name="Karim", last_name=f"Benali{lettered(n)}"
            )
        except IntegrityError:
            pass  # Too late: the account was closed.
        finally:
            connection.close()

    def leave() -> None:
        together.wait()
        try:
            actions.close(claire, by=rgc, reason="depart", others_to=samir)
        finally:
            connection.close()

    hands = [threading.Thread(target=add, args=[n]) for n in range(8)]
    hands.append(threading.Thread(target=leave))
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()

    assert state_of(claire) == UserState.CLOSED
    assert not Candidate.objects.filter(adviser=claire).exists()
    assert caseload_of(samir).others == Candidate.objects.count()


def test_an_rgc_hands_over_nobody_of_another_structure(client, team):
    """S20."""
    rgc, samir, _ = team
    stranger = AdviserFactory()
    follow(stranger)
    sign_in(client, rgc)

    for name in ("account_close", "account_hand_over"):
        response = client.post(
            reverse(name, args=[stranger.public_id]),
            {
                "reason": "depart",
                "acts_to": str(samir.public_id),
                "others_to": str(samir.public_id),
            },
        )
        assert response.status_code == 404
    assert state_of(stranger) == UserState.ACTIVE
    assert Candidate.objects.filter(adviser=stranger).count() == 4
    assert rgc.role == Role.RGC


# --- A former RGC ---------------------------------------------------------------------


def former_rgc_of(structure, **fields):
    """Luc left the office and keeps his account, with four persons."""
    luc = RgcFactory(structure=structure, in_office=False, last_name="Morand", **fields)
    follow(luc)
    return luc


@pytest.mark.parametrize("end_of_office", [None, UserState.SUSPENDED])
def test_the_persons_of_a_former_rgc_reach_a_colleague(client, team, end_of_office):
    """Art. 4.1, 4.2: his account stays France Travail's."""
    rgc, samir, _ = team
    luc = former_rgc_of(rgc.structure)
    if end_of_office:
        luc.suspend(by=FtAdminFactory(), reason="parti")
    sign_in(client, rgc)
    url = reverse("account_hand_over", args=[luc.public_id])

    board = client.get(reverse("accounts")).text
    page = client.get(url).text
    answer = client.post(
        url, {"acts_to": samir.public_id, "others_to": samir.public_id}
    )

    assert url in board
    assert "n’est plus RGC de votre structure" in page
    assert f'{reverse("account", args=[luc.public_id])}"' not in board + page
    assert answer.url == reverse("accounts")
    assert followers() == {"Samir": 4}
    assert url not in client.get(reverse("accounts")).text


def test_a_former_rgcs_persons_wait_a_day_for_the_rgc_himself(client, team):
    """S39."""
    rgc, _, _ = team
    luc = former_rgc_of(rgc.structure)
    sign_in(client, rgc)
    url = reverse("account_hand_over", args=[luc.public_id])

    client.post(url, {"acts_to": rgc.public_id, "others_to": rgc.public_id})
    waiting = client.get(url).text
    stopped = client.post(reverse("account_hand_over_stop", args=[luc.public_id]))

    assert "attendent d’être confiés" in waiting
    assert stopped.url == reverse("accounts")
    assert set(Candidate.objects.values_list("adviser", flat=True)) == {luc.pk}


@pytest.mark.parametrize("name", ["account", "account_suspend", "account_edit"])
def test_an_rgc_does_nothing_else_to_a_former_rgc(client, team, name):
    rgc, _, _ = team
    luc = former_rgc_of(rgc.structure)
    sign_in(client, rgc)

    page = client.get(reverse(name, args=[luc.public_id]))

    assert page.status_code == 403


def test_the_persons_of_the_rgc_in_office_and_of_others_stay_out_of_reach(client, team):
    """S20."""
    rgc, _, _ = team
    elsewhere = former_rgc_of(StructureFactory())
    follow(rgc)
    sign_in(client, rgc)

    own = client.get(reverse("account_hand_over", args=[rgc.public_id]))
    other = client.get(reverse("account_hand_over", args=[elsewhere.public_id]))

    assert (own.status_code, other.status_code) == (403, 404)


def test_france_travail_hands_over_without_closing(as_ft_admin, team):
    rgc, samir, _ = team
    luc = former_rgc_of(rgc.structure)

    as_ft_admin.post(
        action_url(luc, "confier"),
        {"acts_to": samir.public_id, "others_to": samir.public_id},
    )

    assert followers() == {"Samir": 4}
    assert state_of(luc) == UserState.ACTIVE
