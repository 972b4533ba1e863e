"""A lost second factor: identity checked, a day's notice, a second person (S10)."""

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.signin import factors
from accounts.signin.models import BackupCodeSet, FactorReset, LossReason, ResetState
from accounts.team import actions
from accounts.users.account_texts import history_of
from accounts.users.models import IdentityCheck, User
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.authenticator import Authenticator, enrol_passkey
from tests.accounts.factories import (
    AdviserFactory,
    AgentFactory,
    FactorResetFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
)
from tests.accounts.journeys import another_browser
from tests.admin.registers import action_url, record_url, text_of
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(hours=24)
ANSWERS = {"check_done": IdentityCheck.IN_PERSON, "reason": LossReason.LOST}


@pytest.fixture
def team() -> tuple[User, User]:
    """An RGC in office, and his adviser: an application, a passkey, backup codes."""
    rgc = RgcFactory()
    adviser = AdviserFactory(structure=rgc.structure)
    enrol_passkey(sign_in(another_browser(), adviser), Authenticator())
    adviser.refresh_from_db()
    return rgc, adviser


def page_of(person: User, name: str = "account_factor_reset") -> str:
    return reverse(name, args=[person.public_id])


def entries(prefix: str = "factor_reset") -> list[tuple[str, str, dict]]:
    rows = AuditEntry.objects.filter(action__startswith=prefix).order_by("pk")
    return [(row.action, row.actor, row.details) for row in rows]


def letters() -> list[mail.EmailMessage]:
    """What left since the last look."""
    mail.outbox.clear()
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=30), tick=False):
        outbox.relay()
    return list(mail.outbox)


def stop_link(message: mail.EmailMessage) -> str:
    found = re.search(r"/second-facteur/arreter/\S+", message.body)
    assert found, message.body
    return found[0]


def test_an_rgc_resets_an_advisers_factors_a_day_after_the_notice(client, team):
    """S9, S10, S14: from the asking to the slip, and to a new factor."""
    rgc, adviser = team
    holder = sign_in(another_browser(), adviser)
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, rgc)
        account_page = client.get(page_of(adviser, "account"))
        form = client.get(page_of(adviser))
        unanswered = client.post(page_of(adviser), {"reason": LossReason.LOST})
        asked = client.post(page_of(adviser), ANSWERS)
        waiting = client.get(page_of(adviser))
        early = client.post(page_of(adviser, "account_factor_reset_slip"))
        notice = letters()[-1]
        still_in = holder.get("/")
    with time_machine.travel(start + DAY, tick=False):
        sign_in(client, rgc)
        ready = client.get(page_of(adviser))
        slip = client.post(page_of(adviser, "account_factor_reset_slip"))
        cut = holder.get("/")
        done = letters()
        again = client.post(page_of(adviser, "account_factor_reset_slip"))

    reset = FactorReset.objects.get()
    assert page_of(adviser) in account_page.text
    assert "codes de secours" in form.text
    assert "Choisissez comment vous avez vérifié" in unanswered.text
    assert asked.url == page_of(adviser)
    assert "permet de tout arrêter" in waiting.text
    assert "Remettre à zéro et imprimer" not in waiting.text
    assert early.status_code == 409
    assert "24 heures" in early.text
    assert notice.to == [adviser.email]
    assert notice.subject == "Opus : vos seconds facteurs vont être remis à zéro"
    assert still_in.status_code == 200
    assert "Remettre à zéro et imprimer la fiche" in ready.text

    secret = re.search(r"\w{5}-\w{5}-\w{5}-\w{5}", slip.text)
    assert slip.status_code == 200
    assert adviser.identifier in slip.text
    assert cut.url == "/connexion/?next=/"
    assert [message.subject for message in done] == [
        "Opus : vos seconds facteurs ont été remis à zéro"
    ]
    assert again.status_code == 404
    assert (reset.state, reset.done_at) == (ResetState.DONE, start + DAY)
    adviser.refresh_from_db()
    assert adviser.factors == []
    assert not BackupCodeSet.objects.exists()
    assert not adviser.has_usable_password()
    assert entries() == [
        (
            "factor_reset_asked",
            rgc.identifier,
            {"reset": reset.pk, "check_done": "piece", "reason": "perte"},
        ),
        ("factor_reset_done", rgc.identifier, {"reset": reset.pk}),
    ]
    assert [entry.label for entry in history_of(adviser)][-3:-1] == [
        "Remise à zéro des seconds facteurs demandée",
        "Seconds facteurs remis à zéro",
    ]

    data = {"identifier": adviser.identifier, "secret": secret[0]}
    new = "cinq mots choisis par moi seul"
    with time_machine.travel(start + DAY, tick=False):
        holder.post(reverse("first_access"), data)
        chosen = holder.post(
            reverse("first_access_password"), {"password1": new, "password2": new}
        )
        gate = holder.get(chosen.url)
    assert gate.url == reverse("enrol_factor")


