"""Never more active accounts than annexe 2 allows, however many hands try at once."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.team import actions
from accounts.team.account_import import AccountListForm
from accounts.users import refusals, tasks
from accounts.users.enums import ClosingReason, SuspensionReason, UserState
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from referrals.candidates.models import Candidate
from referrals.caseloads import actions as caseloads_actions
from referrals.caseloads.models import CaseloadTransfer
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    RgcFactory,
    StructureFactory,
    amend,
    end_at_once,
    lettered,
)
from tests.referrals.factories import CandidateFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db

HANDS = 20
QUOTA = 2


def a_team(quota: int = QUOTA) -> Any:
    structure = StructureFactory(convention=None)
    ConventionFactory(structure=structure, quota=quota)
    return RgcFactory(structure=structure)


def seats_used(rgc: Any) -> int:
    return User.objects.counted().filter(structure=rgc.structure_id).count()


def all_at_once(act: Callable[[int], object]) -> list[Any]:
    """Twenty hands, each with its own connection, that start together."""
    together = threading.Barrier(HANDS)

    def one(n: int) -> Any:
        together.wait()
        try:
            return act(n) or "done"
        except Exception as error:  # noqa: BLE001 - the test looks at each of them.
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(HANDS) as pool:
        return list(pool.map(one, range(HANDS)))


def open_one(rgc: Any, n: int) -> None:
    actions.open_account(
        by=rgc,
        first_name="Zoé",
        last_name=f"Durand{lettered(n)}",
        email=f"zoe.durand{n}@partenaire.example",
    )


@contextmanager
def no_trigger() -> Iterator[None]:
    """The second line of the quota lowered, for the negative controls."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_user ENABLE TRIGGER USER")


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line lowered: the same check, on a row that nobody locked."""

    def count_without_lock(by: User) -> None:
        convention = by.convention_in_force()
        if actions.seats_used(convention) >= convention.quota:
            raise refusals.QuotaReached(convention.quota)

    monkeypatch.setattr(actions, "lock_seat", count_without_lock)


def opening(rgc: Any) -> Callable[[int], object]:
    return lambda n: open_one(rgc, n)


def reactivating(rgc: Any) -> Callable[[int], object]:
    waiting = AdviserFactory.create_batch(
        HANDS, structure=rgc.structure, suspended=True, factor=None, charter=None
    )
    return lambda n: actions.reactivate_account(waiting[n], by=rgc)


def importing(rgc: Any) -> Callable[[int], object]:
    """One hand's file: five persons, of whom the next hand's file has four too."""

    def import_five(n: int) -> None:
        lines = [
            f"Durand{lettered(m)};Zoé;zoe.durand{m}@partenaire.example"
            for m in range(n, n + 5)
        ]
        text = "\n".join(["Nom;Prénom;Courriel", *lines])
        form = AccountListForm({}, {"file": SimpleUploadedFile("a.csv", text.encode())})
        assert form.is_valid()
        form.save(by=rgc)

    return import_five


GESTURES = [opening, reactivating, importing]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gesture", GESTURES)
def test_twenty_at_once_on_two_seats_fill_two(gesture):
    """R9; a file is done though its rows are refused, and opens nobody twice."""
    rgc = a_team()

    results = all_at_once(gesture(rgc))

    refused = 0 if gesture is importing else 18
    done = ["done"] * (HANDS - refused)
    assert sorted(results) == ["QuotaReached"] * refused + done
    assert seats_used(rgc) == QUOTA
    people = User.objects.administered_by(rgc)
    assert people.values("email").distinct().count() == people.count()


@pytest.mark.plants_defects
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("gesture", GESTURES)
def test_without_either_line_there_are_too_many(monkeypatch, gesture):
    """R9, the negative control: this is what the two lines prevent."""
    without_lock(monkeypatch)
    rgc = a_team()
    act = gesture(rgc)

    with no_trigger():
        all_at_once(act)

    assert seats_used(rgc) > QUOTA


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_trigger_still_holds_and_says_the_same(monkeypatch):
    """R9: the second line, alone."""
    without_lock(monkeypatch)
    rgc = a_team()

    results = all_at_once(lambda n: open_one(rgc, n))

    assert sorted(results) == ["QuotaReached"] * 18 + ["done"] * 2
    assert seats_used(rgc) == QUOTA


@pytest.mark.django_db(transaction=True)
def test_without_the_trigger_the_lock_still_holds():
    """R9: the first line, alone."""
    rgc = a_team()

    with no_trigger():
        all_at_once(lambda n: open_one(rgc, n))

    assert seats_used(rgc) == QUOTA


@pytest.mark.django_db(transaction=True)
def test_a_seat_that_a_closing_frees_goes_to_one_of_many():
    """R9: closed with its hand-over while others press for the place."""
    rgc = a_team(quota=1)
    claire = AdviserFactory(structure=rgc.structure)
    CandidateFactory.create_batch(3, adviser=claire)

    def close_or_open(n: int) -> None:
        if n:
            open_one(rgc, n)
        else:
            caseloads_actions.close(claire, by=rgc, reason="depart", others_to=rgc)

    results = all_at_once(close_or_open)

    assert results[0] == "done"
    assert set(results) <= {"done", "QuotaReached"}
    assert seats_used(rgc) <= 1
    # To himself: they wait for a second person (S39).
    assert CaseloadTransfer.objects.waiting().get().people == 3


@pytest.mark.django_db(transaction=True)
def test_lowering_the_quota_while_accounts_are_opened_never_leaves_too_many():
    """R9."""
    rgc = a_team(quota=10)
    convention = rgc.structure.conventions.get()

    def lower_or_open(n: int) -> None:
        if n % 5:
            open_one(rgc, n)
        else:
            amend(convention, quota=5)

    all_at_once(lower_or_open)

    convention.refresh_from_db()
    assert seats_used(rgc) <= convention.quota


def test_a_reactivation_that_only_the_trigger_refuses_says_the_same(monkeypatch):
    rgc = a_team(quota=1)
    away = AdviserFactory(structure=rgc.structure, state=UserState.SUSPENDED)
    AdviserFactory(structure=rgc.structure)
    monkeypatch.setattr(actions, "lock_seat", lambda member: None)

    with pytest.raises(refusals.QuotaReached):
        actions.reactivate_account(away, by=rgc)


def test_without_a_convention_in_force_there_is_no_seat_to_give():
    rgc = a_team()
    end_at_once(rgc.structure.conventions.get())

    with pytest.raises(MoveRefused, match="Aucune convention"):
        actions.lock_seat(rgc)


def test_a_closed_account_does_not_change_any_more():
    rgc = a_team()
    gone = AdviserFactory(structure=rgc.structure, state=UserState.CLOSED)

    with pytest.raises(MoveRefused, match="fermé"):
        actions.change_account(
            gone, by=rgc, email="a@partenaire.example", function="", phone=""
        )


def test_what_the_database_refuses_for_another_reason_stays_an_error():
    error = IntegrityError("autre chose")

    assert refusals.in_french(error) is error


def test_a_quota_below_the_accounts_in_use_is_refused():
    """R9."""
    rgc = a_team()
    AdviserFactory.create_batch(2, structure=rgc.structure)
    convention = rgc.structure.conventions.get()

    with (
        pytest.raises(IntegrityError, match="Quota trop bas : 2 comptes"),
        transaction.atomic(),
    ):
        amend(convention, quota=1)

    assert convention.quota == QUOTA


def test_suspended_and_closed_accounts_and_the_rgc_take_no_seat():
    """Annexe 2."""
    rgc = a_team(quota=1)
    AdviserFactory.create_batch(2, structure=rgc.structure, suspended=True)
    AdviserFactory.create_batch(2, structure=rgc.structure, closed=True)

    open_one(rgc, 1)

    assert seats_used(rgc) == 1


def test_the_refusal_says_how_many_and_the_way_out():
    rgc = a_team(quota=1)
    open_one(rgc, 1)

    with pytest.raises(refusals.QuotaReached) as refusal:
        open_one(rgc, 2)

    assert str(refusal.value) == (
        "Le seul compte de la convention est utilisé (annexe 2). Suspendez ou "
        "fermez un compte pour libérer une place."
    )


class Team(RuleBasedStateMachine):
    """A structure of three seats, and an RGC who tries everything in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.rgc = a_team(quota=3)
        self.opened = 0

    def someone(self, data: Any) -> User:
        people = User.objects.administered_by(self.rgc).order_by("pk")
        return data.draw(st.sampled_from(list(people)))

    @rule()
    def open(self) -> None:
        was, quota = seats_used(self.rgc), self.rgc.structure.conventions.get().quota
        try:
            open_one(self.rgc, self.opened)
        except refusals.QuotaReached:
            assert was == quota
        else:
            self.opened += 1
            assert seats_used(self.rgc) == was + 1

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def reactivate(self, data: Any) -> None:
        account = self.someone(data)
        try:
            actions.reactivate_account(account, by=self.rgc)
        except MoveRefused:
            return
        assert account.state in {UserState.CREATED, UserState.ACTIVE}

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), reason=st.sampled_from(SuspensionReason.values))
    def suspend(self, data: Any, reason: str) -> None:
        self.try_to(actions.suspend_account, self.someone(data), reason=reason)

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), reason=st.sampled_from(ClosingReason.values))
    def close(self, data: Any, reason: str) -> None:
        self.try_to(actions.close_account, self.someone(data), reason=reason)

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def renew(self, data: Any) -> None:
        self.try_to(actions.renew_first_access, self.someone(data), check_done="piece")

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), starts=st.integers(-5, 5), lasts=st.integers(0, 200))
    def announce_leave(self, data: Any, starts: int, lasts: int) -> None:
        """Dates around today: a long one under way suspends at once (4.2)."""
        account = self.someone(data)
        starts_on = timezone.localdate() + dt.timedelta(days=starts)
        ends_on = starts_on + dt.timedelta(days=lasts)
        try:
            leave = actions.record_leave(
                account, by=self.rgc, starts_on=starts_on, ends_on=ends_on
            )
        except MoveRefused:
            return
        account.refresh_from_db()
        if leave.is_long and leave.covers(timezone.localdate()):
            assert account.state == UserState.SUSPENDED

    @precondition(lambda self: self.opened)
    @rule(data=st.data(), days=st.integers(0, 120))
    def stay_away(self, data: Any, days: int) -> None:
        """Nobody used the account for so long; then the clock's job comes by."""
        account = self.someone(data)
        day = timezone.localdate() - dt.timedelta(days=days)
        ago = timezone.make_aware(dt.datetime.combine(day, dt.time(12)))
        User.objects.filter(pk=account.pk).update(
            created_at=ago, last_login=None, clock_restarted_at=None
        )
        tasks.check_absences()
        account.refresh_from_db()
        assert not (account.is_active and days >= settings.ABSENCE_SUSPENDS)

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def hand_over_and_close(self, data: Any) -> None:
        account = self.someone(data)
        was_open = account.state != UserState.CLOSED
        if was_open:
            CandidateFactory(adviser=account)
        others_to = {"others_to": self.rgc}
        self.try_to(caseloads_actions.close, account, reason="depart", **others_to)
        # To the RGC himself: they wait for a second person (S39), the seat does not.
        if was_open:
            assert Candidate.objects.filter(adviser=account).exists()

    @rule(quota=st.integers(0, 4))
    def change_quota(self, quota: int) -> None:
        try:
            with transaction.atomic():
                amend(self.rgc.structure.conventions.get(), quota=quota)
        except IntegrityError:
            assert quota < seats_used(self.rgc)

    @invariant()
    def never_too_many(self) -> None:
        assert seats_used(self.rgc) <= self.rgc.structure.conventions.get().quota

    def try_to(self, act: Callable[..., object], account: User, **how: Any) -> None:
        try:
            act(account, by=self.rgc, **how)
        except MoveRefused:
            assert account.state in {UserState.SUSPENDED, UserState.CLOSED}


@pytest.mark.thorough
def test_in_whatever_order_an_rgc_tries_the_quota_holds():
    """R9, R11."""

    class InItsOwnTransaction(Team):
        def __init__(self) -> None:
            self.sandbox = transaction.atomic()
            self.sandbox.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    run_state_machine_as_test(
        InItsOwnTransaction,
        settings=hypothesis_settings(
            max_examples=8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
