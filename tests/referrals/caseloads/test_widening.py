"""One person's word moves nobody: the road of a hijacked RGC, by requests (ADR 28).

The attack that was played: a copied cookie of an RGC opened an account with the thief's
mailbox, and confided two caseloads to it for a time: 135 persons, ten seconds later.
"""

import datetime as dt
import functools
import re
import threading

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.security import detection
from accounts.security.models import Alert, Rule
from accounts.signin.models import SecurityEvent, SecurityEventKind
from accounts.team import actions as account_actions
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.dates import in_paris
from opus.lib.outbound import outbox
from referrals.candidates.models import Candidate, StandIn
from referrals.caseloads import actions
from referrals.caseloads.actions import left_at_once, renewed_at, waits_until
from referrals.caseloads.models import CaseloadTransfer, TransferState
from referrals.tasks import apply_transfers
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    FtAdminFactory,
    RgcFactory,
    StructureFactory,
)
from tests.accounts.journeys import another_browser as browser
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.harness import in_parallel
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CaseloadTransferFactory,
)

pytestmark = pytest.mark.django_db

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
THIEF = "voleur@ailleurs.example"


def path_of(name: str, account: User) -> str:
    return reverse(name, args=[account.public_id])


def sent() -> list[mail.EmailMessage]:
    """What leaves now."""
    mail.outbox.clear()
    outbox.relay()
    return list(mail.outbox)


def letter_to(account: User) -> mail.EmailMessage:
    (letter,) = [one for one in sent() if one.to == [account.email]]
    return letter


def links_in(letter: mail.EmailMessage) -> list[str]:
    """Its links, one for each choice, and perhaps the one that confirms."""
    return re.findall(r"/confier/lien/\S+", letter.body)


def alerts() -> set[str]:
    detection.watch()
    return set(Alert.objects.values_list("rule", flat=True))


def follow(account: User, people: int) -> list[Candidate]:
    return CandidateFactory.create_batch(people, adviser=account)


def reads(account: User) -> int:
    return Candidate.objects.visible_to(account).count()


@pytest.fixture
def team():
    """Nadia is the RGC, Claire and Samir accompany, all for long."""
    structure = StructureFactory(agency=AgencyFactory())
    rgc = RgcFactory(structure=structure, first_name="Nadia", last_name="Ferrand")
    claire = AdviserFactory(structure=structure, first_name="Claire", last_name="Petit")
    samir = AdviserFactory(structure=structure, first_name="Samir", last_name="Roux")
    return rgc, claire, samir


@pytest.fixture
def thief(team) -> Client:
    """Somebody else, with the cookie of the RGC."""
    return sign_in(browser(), team[0])


def open_for_oneself(thief: Client) -> User:
    """An account with one's own mailbox: slip, password, factor, charter."""
    data = {"first_name": "Zoé", "last_name": "Durand", "email": THIEF}
    slip = thief.post(reverse("account_add"), data)
    account = User.objects.get(email=THIEF)
    own = browser()
    own.post(
        reverse("first_access"),
        {"identifier": account.identifier, "secret": slip.context["secret"]},
    )
    phrase = "cinq mots choisis par moi seul"
    own.post(
        reverse("first_access_password"), {"password1": phrase, "password2": phrase}
    )
    own.get(reverse("enrol_factor"))
    code = account.totpdevice_set.get().current_token()
    own.post(reverse("enrol_factor"), {"code": code})
    own.post(reverse("charter"), {"accepted": "on"})
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    return account


def confide_for_ninety_days(thief: Client, giver: User, to: User):
    today = timezone.localdate()
    data = {
        "colleague": str(to.public_id),
        "starts_on": today.isoformat(),
        "ends_on": (today + 90 * DAY).isoformat(),
    }
    return thief.post(path_of("account_confide", giver), data, follow=True)


# --- The blocker ----------------------------------------------------------------------