def test_the_holder_stops_it_by_the_link_without_signing_in(client, team):
    """S10: to open the link does nothing, since mail readers do; the button does."""
    rgc, adviser = team
    reset = factors.request_reset(adviser, by=rgc, **ANSWERS)
    link = stop_link(letters()[-1])

    opened = client.get(link)
    reset.refresh_from_db()
    was = reset.state
    stopped = client.post(link)
    twice = client.post(link)

    assert "tout arrêter" in opened.text
    assert was == ResetState.REQUESTED
    assert "La demande est arrêtée" in stopped.text
    assert "La demande est arrêtée" in twice.text
    reset.refresh_from_db()
    assert reset.state == ResetState.STOPPED
    assert entries("factor_reset_stopped") == [
        ("factor_reset_stopped", "", {"reset": reset.pk})
    ]
    (told,) = letters()
    assert told.to == [rgc.email]
    assert adviser.last_name not in told.body
    with time_machine.travel(timezone.now() + DAY, tick=False):
        sign_in(client, rgc)
        assert (
            client.post(page_of(adviser, "account_factor_reset_slip")).status_code
            == 404
        )
    assert len(adviser.factors) == 2


def test_the_holder_may_stop_it_while_signed_in_too(client, team):
    rgc, adviser = team
    reset = factors.request_reset(adviser, by=rgc, **ANSWERS)
    sign_in(client, adviser)

    client.post(reverse("factor_reset_stop", args=[reset.stop_token]))

    reset.refresh_from_db()
    assert reset.state == ResetState.STOPPED


def test_a_forged_or_old_link_leads_nowhere(client, team):
    rgc, adviser = team
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        reset = factors.request_reset(adviser, by=rgc, **ANSWERS)
        token = reset.stop_token
    pk, rest = token.split(":", 1)
    forged = [f"{int(pk) + 1}:{rest}", f"{token}x", "1", "é"]

    for link in forged:
        response = client.post(reverse("factor_reset_stop", args=[link]))
        assert response.status_code == 404
    late = start + settings.FACTOR_RESET_LASTS + dt.timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        old = client.post(reverse("factor_reset_stop", args=[token]))

    assert old.status_code == 404
    reset.refresh_from_db()
    assert reset.state == ResetState.REQUESTED


def test_the_link_of_what_is_done_says_so_and_whom_to_warn(client, team):
    rgc, adviser = team
    reset = FactorResetFactory(account=adviser, asked_by=rgc, ready=True)
    factors.finish(reset, by=rgc)

    response = client.post(reverse("factor_reset_stop", args=[reset.stop_token]))

    assert "la remise à zéro est faite" in response.text
    assert "suspendra votre compte" in response.text


def test_the_notice_holds_neither_a_name_nor_an_identifier_nor_a_secret(team):
    """S9, V17."""
    rgc, adviser = team
    factors.request_reset(adviser, by=rgc, **ANSWERS)

    (notice,) = [m for m in letters() if "vont être" in m.subject]

    written = notice.subject + notice.body + notice.alternatives[0].content
    for word in [adviser.identifier, adviser.last_name, rgc.last_name]:
        assert word not in written


