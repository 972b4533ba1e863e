"""A caseload that goes to oneself, or is large, waits for a second person (S39).

The attack that was played: an RGC's stolen session took 110 candidates by a hand-over
to himself, and nobody heard of it.
"""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.team import actions as account_actions
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.operations import invariants
from referrals.candidates.models import Candidate
from referrals.caseloads import actions
from referrals.caseloads.actions import HandoverRefused
from referrals.caseloads.models import CaseloadTransfer, TransferState
from referrals.tasks import apply_transfers
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.admin.registers import action_url, record_url
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.referrals.factories import (
    CandidateFactory,
    CaseloadTransferFactory,
    ReferralFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    """Claire accompanies 110 persons; Nadia is the RGC, Samir a colleague."""
    structure = StructureFactory(agency=AgencyFactory())
    rgc = RgcFactory(structure=structure, first_name="Nadia", last_name="Ferrand")
    samir = AdviserFactory(structure=structure, first_name="Samir", last_name="Roux")
    claire = AdviserFactory(structure=structure, first_name="Claire", last_name="Petit")
    User.objects.filter(structure=structure).update(
        created_at=timezone.now() - dt.timedelta(days=60)
    )
    return rgc, samir, claire


def follow(account, people: int) -> None:
    CandidateFactory.create_batch(people, adviser=account)


def path_of(name: str, account) -> str:
    return reverse(name, args=[account.public_id])


def followed_by(account) -> int:
    return Candidate.objects.filter(adviser=account).count()


def letters() -> list[mail.EmailMessage]:
    """What left since the last look."""
    before = len(mail.outbox)
    outbox.relay()
    return mail.outbox[before:]


def link_in(message: mail.EmailMessage) -> str:
    """The path of the letter's first link."""
    line = next(word for word in message.body.split() if "/confier/lien/" in word)
    return line[line.index("/confier/lien/") :]


def actions_told() -> list[str]:
    rows = AuditEntry.objects.filter(action__startswith="caseload").order_by("pk")
    return [row.action for row in rows]


def later() -> time_machine.travel:
    """Just after the wait: a day, and noon of the next working day."""
    at = max(one.ready_at for one in CaseloadTransfer.objects.all())
    return time_machine.travel(at + dt.timedelta(minutes=1))


def test_a_stolen_session_moves_nobody_and_is_heard_of(client, team):
    """S39: the attack replayed."""
    rgc, _, claire = team
    near = FtAdminFactory(agency=claire.structure.agency)
    FtAdminFactory(agency=AgencyFactory())
    follow(claire, 110)
    account_actions.change_account(claire, by=rgc, email="voleur@ailleurs.example")
    former = claire.address_changes.get().former
    letters()
    sign_in(client, rgc)
    path = path_of("account_hand_over", claire)

    response = client.post(path, {"others_to": str(rgc.public_id)}, follow=True)

    assert followed_by(claire) == 110
    assert followed_by(rgc) == 0
    assert "Ces 110 candidats seront confiés demain à" in response.text
    assert "sauf opposition" in response.text
    assert "Annuler le transfert" in response.text
    assert "110 candidats suivis attendent d’être confiés" in response.text
    (entry,) = AuditEntry.objects.filter(action="caseload_transfer_asked")
    assert entry.details["to_self"] is True
    assert entry.details["people"] == 110
    sent = letters()
    assert sorted(message.to[0] for message in sent) == sorted(
        [former, "voleur@ailleurs.example", near.email]
    )
    for message in sent:
        assert "110 candidats" in message.body
        assert "Candidat" not in message.body
    # A second try is refused: the first one waits.
    again = client.post(path, {"others_to": str(rgc.public_id)})
    assert CaseloadTransfer.objects.count() == 1
    assert again.status_code == 200
    with pytest.raises(HandoverRefused, match="attendent déjà"):
        actions.hand_over(claire, by=rgc, others_to=rgc)


def test_the_address_that_the_thief_typed_confirms_nothing(client, team):
    """Its link only stops; the former address has the same one."""
    rgc, _, claire = team
    follow(claire, 3)
    account_actions.change_account(claire, by=rgc, email="voleur@ailleurs.example")
    letters()
    actions.hand_over(claire, by=rgc, others_to=rgc)
    path = link_in(letters()[0])

    page = client.get(path)
    response = client.post(path, {"choix": "confirmer"})

    assert "Confirmer maintenant" not in page.text
    assert response.status_code == 409
    assert "seul France Travail peut confirmer" in response.text
    assert followed_by(rgc) == 0
    client.post(path, {"choix": "arreter"})
    assert CaseloadTransfer.objects.get().state == TransferState.STOPPED


def test_after_a_day_they_move_once(team):
    """Those whom the account accompanies then; run twice, it changes nothing more."""
    rgc, _, claire = team
    follow(claire, 2)
    ReferralFactory(candidate=Candidate.objects.first())
    actions.hand_over(claire, by=rgc, acts_to=rgc, others_to=rgc)
    follow(claire, 1)
    letters()

    apply_transfers()
    assert followed_by(claire) == 3
    with later():
        apply_transfers()
        apply_transfers()

    assert (followed_by(claire), followed_by(rgc)) == (0, 3)
    transfer = CaseloadTransfer.objects.get()
    assert transfer.state == TransferState.DONE
    (entry,) = AuditEntry.objects.filter(action="caseload_handed_over")
    assert entry.actor == ""
    assert entry.details["given"] == [
        {"to": rgc.pk, "people": 1, "acts": 1},
        {"to": rgc.pk, "people": 2, "acts": 0},
    ]


def test_a_set_that_was_empty_goes_to_the_other_receiver(team):
    """An act begun meanwhile: its person is not left behind."""
    rgc, _, claire = team
    follow(claire, 1)
    actions.hand_over(claire, by=rgc, others_to=rgc)
    ReferralFactory(candidate=Candidate.objects.get())

    with later():
        actions.apply_due()

    assert followed_by(rgc) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_move_them_once():
    rgc = RgcFactory()
    claire = AdviserFactory(structure=rgc.structure)
    ReferralFactory(candidate=CandidateFactory(adviser=claire))
    transfer = CaseloadTransferFactory(
        account=claire, asked_by=rgc, acts_to=rgc, due=True
    )

    def work() -> bool:
        return actions.apply_one(transfer.pk)

    done = in_parallel(work, work)

    assert sorted(done) == [False, True]
    assert transfer.steps.filter(target=TransferState.DONE).count() == 1
    assert AuditEntry.objects.filter(action="caseload_handed_over").count() == 1


def test_what_one_author_gives_is_counted_in_all(team):
    """Of any giver, for good or a time: 20 in a day, 40 in seven; by one author."""
    rgc, samir, claire = team
    follow(claire, 15)
    assert not actions.hand_over(claire, by=rgc, others_to=samir).is_waiting
    paul = AdviserFactory(structure=claire.structure)
    follow(paul, 6)
    transfer = actions.hand_over(paul, by=rgc, others_to=samir)
    assert transfer.is_waiting
    actions.stop(transfer, by=rgc)
    assert not actions.hand_over(paul, by=FtAdminFactory(), others_to=samir).is_waiting
    follow(paul, 5)
    assert not actions.hand_over(paul, by=rgc, others_to=samir).is_waiting
    with time_machine.travel(timezone.now() + dt.timedelta(days=1, minutes=1)):
        follow(paul, 20)
        assert not actions.hand_over(paul, by=rgc, others_to=samir).is_waiting
    with time_machine.travel(timezone.now() + dt.timedelta(days=3)):
        follow(paul, 1)
        transfer = actions.hand_over(paul, by=rgc, others_to=samir)
        assert transfer.is_waiting
        actions.stop(transfer, by=rgc)
        first = timezone.localdate()
        days = {"starts_on": first, "ends_on": first + dt.timedelta(days=30)}
        lent = actions.confide(paul, to=samir, **days, by=rgc)
        assert lent.is_waiting
        actions.stop(lent, by=rgc)
    with time_machine.travel(timezone.now() + dt.timedelta(days=7, minutes=1)):
        assert not actions.hand_over(paul, by=rgc, others_to=samir).is_waiting


def test_the_account_closes_at_once_while_its_persons_wait(client, team):
    """Art. 4.2: its access is removed; R11: the database keeps the rule otherwise."""
    rgc, _, claire = team
    follow(claire, 3)
    sign_in(client, rgc)

    response = client.post(
        path_of("account_close", claire),
        {"reason": "depart", "others_to": str(rgc.public_id)},
        follow=True,
    )

    assert User.objects.get(pk=claire.pk).state == UserState.CLOSED
    assert "est fermé. Ces 3 candidats seront confiés demain" in response.text
    assert "3 candidats attendent un conseiller" in response.text
    assert followed_by(claire) == 3
    assert [entry.action for entry in AuditEntry.objects.all()] == ["account_closed"]
    (part,) = AuditEntry.objects.get().details["parts"]
    assert part["action"] == "caseload_transfer_asked"
    # His letter leaves all the same, and its link serves.
    letters_sent = letters()
    (his,) = [one for one in letters_sent if one.to == [claire.email]]
    client.logout()
    client.post(link_in(his), {"choix": "confirmer"})
    assert (followed_by(claire), followed_by(rgc)) == (0, 3)
    assert CaseloadTransfer.objects.get().confirmed_by == claire


def test_an_account_whose_persons_wait_already_closes_without_a_question(client, team):
    rgc, _, claire = team
    follow(claire, 3)
    actions.hand_over(claire, by=rgc, others_to=rgc)
    sign_in(client, rgc)
    path = path_of("account_close", claire)

    assert "à qui confier" not in client.get(path).text.lower()
    client.post(path, {"reason": "depart"})

    assert User.objects.get(pk=claire.pk).state == UserState.CLOSED
    assert CaseloadTransfer.objects.get().is_waiting


def test_a_closed_account_gets_no_other_letter_and_its_persons_may_change(team):
    """An address put right meanwhile is no new person for a closed account."""
    rgc, _, claire = team
    follow(claire, 1)
    actions.close(claire, by=rgc, reason="depart", others_to=rgc)
    letters()
    person = Candidate.objects.get()
    person.city = "Grenoble"

    person.save()

    with pytest.raises(IntegrityError, match="Un compte fermé"), transaction.atomic():
        CandidateFactory(adviser=claire)
    assert invariants.check() == {}


def test_the_former_adviser_stops_by_his_link(client, team):
    """Signed in or not; opening the link changes nothing."""
    rgc, _, claire = team
    follow(claire, 3)
    actions.hand_over(claire, by=rgc, others_to=rgc)
    (letter,) = [one for one in letters() if one.to == [claire.email]]
    path = link_in(letter)

    page = client.get(path)
    waiting = CaseloadTransfer.objects.get().is_waiting
    stopped = client.post(path, {"choix": "arreter"})
    again = client.post(path, {"choix": "confirmer"})

    assert f"Vos candidats à confier à {rgc}" in page.text
    assert f"{rgc} l’a demandé le" in page.text
    assert "Rien n’a encore changé" in page.text
    assert "Candidat " not in page.text
    assert waiting
    assert "<h1>La demande est arrêtée</h1>" in stopped.text
    assert "Vous gardez vos candidats." in stopped.text
    assert again.status_code == 409
    with later():
        apply_transfers()
    assert followed_by(claire) == 3
    (told,) = letters()
    assert told.to == [rgc.email]
    assert "votre compte a peut-être été volé" in told.body
    entry = AuditEntry.objects.get(action="caseload_transfer_stopped")
    assert (entry.actor, entry.details["by_link"]) == ("", True)


def test_once_stopped_a_closed_accounts_persons_are_handed_over_again(client, team):
    """The RGC sees that they wait, and gives them to a colleague."""
    rgc, samir, claire = team
    follow(claire, 3)
    actions.close(claire, by=rgc, reason="depart", others_to=rgc)
    sign_in(client, rgc)

    client.post(path_of("account_hand_over_stop", claire))
    page = client.get(path_of("account", claire)).text
    assert followed_by(claire) == 3
    assert invariants.check() == {}
    client.post(
        path_of("account_hand_over", claire), {"others_to": str(samir.public_id)}
    )

    assert "3 candidats attendent un conseiller" in page
    assert path_of("account_hand_over", claire) in page
    assert followed_by(samir) == 3


def test_france_travail_confirms_within_its_territory_only(client, team):
    """S20: another territory's transfer does not exist."""
    rgc, _, claire = team
    follow(claire, 3)
    transfer = actions.hand_over(claire, by=rgc, others_to=rgc)
    stranger = FtAdminFactory(agency=AgencyFactory())
    near = FtAdminFactory(agency=claire.structure.agency)

    sign_in(client, stranger)
    for slug in ("confirmer", "arreter"):
        assert client.post(action_url(transfer, slug)).status_code == 404
    assert followed_by(claire) == 3
    sign_in(client, near)
    assert "3" in client.get(record_url(transfer)).text
    assert "Suivis à confier" in client.get(reverse("admin:index")).text
    client.post(action_url(transfer, "confirmer"))

    assert followed_by(rgc) == 3
    transfer.refresh_from_db()
    assert transfer.confirmed_by == near
    entry = AuditEntry.objects.get(action="caseload_transfer_confirmed")
    (part,) = entry.details["parts"]
    assert part["details"]["given"] == [{"to": rgc.pk, "people": 3, "acts": 0}]


def test_who_requested_it_does_not_confirm(client, team):
    """Neither by the button, nor by the action, nor in the database."""
    _, samir, claire = team
    mine = FtAdminFactory(agency=claire.structure.agency)
    follow(claire, 21)
    transfer = actions.hand_over(claire, by=mine, others_to=samir)
    sign_in(client, mine)

    client.post(action_url(transfer, "confirmer"))

    assert followed_by(claire) == 21
    with pytest.raises(HandoverRefused, match="Une autre personne"):
        actions.confirm(transfer, by=mine)
    with (
        pytest.raises(IntegrityError, match="transfer_by_two_persons"),
        transaction.atomic(),
    ):
        CaseloadTransfer.objects.update(confirmed_by=mine)


def test_a_receiver_suspended_meanwhile_receives_nobody(team):
    """They wait on; France Travail is written to once."""
    rgc, samir, claire = team
    admin = FtAdminFactory(agency=claire.structure.agency)
    follow(claire, 21)
    actions.hand_over(claire, by=rgc, others_to=samir)
    account_actions.suspend_account(samir, by=rgc, reason="usage")
    letters()

    with later():
        apply_transfers()
        apply_transfers()
        (told,) = letters()

    assert followed_by(claire) == 21
    assert CaseloadTransfer.objects.get().is_waiting
    assert told.to == [admin.email]
    assert "Cela n’a pas pu se faire" in told.body


def test_a_request_of_an_account_suspended_since_is_not_applied(team):
    """The stolen account was suspended: its request must not outlive it."""
    rgc, samir, claire = team
    follow(claire, 21)
    transfer = actions.hand_over(claire, by=rgc, others_to=samir)
    account_actions.suspend_account(rgc, by=FtAdminFactory(), reason="usage")

    with later():
        assert actions.apply_due() == 0
    assert followed_by(claire) == 21
    # A second person may still want it.
    actions.confirm(transfer, by=FtAdminFactory())
    assert followed_by(samir) == 21


def test_a_new_account_receives_nobody_before_france_travail_knows(team):
    rgc, samir, claire = team
    admin = FtAdminFactory(agency=claire.structure.agency)
    young = AdviserFactory(structure=claire.structure, created_at=timezone.now())
    follow(claire, 2)
    transfer = actions.hand_over(claire, by=rgc, others_to=young)
    (told,) = [one for one in letters() if one.to == [admin.email]]

    assert transfer.is_waiting
    assert "Le compte qui reçoit est récent" in told.body
    assert CaseloadTransfer.objects.to_look_at().get() == transfer
    actions.mark_checked(transfer, by=admin)
    assert not CaseloadTransfer.objects.to_look_at()
    actions.confirm(transfer, by=admin)
    # It gives them on to a colleague as anybody does.
    assert not actions.hand_over(young, by=rgc, others_to=samir).is_waiting
    assert not [one for one in letters() if one.to == [admin.email]]


def test_the_database_keeps_a_transfer_as_it_was_requested(team):
    """R11: no earlier day, no other receiver, no second one, no end before its day."""
    rgc, samir, claire = team
    transfer = CaseloadTransferFactory(account=claire, asked_by=rgc)
    row = CaseloadTransfer.objects.filter(pk=transfer.pk)

    for change in (
        {"ready_at": timezone.now()},
        {"others_to": samir},
        {"state": TransferState.DONE, "done_at": timezone.now()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.delete()
    with (
        pytest.raises(IntegrityError, match="one_waiting_transfer"),
        transaction.atomic(),
    ):
        CaseloadTransferFactory(account=claire, asked_by=rgc)
    with (
        pytest.raises(IntegrityError, match="transfer_waits_or_says_why_not"),
        transaction.atomic(),
    ):
        CaseloadTransferFactory(asked_by=rgc, ready_at=timezone.now())
    actions.stop(transfer, by=rgc)
    with pytest.raises(MoveRefused):
        actions.stop(transfer, by=rgc)


def test_no_persons_of_a_closed_account_are_left_by_a_transfer_that_is_done(team):
    rgc, _, claire = team
    follow(claire, 1)
    transfer = actions.close(claire, by=rgc, reason="depart", others_to=rgc)

    transfer.move_to(
        TransferState.DONE, by=None, confirmed_by=claire, done_at=timezone.now()
    )
    with pytest.raises(IntegrityError, match="accompagne encore quelqu’un"):
        connection.check_constraints()


def test_an_rgc_stops_nothing_of_another_structure(client, team):
    """S20."""
    rgc, _, _ = team
    stranger = CaseloadTransferFactory()
    sign_in(client, rgc)

    path = path_of("account_hand_over_stop", stranger.account)
    assert client.post(path).status_code == 404
    assert CaseloadTransfer.objects.get().is_waiting