def test_an_account_opened_by_a_stolen_session_reads_nobody(client, team, thief):
    """S39: each step is seen, delayed and stoppable."""
    rgc, claire, samir = team
    near = FtAdminFactory(agency=claire.structure.agency)
    follow(claire, 70)
    follow(samir, 65)
    account = open_for_oneself(thief)
    sent()

    page = confide_for_ninety_days(thief, claire, account)
    confide_for_ninety_days(thief, samir, account)

    assert "Ces 70 candidats seront confiés" in page.text
    assert reads(account) == 0
    assert [one.receiver_is_new for one in CaseloadTransfer.objects.all()] == [True] * 2
    assert not StandIn.objects.exists()
    letters = sent()
    (hers,) = [one for one in letters if one.to == [claire.email]]
    wanted = (
        f"Nadia Ferrand ({rgc.identifier}) a demandé de confier les 70 candidats que "
        "vous accompagnez à Zoé Durand, du "
    )
    assert wanted in hers.body
    assert "Rien n’a encore changé. Sans réponse, ce sera fait le " in hers.body
    assert "le compte qui les reçoit est récent" in hers.body
    assert "Je garde mes candidats" in hers.body
    assert "Je ne connais pas cette demande" in hers.body
    # France Travail: two letters, a line of the desk, and an alert with one more sign.
    assert [one.to for one in letters].count([near.email]) == 2
    assert CaseloadTransfer.objects.to_look_at().count() == 2
    desk = sign_in(client, near).get(reverse("admin:index")).text
    assert "Suivis vers un compte récent, ou désavoués" in desk
    assert Rule.NEW_RECEIVER in alerts()
    # Her own home says it, until she has seen it.
    home = sign_in(browser(), claire).get("/").text
    assert "Vos candidats vont être confiés à Zoé Durand" in home

    # She does not know of it: by a page that opens without signing in, and by POST.
    own = sign_in(browser(), account)
    link = links_in(hers)[1]
    stranger = browser()
    assert "Je ne connais pas cette demande" in stranger.get(link).text
    assert thief.get(reverse("accounts")).status_code == 200
    said = stranger.post(link, {"choix": "inconnue"})

    assert "Vous avez dit ne pas connaître cette demande" in said.text
    assert thief.get(reverse("accounts")).url.startswith("/connexion/")
    assert own.get("/").url.startswith("/connexion/")
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    assert Rule.DISOWNED in alerts()
    # The RGC signs in again, thief or not: no gesture widens before a look.
    with pytest.raises(MoveRefused, match="ne connaît pas une demande"):
        account_actions.reactivate_account(account, by=rgc)
    with pytest.raises(MoveRefused, match="ne connaît pas une demande"):
        actions.hand_over(claire, by=rgc, others_to=samir)
    for gesture in (
        lambda: account_actions.open_account(
            by=rgc, first_name="A", last_name="B", email="b@ailleurs.example"
        ),
        lambda: account_actions.renew_first_access(samir, by=rgc, check_done="piece"),
        lambda: account_actions.change_account(samir, by=rgc, email=f"x{THIEF}"),
    ):
        with pytest.raises(MoveRefused, match="ne connaît pas une demande"):
            gesture()
    data = {"first_name": "A", "last_name": "B", "email": "b@ailleurs.example"}
    rgc.refresh_from_db()
    said = sign_in(browser(), rgc).post(reverse("account_add"), data)
    assert said.status_code == 409
    assert "Votre demande n’est pas enregistrée" in said.text
    assert "passé avant vous" not in said.text
    # Nor does what he asked of Samir apply, once its day has come.
    second = CaseloadTransfer.objects.waiting().get()
    with time_machine.travel(second.ready_at + MINUTE):
        apply_transfers()
    assert reads(account) == 0
    denied = CaseloadTransfer.objects.get(disowned_at__isnull=False)
    sign_in(client, near).post(action_url(denied, "verifier"))
    actions.stop(second, by=near)
    assert not actions.hand_over(
        AdviserFactory(structure=claire.structure), by=rgc, others_to=samir
    )


def test_who_keeps_her_persons_only_stops(team, thief):
    """The first link: the author's session lives, and nobody is suspended."""
    _, claire, samir = team
    follow(claire, 25)
    data = {"others_to": str(samir.public_id)}
    thief.post(path_of("account_hand_over", claire), data)
    letter = letter_to(claire)

    browser().post(links_in(letter)[0], {"choix": "arreter"})

    assert CaseloadTransfer.objects.get().state == TransferState.STOPPED
    assert thief.get(reverse("accounts")).status_code == 200
    assert Rule.DISOWNED not in alerts()
    assert left_at_once(team[0]) == 20


# --- Its smaller sister ---------------------------------------------------------------