def test_a_telephone_that_was_found_again_ends_the_asking(client, team):
    rgc, adviser = team
    factors.request_reset(adviser, by=rgc, **ANSWERS)
    sign_in(client, rgc)

    response = client.post(page_of(adviser, "account_factor_reset_stop"))

    assert response.url == page_of(adviser, "account")
    assert FactorReset.objects.get().state == ResetState.STOPPED
    assert entries("factor_reset_stopped")[0][1] == rgc.identifier


def test_what_nobody_did_lapses_after_a_week_and_may_be_asked_again(client, team):
    """By the clock: no job has run."""
    rgc, adviser = team
    old = FactorResetFactory(account=adviser, asked_by=rgc, lapsed=True)
    sign_in(client, rgc)

    page = client.get(page_of(adviser))
    late = client.post(page_of(adviser, "account_factor_reset_slip"))
    client.post(page_of(adviser), ANSWERS)

    assert "Demander la remise à zéro" in page.text
    assert late.status_code == 404
    old.refresh_from_db()
    assert old.state == ResetState.LAPSED
    assert adviser.factor_resets.open().count() == 1


# --- For whom -------------------------------------------------------------------------


def test_an_rgc_resets_neither_his_own_nor_another_structures(client, team):
    """S10, S20."""
    rgc, _ = team
    sign_in(client, rgc)
    stranger = AdviserFactory()
    FactorResetFactory(account=stranger, ready=True)

    for name in [
        "account_factor_reset",
        "account_factor_reset_slip",
        "account_factor_reset_stop",
    ]:
        assert client.post(page_of(stranger, name), ANSWERS).status_code == 404
        assert client.post(page_of(rgc, name), ANSWERS).status_code == 403

    assert len(stranger.factors) == 1
    assert FactorReset.objects.get().state == ResetState.REQUESTED


@pytest.mark.parametrize("way", ["own", "colleague", "stranger", "other_rgc", "agent"])
def test_the_action_itself_refuses_who_may_not(team, way):
    """The second line, under the pages."""
    rgc, adviser = team
    by, account = {
        "own": (rgc, rgc),
        "colleague": (AdviserFactory(structure=rgc.structure), adviser),
        "stranger": (RgcFactory(), adviser),
        "other_rgc": (rgc, RgcFactory(structure=rgc.structure, in_office=False)),
        "agent": (AgentFactory(), rgc),
    }[way]

    with pytest.raises(MoveRefused, match="Personne ne la demande pour soi-même"):
        factors.request_reset(account, by=by, **ANSWERS)


def test_france_travail_resets_an_adviser_only_where_no_rgc_can(team):
    rgc, adviser = team
    admin = FtAdminFactory()

    assert not factors.may_reset(adviser, by=admin)
    rgc.suspend(by=admin, reason="perte")
    assert factors.may_reset(adviser, by=admin)
    rgc.reactivate(by=admin)
    rgc.nominations.get().leave(by=admin, ended_on=timezone.localdate())
    assert factors.may_reset(adviser, by=admin)

    reset = factors.request_reset(adviser, by=admin, **ANSWERS)
    assert not reset.four_eyes


@pytest.mark.parametrize(
    ("state", "said"), [("suspended", "réactivez-le"), ("closed", "réactivez-le")]
)
def test_a_suspended_or_closed_account_is_not_reset(team, state, said):
    rgc, _ = team
    person = AdviserFactory(structure=rgc.structure, **{state: True})

    with pytest.raises(MoveRefused, match=said):
        factors.request_reset(person, by=rgc, **ANSWERS)


def test_an_account_suspended_since_the_asking_is_not_reset(team):
    rgc, adviser = team
    reset = FactorResetFactory(account=adviser, asked_by=rgc, ready=True)
    actions.suspend_account(adviser, by=rgc, reason="perte")

    with pytest.raises(MoveRefused, match="suspendu"):
        factors.finish(reset, by=rgc)

    assert len(adviser.factors) == 2


def test_without_a_factor_there_is_nothing_to_reset(client, team):
    rgc, _ = team
    person = AdviserFactory(structure=rgc.structure, factor=None)
    sign_in(client, rgc)

    page = client.get(page_of(person))
    refused = client.post(page_of(person), ANSWERS)

    assert "n’a pas de second facteur enregistré" in page.text
    assert refused.status_code == 409


def test_it_is_asked_once_at_a_time(team):
    rgc, adviser = team
    factors.request_reset(adviser, by=rgc, **ANSWERS)

    with pytest.raises(MoveRefused, match="déjà demandée"):
        factors.request_reset(adviser, by=rgc, **ANSWERS)


# --- Four eyes, at the desk -----------------------------------------------------------

ASK, CONFIRM = "second-facteur-perdu", "confirmer-la-remise-a-zero"
FINISH, STOP = "remettre-a-zero", "annuler-la-remise-a-zero"


def test_two_members_of_staff_reset_an_rgcs_factors(client, rgc):
    """S10: who asked does not confirm; nor may it be done before."""
    first, second = FtAdminFactory(), FtAdminFactory()
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        sign_in(client, first)
        client.post(action_url(rgc, ASK), ANSWERS)
        own = client.post(action_url(rgc, CONFIRM))
        notice = letters()[-1]
    with time_machine.travel(start + DAY, tick=False):
        sign_in(client, first)
        unconfirmed = client.post(action_url(rgc, FINISH))
        before = FactorReset.objects.get().state
        sign_in(client, second)
        desk = client.get(reverse("admin:index"))
        sheet = client.get(record_url(rgc))
        client.post(action_url(rgc, CONFIRM))
        slip = client.post(action_url(rgc, FINISH))

    assert notice.to == [rgc.email]
    assert own.status_code == unconfirmed.status_code == 409
    assert before == ResetState.REQUESTED
    assert "Seconds facteurs à confirmer" in text_of(desk)
    assert "à confirmer par une seconde personne" in text_of(sheet)
    assert slip.context["secret"] in text_of(slip)
    reset = FactorReset.objects.get()
    assert (reset.state, reset.asked_by, reset.confirmed_by) == (
        ResetState.DONE,
        first,
        second,
    )
    assert rgc.factors == []
    assert [entry[:2] for entry in entries()] == [
        ("factor_reset_asked", first.identifier),
        ("factor_reset_confirmed", second.identifier),
        ("factor_reset_done", second.identifier),
    ]


def test_staff_see_the_buttons_only_where_they_may_press_them(client):
    first, second = FtAdminFactory(), FtAdminFactory()
    rgc, adviser = RgcFactory(), AdviserFactory()
    NominationFactory(convention=adviser.structure.conventions.get())

    def buttons(person: User, of: User) -> list[str]:
        sign_in(client, person)
        page = text_of(client.get(record_url(of)))
        slugs = [ASK, CONFIRM, FINISH, STOP]
        return [slug for slug in slugs if f'value="{slug}"' in page]

    assert buttons(first, rgc) == [ASK]
    assert buttons(first, first) == []
    assert buttons(first, second) == [ASK]
    assert buttons(first, adviser) == []
    factors.request_reset(rgc, by=first, **ANSWERS)
    assert buttons(first, rgc) == [STOP]
    assert buttons(second, rgc) == [CONFIRM, STOP]


def test_an_rgc_out_of_my_territory_is_out_of_my_reach(client, rgc):
    """S27."""
    elsewhere = FtAdminFactory(agency=StructureFactory().agency)
    sign_in(client, elsewhere)

    response = client.post(action_url(rgc, ASK), ANSWERS)

    assert response.status_code in {302, 404}
    assert not FactorReset.objects.exists()


# --- What the database holds ----------------------------------------------------------


def save_in_sandbox(reset: FactorReset, **changes: Any) -> None:
    with transaction.atomic():
        FactorReset.objects.filter(pk=reset.pk).update(**changes)