def test_ten_advisers_of_twenty_do_not_go_in_one_sitting(team, thief):
    """An accomplice of eight days gets twenty; each giver hears, and takes back."""
    rgc, *_ = team
    accomplice = AdviserFactory(
        structure=rgc.structure, created_at=timezone.now() - 8 * DAY
    )
    givers = AdviserFactory.create_batch(10, structure=rgc.structure)
    for giver in givers:
        follow(giver, 20)
        data = {"others_to": str(accomplice.public_id)}
        thief.post(path_of("account_hand_over", giver), data)

    assert reads(accomplice) == 20
    assert CaseloadTransfer.objects.waiting().count() == 9
    letters = {one.to[0]: one for one in sent()}
    assert {giver.email for giver in givers} <= letters.keys()
    first = letters[givers[0].email]
    assert "Nadia Ferrand" in first.body
    assert "a confié 20 candidats que vous accompagnez" in first.body
    assert "C’est fait depuis le" in first.body

    browser().post(links_in(first)[1], {"choix": "inconnue"})

    assert reads(accomplice) == 0
    assert reads(givers[0]) == 20
    assert User.objects.get(pk=accomplice.pk).state == UserState.ACTIVE
    assert thief.get(reverse("accounts")).url.startswith("/connexion/")
    with time_machine.travel(CaseloadTransfer.objects.latest("ready_at").ready_at):
        apply_transfers()
    assert reads(accomplice) == 0


@pytest.mark.django_db(transaction=True)
def test_two_gestures_at_the_same_instant_are_counted_one_after_the_other():
    """R10, with its control: past ``decide`` and its lock, both are written."""
    author = FtAdminFactory()
    givers = [AdviserFactory(), AdviserFactory()]
    for giver in givers:
        follow(giver, 15)
    receivers = [AdviserFactory(structure=giver.structure) for giver in givers]

    def write(giver: User, to: User) -> CaseloadTransfer:
        """Count as ``decide`` does, without its lock."""
        assert left_at_once(by) >= 15
        together.wait(timeout=60)
        return CaseloadTransferFactory(
            account=giver,
            asked_by=by,
            others_to=to,
            people=15,
            at_once="peu",
            ready_at=timezone.now() + DAY,
        )

    by, together = FtAdminFactory(), threading.Barrier(2)
    pairs = list(zip(givers, receivers, strict=True))
    in_parallel(*(functools.partial(write, *pair) for pair in pairs))
    assert by.asked_transfers.aggregate(n=Sum("people"))["n"] == 30
    for one in by.asked_transfers.all():
        actions.stop(one, by=by)

    made = in_parallel(
        *(
            lambda giver=giver, to=to: actions.hand_over(giver, by=author, others_to=to)
            for giver, to in pairs
        )
    )

    assert sorted(one.is_waiting for one in made) == [False, True]
    assert sorted(reads(one) for one in receivers) == [0, 15]


# --- The rule -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how", ["sign_in", "slip", "address", "factors", "reopened", "office"]
)
def test_an_account_is_new_again_for_seven_days(team, how):
    """An age counts from the latest of these."""
    rgc, _, samir = team
    assert renewed_at(samir) < timezone.now() - 7 * DAY
    match how:
        case "sign_in":
            samir = AdviserFactory(structure=rgc.structure, created=True)
            samir.activate(by=samir)
        case "slip":
            account_actions.renew_first_access(samir, by=rgc, check_done="piece")
        case "address":
            account_actions.change_account(samir, by=rgc, email="autre@x.example")
        case "factors":
            SecurityEvent.objects.create(
                account=samir, kind=SecurityEventKind.FACTORS_RESET, by=rgc
            )
        case "reopened":
            samir.suspend(by=rgc, reason="place")
            samir.last_login = timezone.now()
            samir.save()
            account_actions.reactivate_account(samir, by=rgc)
        case "office":
            samir = rgc
            rgc.nominations.get().steps.create(
                origin="accepte", target="en_fonction", by=None
            )

    assert renewed_at(samir) > timezone.now() - DAY


def test_the_giver_gives_his_own_at_once_but_to_a_new_account(team):
    _, claire, samir = team
    follow(claire, 60)
    today = timezone.localdate()
    whens = {"starts_on": today, "ends_on": today + 9 * DAY}
    new = AdviserFactory(structure=claire.structure, created_at=timezone.now())

    one = actions.confide(claire, to=new, **whens, by=claire)
    assert one.is_waiting
    actions.stop(one, by=claire)
    lent = actions.confide(claire, to=samir, **whens, by=claire)

    assert (lent.at_once, reads(samir)) == ("soi", 60)
    # His letter leaves all the same: his own session may be stolen.
    (letter,) = [one for one in sent() if "est fait" in one.body or "C’est" in one.body]
    assert "c’est-à-dire votre compte" in letter.body
    browser().post(links_in(letter)[0], {"choix": "arreter"})
    assert reads(samir) == 0


def test_whoever_presses_goes_first_and_all_go_the_next_day(team):
    """An adviser falls ill: today for whom it presses, tomorrow for all."""
    rgc, claire, samir = team
    persons = follow(claire, 30)
    soon = timezone.now() + dt.timedelta(hours=20)
    for person in persons[:2]:
        AppointmentFactory(candidate=person, at=soon)
    AppointmentFactory(candidate=persons[2], at=timezone.now() + 20 * DAY)
    CvRequestFactory(candidate=persons[3], due_on=timezone.localdate() + DAY)
    CvRequestFactory(candidate=persons[4], due_on=timezone.localdate() + 20 * DAY)

    rest = actions.hand_over(claire, by=rgc, acts_to=samir, others_to=samir)

    gone = set(Candidate.objects.filter(adviser=samir).values_list("pk", flat=True))
    assert gone == {persons[0].pk, persons[1].pk, persons[3].pk}
    assert (rest.is_waiting, rest.people) == (True, 27)
    with time_machine.travel(rest.ready_at + MINUTE):
        apply_transfers()
        apply_transfers()
    assert reads(samir) == 30


def paris(day: int, hour: int) -> dt.datetime:
    return in_paris(dt.date(2026, 12, day), dt.time(hour))


@pytest.mark.parametrize(
    ("asked", "ready"),
    [
        # Wednesday morning and evening, Friday, Saturday, Christmas' eve.
        (paris(2, 9), paris(3, 12)),
        (paris(2, 18), paris(3, 18)),
        (paris(4, 9), paris(7, 12)),
        (paris(5, 9), paris(7, 12)),
        (paris(24, 9), paris(28, 12)),
    ],
)
def test_what_waits_waits_a_day_and_noon_of_the_next_working_day(asked, ready):
    assert waits_until(asked) == ready


def renew(thief: Client, account: User, how: str) -> None:
    """A new slip or address, by the RGC's pages; factors, a day after the request."""
    match how:
        case "slip":
            name, data = "account_first_access", {"check_done": "piece"}
        case "address":
            name, data = "account_edit", personal(account) | {"email": THIEF}
        case "factors":
            data = {"check_done": "piece", "reason": "perte"}
            thief.post(path_of("account_factor_reset", account), data)
            reset = account.factor_resets.get()
            type(reset).objects.filter(pk=reset.pk).update(ready_at=timezone.now())
            name, data = "account_factor_reset_slip", {}
    assert thief.post(path_of(name, account), data).status_code in {200, 302}
    assert renewed_at(account) > timezone.now() - DAY


def personal(account: User) -> dict[str, str]:
    return {"first_name": account.first_name, "last_name": account.last_name}


RENEWALS = ["slip", "address", "factors"]


@pytest.mark.parametrize("how", RENEWALS)
def test_a_receiver_whose_access_changes_while_it_waits_receives_nobody(
    team, thief, how
):
    """It waits for France Travail; the giver's link confirms no more, and stops."""
    _, claire, samir = team
    near = FtAdminFactory(agency=claire.structure.agency)
    follow(claire, 21)
    thief.post(
        path_of("account_hand_over", claire), {"others_to": str(samir.public_id)}
    )
    link = links_in(letter_to(claire))[0]
    renew(thief, samir, how)
    said = browser().post(link, {"choix": "confirmer"})
    transfer = CaseloadTransfer.objects.get()
    sent()

    with time_machine.travel(transfer.ready_at + MINUTE):
        apply_transfers()
        assert [one.to for one in sent()].count([near.email]) == 1

    assert said.status_code == 409
    assert "a changé depuis" in said.text
    assert reads(samir) == 0
    browser().post(link, {"choix": "arreter"})
    assert CaseloadTransfer.objects.get().state == TransferState.STOPPED