def test_the_database_refuses_one_person_alone_whoever_writes():
    """S10: constraints, not only code."""
    reset = FactorResetFactory(of_rgc=True, ready=True)
    done = {"state": ResetState.DONE, "done_at": timezone.now()}

    with pytest.raises(IntegrityError, match="factor_reset_by_two_persons"):
        save_in_sandbox(reset, confirmed_by=reset.asked_by)
    with pytest.raises(IntegrityError, match="nobody_resets_his_own_factors"):
        save_in_sandbox(reset, confirmed_by=reset.account)
    with pytest.raises(IntegrityError, match="nobody_resets_his_own_factors"):
        save_in_sandbox(reset, asked_by=reset.account)
    with pytest.raises(IntegrityError, match="factor_reset_confirmed_before_done"):
        save_in_sandbox(reset, **done)
    save_in_sandbox(reset, confirmed_by=FtAdminFactory(), **done)


def test_the_database_refuses_a_reset_before_the_day_has_passed():
    """S10."""
    reset = FactorResetFactory()

    for done_at in [timezone.now(), None]:
        with pytest.raises(IntegrityError, match="factor_reset_after_its_notice"):
            save_in_sandbox(reset, state=ResetState.DONE, done_at=done_at)


def test_one_reset_at_a_time_is_open():
    reset = FactorResetFactory()

    with (
        pytest.raises(IntegrityError, match="one_open_factor_reset"),
        transaction.atomic(),
    ):
        FactorResetFactory(account=reset.account, asked_by=reset.asked_by)


class Loss(RuleBasedStateMachine):
    """A lost factor, and everybody who tries everything, at any hour."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(timezone.now(), tick=False)
        self.traveller = self.clock.start()
        self.holder = RgcFactory()
        self.staff = [FtAdminFactory(), FtAdminFactory()]

    @rule(n=st.integers(0, 1))
    def request_reset(self, n: int) -> None:
        was = self.open()
        try:
            factors.request_reset(self.holder, by=self.staff[n], **ANSWERS)
        except MoveRefused:
            assert was or not self.holder.factors
        else:
            assert was is None

    @rule(n=st.integers(0, 2))
    def confirm(self, n: int) -> None:
        by = [*self.staff, self.holder][n]
        if reset := self.latest():
            self.try_to(factors.confirm, reset, by=by)

    @rule(n=st.integers(0, 1))
    def finish(self, n: int) -> None:
        if reset := self.latest():
            self.try_to(factors.finish, reset, by=self.staff[n])

    @rule(by_holder=st.booleans())
    def stop(self, by_holder: bool) -> None:
        if reset := self.latest():
            self.try_to(factors.stop, reset, by=None if by_holder else self.staff[0])

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 7]))
    def wait(self, hours: int) -> None:
        self.traveller.shift(dt.timedelta(hours=hours))

    @invariant()
    def nothing_is_done_early_or_by_one_person(self) -> None:
        for reset in FactorReset.objects.filter(state=ResetState.DONE):
            assert reset.done_at - reset.asked_at >= DAY
            assert reset.confirmed_by_id not in {None, reset.asked_by_id}
            assert reset.done_at < reset.lapses_at
            assert self.holder.pk not in {reset.asked_by_id, reset.confirmed_by_id}

    @invariant()
    def factors_are_there_until_a_reset_is_done(self) -> None:
        done = FactorReset.objects.filter(state=ResetState.DONE).exists()
        assert bool(self.holder.factors) is not done

    def latest(self) -> FactorReset | None:
        return self.holder.factor_resets.select_related("account").first()

    def open(self) -> FactorReset | None:
        return self.holder.factor_resets.open().first()

    def try_to(self, act: Any, reset: FactorReset, *, by: User | None) -> None:
        try:
            act(reset, by=by)
        except MoveRefused:
            reset.refresh_from_db()


@pytest.mark.thorough
def test_in_whatever_order_and_at_whatever_hour_the_rules_hold():
    """S10, R11."""

    class InItsOwnTransaction(Loss):
        def __init__(self) -> None:
            self.sandbox = transaction.atomic()
            self.sandbox.__enter__()
            super().__init__()

        def teardown(self) -> None:
            self.clock.stop()
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    run_state_machine_as_test(
        InItsOwnTransaction,
        settings=hypothesis_settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