@pytest.mark.parametrize("begins_in", [0, 10])
@pytest.mark.parametrize("how", RENEWALS)
def test_whoever_stands_in_and_gets_a_new_access_waits_again(
    team, thief, how, begins_in
):
    """S39: confided by the giver herself, then the colleague's mailbox is replaced."""
    _, claire, samir = team
    near = FtAdminFactory(agency=claire.structure.agency)
    follow(claire, 30)
    first = timezone.localdate() + begins_in * DAY
    data = {
        "colleague": str(samir.public_id),
        "starts_on": first.isoformat(),
        "ends_on": (first + 30 * DAY).isoformat(),
    }
    sign_in(browser(), claire).post(reverse("caseload_confide"), data)
    assert reads(samir) == (0 if begins_in else 30)
    sent()

    renew(thief, samir, how)

    assert reads(samir) == 0
    apply_transfers()
    letters = sent()
    (hers,) = [one for one in letters if one.to == [claire.email]]
    assert "son accès vient de changer" in hers.body
    assert "Je ne connais pas cette demande" in hers.body
    assert [one.to for one in letters].count([near.email]) == 1
    again = CaseloadTransfer.objects.waiting().get()
    assert (again.receiver_is_new, again.asked_by) == (True, claire)
    with time_machine.travel(again.ready_at + MINUTE):
        apply_transfers()
        assert reads(samir) == (0 if begins_in else 30)
    with time_machine.travel(in_paris(first + DAY, dt.time(12)) + 4 * DAY):
        assert reads(samir) == 30
    # The days stay, and she may still take her persons back.
    stand_in = StandIn.objects.standing().get()
    assert stand_in.ends_on == first + 30 * DAY
    browser().post(links_in(hers)[0], {"choix": "arreter"})
    assert not StandIn.objects.standing().exists()


def test_what_cannot_wait_any_longer_is_over_and_both_hear_it(team, thief):
    """The last day comes before the end of the wait."""
    _, claire, samir = team
    follow(claire, 3)
    today = timezone.localdate()
    actions.confide(claire, to=samir, starts_on=today, ends_on=today, by=claire)
    renew(thief, samir, "slip")
    sent()

    apply_transfers()
    apply_transfers()

    told = [one.to for one in sent() if "sont repris" in one.subject]
    assert sorted(told) == sorted([[claire.email], [samir.email]])
    assert reads(samir) == 0
    assert not CaseloadTransfer.objects.waiting().exists()


@pytest.mark.parametrize("is_first", [True, False])
def test_what_its_giver_stopped_is_not_asked_again(team, thief, is_first):
    """By the letter of the day itself, before Opus asks anew or after."""
    _, claire, samir = team
    follow(claire, 3)
    today = timezone.localdate()
    lent = actions.confide(
        claire, to=samir, starts_on=today, ends_on=today + 30 * DAY, by=claire
    )
    renew(thief, samir, "slip")
    if is_first:
        actions.stop(lent, by=None)
    apply_transfers()

    assert CaseloadTransfer.objects.waiting().exists() is not is_first
    lent.refresh_from_db()
    assert lent.state == TransferState.GIVEN_BACK
    page = browser().get(reverse("caseload_transfer", args=[lent.token]))
    assert "Je garde mes candidats" not in page.text


def test_no_renewal_leaves_a_stand_in_open_whoever_writes(team):
    """A trigger closes it, with the row that says so; others change nothing."""
    rgc, claire, samir = team
    today = timezone.localdate()
    actions.confide(claire, to=samir, starts_on=today, ends_on=today, by=claire)
    for kind in SecurityEventKind:
        is_renewal = kind in {"premier_acces", "adresse", "remise_a_zero"}
        with transaction.atomic():
            SecurityEvent.objects.create(account=samir, kind=kind)
            assert StandIn.objects.in_force().exists() is not is_renewal
            transaction.set_rollback(True)
    # Nor does a reopening.
    samir.suspend(by=rgc, reason="place")
    samir.reactivate(by=rgc)
    assert not StandIn.objects.in_force().exists()
    assert StandIn.objects.get().is_cut


def test_a_taking_of_office_closes_nothing(team):
    """Two persons of France Travail decided it; only what is asked later waits."""
    rgc, claire, _ = team
    today = timezone.localdate()
    actions.confide(claire, to=rgc, starts_on=today, ends_on=today, by=claire)

    rgc.nominations.get().steps.create(origin="accepte", target="en_fonction", by=None)

    assert renewed_at(rgc) > timezone.now() - DAY
    assert StandIn.objects.in_force().exists()


def test_the_database_refuses_a_follower_or_a_stand_in_without_a_decision(team):
    """Whoever writes, by SQL too; and a decision of another day serves nobody else."""
    rgc, claire, samir = team
    (person,) = follow(claire, 1)
    done = actions.hand_over(claire, by=rgc, others_to=samir)
    CaseloadTransfer.objects.filter(pk=done.pk).update(seen_at=timezone.now())
    (other,) = follow(claire, 1)
    row = Candidate.objects.filter(pk=other.pk)
    today = timezone.localdate()
    assert reads(samir) == 1
    assert Candidate.objects.get(pk=person.pk).transfer == done

    for change in ({"adviser": samir}, {"adviser": rgc, "transfer": done}):
        with (
            pytest.raises(IntegrityError, match="que par une décision"),
            transaction.atomic(),
        ):
            row.update(**change)
    for transfer in (None, done):
        with (
            pytest.raises(IntegrityError, match="que par une décision"),
            transaction.atomic(),
        ):
            StandIn.objects.create(
                structure=claire.structure,
                owner=claire,
                colleague=samir,
                starts_on=today,
                ends_on=today,
                created_by=rgc,
                transfer=transfer,
            )


@pytest.mark.django_db(transaction=True)
def test_a_decision_of_another_transaction_moves_nobody_more():
    claire = AdviserFactory()
    samir = AdviserFactory(structure=claire.structure)
    rgc = RgcFactory(structure=claire.structure)
    follow(claire, 1)
    done = actions.hand_over(claire, by=rgc, others_to=samir)
    (other,) = follow(claire, 1)

    with pytest.raises(IntegrityError, match="que par une décision"):
        Candidate.objects.filter(pk=other.pk).update(adviser=samir, transfer=done)


def test_persons_given_back_to_an_account_closed_since_wait_there(team):
    """The RGC hands them over again; who left keeps nobody from being stopped."""
    rgc, claire, samir = team
    follow(claire, 3)
    done = actions.close(claire, by=rgc, reason="depart", others_to=samir)

    actions.stop(done, by=None)

    assert (reads(claire), reads(samir)) == (3, 0)
    assert actions.hand_over(claire, by=rgc, others_to=samir)
    assert reads(samir) == 3


def test_nobody_is_given_back_after_seven_days(team):
    rgc, claire, samir = team
    follow(claire, 3)
    done = actions.hand_over(claire, by=rgc, others_to=samir)

    with time_machine.travel(timezone.now() + 7 * DAY + MINUTE):
        page = browser().post(
            reverse("caseload_transfer", args=[done.token]), {"choix": "arreter"}
        )

    assert page.status_code == 409
    assert "plus de sept jours" in page.text
    assert reads(samir) == 3


def test_a_link_of_another_week_says_so(team):
    rgc, claire, samir = team
    follow(claire, 30)
    waiting = actions.hand_over(claire, by=rgc, others_to=samir)
    link = reverse("caseload_transfer", args=[waiting.token])

    with time_machine.travel(timezone.now() + 7 * DAY + MINUTE):
        page = browser().post(link, {"choix": "arreter"})

    assert page.status_code == 410
    assert "Ce lien ne fonctionne plus" in page.text
    assert CaseloadTransfer.objects.waiting().exists()
    assert browser().get(link.replace("/lien/", "/lien/x")).status_code == 404


def test_what_was_seen_leaves_the_home_page(team):
    rgc, claire, samir = team
    follow(claire, 3)
    done = actions.hand_over(claire, by=rgc, others_to=samir)
    hers = sign_in(browser(), claire)
    assert "Vos candidats sont confiés à Samir Roux" in hers.get("/").text

    hers.post(reverse("caseload_transfer", args=[done.token]), {"choix": "vu"})

    assert "Vos candidats sont confiés" not in hers.get("/").text
    assert reads(samir) == 3


@pytest.mark.parametrize("days", [20, 2])
def test_closing_an_account_of_thirty_five_persons_raises_nothing(team, days):
    """An RGC's ordinary work; to a new colleague, a line of the desk and no alert."""
    rgc, claire, _ = team
    receiver = AdviserFactory(
        structure=claire.structure, created_at=timezone.now() - days * DAY
    )
    follow(claire, 35)
    with time_machine.travel(timezone.now().replace(hour=9)):
        # He has signed in here before.
        before = timezone.now() - DAY
        here = {"actor_id": rgc.pk, "ip": "127.0.0.1", "at": before}
        AuditEntry.objects.create(action=Action.SIGN_IN, **here)
        data = {"reason": "depart", "others_to": str(receiver.public_id)}
        sign_in(browser(), rgc).post(path_of("account_close", claire), data)
        assert alerts() == set()

    assert User.objects.get(pk=claire.pk).state == UserState.CLOSED
    assert CaseloadTransfer.objects.waiting().get().people == 35
    assert CaseloadTransfer.objects.to_look_at().count() == (days == 2)
