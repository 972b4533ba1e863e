"""The nightly checks: each defect seeded past the guards, then found (R28)."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from offers.page.models import OfferDocument
from opus.lib.background_files import FrozenDocument
from opus.lib.jobs import JobRun
from opus.lib.models import Finding
from opus.lib.outbound.models import OutboxEntry
from opus.operations import invariants
from opus.operations.invariants import count
from opus.operations.tasks import check_invariants
from opus.support.data_rights.models import Reply, ReplyKind
from referrals.appointments.models import AppointmentDetails
from referrals.documents.models import Document, EasyDocument, EasyForm, VoidDocument
from tests import soundness
from tests.accounts.factories import (
    AdviserFactory,
    AgreementDocumentFactory,
    AmendmentFactory,
    ConventionFactory,
    LetterFactory,
    NominationFactory,
    OpenSessionFactory,
    StructureFactory,
)
from tests.accounts.factories import FtAdminFactory as Admin
from tests.cases import each_case
from tests.conftest import sign_in
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.referrals.cv_factories import CvRequestFactory
from tests.referrals.factories import (
    AppointmentFactory,
    CandidateFactory,
    CaseloadTransferFactory,
    DocumentFactory,
    ReferralFactory,
)
from tests.referrals.screened import ScreenedReferralFactory
from tests.referrals.screened import record as record_outcome
from tests.support.factories import RightsRequestFactory
from tests.tables import as_owner

pytestmark = [pytest.mark.django_db, pytest.mark.plants_defects]
NOW = timezone.now


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def without_guards(*constraints: tuple[str, str]) -> Iterator[None]:
    """No trigger, no foreign key, and without these constraints of these tables."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
            cursor.execute(f"DROP INDEX IF EXISTS {name}")
        cursor.execute("SET LOCAL session_replication_role = replica")
    yield
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def checks_of(table: str, like: str) -> list[tuple[str, str]]:
    """The constraints and unique indexes of a table whose definition holds a word."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
            " AND contype IN ('c', 'u') AND pg_get_constraintdef(oid) ILIKE %s"
            " UNION SELECT indexname FROM pg_indexes WHERE tablename = %s"
            " AND indexdef ILIKE 'CREATE UNIQUE%%' AND indexdef ILIKE %s"
            " AND indexname NOT LIKE '%%_pkey'",
            [table, f"%{like}%", table, f"%{like}%"],
        )
        return [(table, name) for (name,) in cursor.fetchall()]


def broken_by(
    make: Callable[..., Any],
    statement: str,
    *constraints: tuple[str, str],
    **traits: Any,
) -> Callable[[], None]:
    """Make one thing, then break it past the guards and the checks with these words."""

    def seed() -> None:
        make(**traits)
        names = [name for table, like in constraints for name in checks_of(table, like)]
        with without_guards(*names):
            sql(statement)

    return seed


def change_by_hand(statement: str) -> None:
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with as_owner():
        sql(statement)


BY_HAND = {
    "guards_missing": "DROP TRIGGER accounts_letter_frozen ON accounts_letter",
    "guards_switched_off": "ALTER TABLE accounts_letter"
    " DISABLE TRIGGER accounts_letter_frozen",
    "guards_changed": "CREATE OR REPLACE FUNCTION opus_freeze_review() RETURNS trigger"
    " LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "guards_unknown": "CREATE TRIGGER one_more BEFORE DELETE ON accounts_letter"
    " FOR EACH ROW EXECUTE FUNCTION opus_freeze_review()",
}


def session_of_a_closed_account() -> None:
    session = OpenSessionFactory()
    with without_guards():
        sql("UPDATE accounts_user SET state = 'ferme'")
        type(session).objects.update(seen_at=NOW() - dt.timedelta(days=2))


def two_rgcs() -> None:
    first = NominationFactory()
    second = NominationFactory()
    with without_guards(*checks_of("accounts_nomination", "convention_id")):
        sql(
            "UPDATE accounts_nomination SET convention_id = %s WHERE id = %s",
            first.convention_id,
            second.pk,
        )


def document_of_somebody_else() -> None:
    document = DocumentFactory()
    other = CandidateFactory()
    with without_guards():
        Document.objects.filter(pk=document.pk).update(candidate=other)


def two_ends() -> None:
    OutboxEntry.objects.create(effect="essai", key="a", sent_at=NOW())
    with without_guards(("lib_outboxentry", "effect_has_one_end")):
        sql("UPDATE lib_outboxentry SET dropped_at = now()")


def limit_lifted() -> None:
    with as_owner():
        database = connection.settings_dict["NAME"]
        sql(f'ALTER DATABASE "{database}" SET statement_timeout = 0')


def rewrite(make: Callable[..., Any]) -> None:
    document = make()
    with without_guards():
        type(document).objects.filter(pk=document.pk).update(html="<p>Autre</p>")


def frozen(model: type[FrozenDocument], **make: Callable[[], Any]) -> Any:
    document = model(**{name: each() for name, each in make.items()})
    document.freeze("<p>Texte</p>")
    document.save()
    return document


def without_step(make: Callable[..., Any]) -> None:
    act = make()
    act.steps.create(origin="", target=act.state, at=NOW(), by=None)
    assert rules_that_count("act_without_step") == 0
    with without_guards():
        act.steps.all().delete()


def rules_that_count(name: str) -> int:
    return count([rule for rule in invariants.rules() if rule.name == name])[name]


def live_twice(make: Callable[..., Any]) -> None:
    one, other = make(), make()
    with without_guards(*checks_of(one._meta.db_table, "candidate_id")):
        type(one).objects.filter(pk=other.pk).update(
            offer=one.offer, candidate=one.candidate
        )


def after_withdrawal(make: Callable[..., Any]) -> None:
    act = make()
    with without_guards():
        sql(
            "INSERT INTO offers_offerstep (offer_id, origin, target, at)"
            " VALUES (%s, 'active', 'pourvue', %s)",
            act.offer_id,
            act.created_at - dt.timedelta(hours=2),
        )
        sql(
            "DELETE FROM offers_offerstep WHERE offer_id = %s AND at > %s",
            act.offer_id,
            act.created_at - dt.timedelta(minutes=119),
        )


def without_document(make: Callable[..., Any]) -> None:
    act = make()
    with without_guards():
        act.documents.all().delete()


def of_another_structure(make: Callable[..., Any]) -> None:
    act, other = make(), StructureFactory()
    with without_guards():
        type(act).objects.filter(pk=act.pk).update(structure=other)


def details_of_another_kind() -> None:
    act = ReferralFactory()
    with without_guards():
        AppointmentDetails.objects.create(act=act, at=NOW(), where="Agence")


def off_its_steps(make: Callable[..., Any]) -> None:
    make().steps.create(origin="", target="ailleurs", at=NOW(), by=None)


ACTS: dict[str, Callable[..., Any]] = {
    "referral": ReferralFactory,
    "screenedreferral": ScreenedReferralFactory,
    "cvrequest": CvRequestFactory,
    "appointment": AppointmentFactory,
}
MACHINES: dict[str, Callable[..., Any]] = {
    "user": AdviserFactory,
    "convention": ConventionFactory,
    "nomination": NominationFactory,
    "caseloadtransfer": CaseloadTransferFactory,
}
FROZEN: dict[str, Callable[..., Any]] = {
    "agreementdocument": AgreementDocumentFactory,
    "letter": LetterFactory,
    "document": DocumentFactory,
    "easydocument": lambda: frozen(
        EasyDocument, document=DocumentFactory, form=lambda: EasyForm.PLAIN
    ),
    "voiddocument": lambda: frozen(VoidDocument, document=DocumentFactory, since=NOW),
    "offerdocument": lambda: frozen(OfferDocument, offer=OfferFactory),
    "reply": lambda: frozen(
        Reply,
        request=RightsRequestFactory,
        kind=lambda: ReplyKind.REFUSED,
        made_by=Admin,
    ),
}
ACT_DEFECTS: dict[str, Callable[[Callable[..., Any]], None]] = {
    "act_without_step": without_step,
    "act_live_twice": live_twice,
    "act_after_withdrawal": after_withdrawal,
    "act_without_document": without_document,
    "act_of_another_structure": of_another_structure,
    "act_off_its_steps": off_its_steps,
}
DEFECTS: dict[str, Callable[[], None]] = {
    "quota": broken_by(
        AdviserFactory,
        "UPDATE accounts_convention SET signed_quota = 0",
        ("accounts_convention", "signed_quota"),
    ),
    "accounts_without_structure": broken_by(
        AdviserFactory,
        "UPDATE accounts_user SET structure_id = NULL",
        ("accounts_user", "structure_id"),
    ),
    "structures_nowhere": broken_by(
        StructureFactory, "UPDATE accounts_structure SET commune_code = '99999'"
    ),
    "sessions_of_closed_accounts": session_of_a_closed_account,
    "persons_of_closed_accounts": broken_by(
        CandidateFactory, "UPDATE accounts_user SET state = 'ferme'"
    ),
    "rgc_in_office_twice": two_rgcs,
    "documents_of_somebody_else": document_of_somebody_else,
    "printed_without_bytes": broken_by(
        DocumentFactory,
        "UPDATE referrals_document SET content = NULL",
        ("referrals_document", "content"),
        ready=True,
    ),
    "offers_shown_after_withdrawal": broken_by(
        OfferFactory, "UPDATE offers_offer SET state = 'pourvue'"
    ),
    "offers_hidden_while_active": broken_by(
        OfferFactory, "DELETE FROM offers_offersearch"
    ),
    "effects_with_two_ends": two_ends,
    "offers_shown_otherwise": broken_by(
        OfferFactory, "UPDATE offers_offersearch SET contract = 'CDD'", contract="CDI"
    ),
    "offers_found_otherwise": broken_by(
        OfferFactory, "UPDATE offers_offersearch SET vector = opus_words('autre chose')"
    ),
    **{name: partial(change_by_hand, sql) for name, sql in BY_HAND.items()},
    "settings_by_hand": limit_lifted,
    **{f"{name}_rewritten": partial(rewrite, one) for name, one in FROZEN.items()},
    **{name: partial(defect, ReferralFactory) for name, defect in ACT_DEFECTS.items()},
    "act_without_details": details_of_another_kind,
    **{
        f"{name}_off_its_steps": partial(off_its_steps, make)
        for name, make in MACHINES.items()
    },
}


def test_each_check_has_its_defect() -> None:
    """R28: a check without a test of it fails the build."""
    assert sorted(rule.name for rule in invariants.rules()) == sorted(DEFECTS)


@each_case("name", DEFECTS, at_each_run=12)
def test_the_job_finds_the_defect(name: str) -> None:
    """R28."""
    rule = next(rule for rule in invariants.rules() if rule.name == name)
    assert count([rule]) == {name: 0}

    DEFECTS[name]()

    expect_one(name)


@each_case(
    "case", [(name, kind) for name in ACT_DEFECTS for kind in ACTS], at_each_run=6
)
def test_the_job_finds_it_in_each_kind_of_act(case: tuple[str, str]) -> None:
    """R28."""
    name, kind = case

    ACT_DEFECTS[name](ACTS[kind])

    expect_one(name)


def expect_one(name: str) -> None:
    # Factories make acts without documents: other checks may count them too.
    check_invariants()
    finding = Finding.objects.get(pk=name)
    assert finding.count == 1
    assert finding.first_at is not None


def test_sound_rows_are_no_defect() -> None:
    """The control: all kinds of thing, none of them broken."""
    for make in ACTS.values():
        act = make()
        assert set(invariants.check()) <= {
            "act_without_document",
            "act_without_step",
        }, act
    DocumentFactory(ready=True)
    NominationFactory()


def test_what_runs_after_each_test_finds_a_defect_too() -> None:
    """R28: and asks nothing after a test that only read."""
    assert not soundness.wrote()
    two_ends()

    assert soundness.wrote()
    assert soundness.find_broken() == {"effects_with_two_ends": 1}


def test_what_runs_after_each_test_holds_acts_that_were_made_to_their_document() -> (
    None
):
    """R28: a factory's act has no first step, and no document either."""
    act = ReferralFactory()
    assert soundness.find_broken() == {}

    act.steps.create(origin="", target=act.state, by=act.adviser)

    assert soundness.find_broken() == {"act_without_document": 1}


SHOWN, FOUND = "offers_shown_otherwise", "offers_found_otherwise"
CHANGES = [
    (SHOWN, "mode = 'deleguee'"),
    (SHOWN, "rome_code = 'A1101'"),
    (SHOWN, "commune_code = '01001'"),
    (SHOWN, "full_time = NULL"),
    (SHOWN, "permits = ARRAY['C']"),
    (FOUND, "vector = opus_words('autre chose')"),
    (FOUND, "vector = setweight(vector, 'A')"),
    (FOUND, "appellation = 1"),
]


@each_case("rule, change", CHANGES)
def test_each_part_of_a_search_row_is_compared(rule: str, change: str) -> None:
    OfferFactory(full_time=True, rome_code="F1703")
    assert rules_that_count(rule) == 0

    with without_guards():
        sql(f"UPDATE offers_offersearch SET {change}")  # noqa: S608 - of this file

    assert rules_that_count(rule) == 1


def test_a_large_table_is_read_in_portions_each_row_once_in_a_round() -> None:
    """R28: by the nights, of which none reads all."""
    OfferFactory.create_batch(12)
    condition = invariants.portion("offers_offersearch", "offer_id", 4)
    with as_owner():
        sql("ANALYZE offers_offersearch")
    night = "(now() AT TIME ZONE 'Europe/Paris')::date"
    assert night in condition
    read: list[str] = []
    for n in range(3):
        rows = condition.replace(night, f"{night} + {n}")
        with connection.cursor() as cursor:
            cursor.execute(
                " ".join(["SELECT offer_id FROM offers_offersearch WHERE", rows])
            )
            found = [reference for (reference,) in cursor.fetchall()]
        assert len(found) < 12
        read += found

    assert len(read) == len(set(read)) == 12


def test_an_erased_text_is_no_defect() -> None:
    """What retention empties keeps its digest."""
    document = DocumentFactory()
    with without_guards():
        type(document).objects.update(html="")

    assert rules_that_count("document_rewritten") == 0


# --- What the rules of the product allow is no defect ---------------------------------


def without_documents_of_factories() -> dict[str, int]:
    """What the checks find, but for acts that a factory made without step and paper."""
    found = invariants.check()
    parts = ("_without_document", "_without_step")
    return {name: n for name, n in found.items() if not name.endswith(parts)}


def test_an_act_that_follows_a_cv_or_an_appointment_has_no_document() -> None:
    """Nothing new is handed over to the person."""
    cv_request, appointment = (
        CvRequestFactory(sent=True),
        AppointmentFactory(attended=True),
    )
    for act in (cv_request, appointment):
        ScreenedReferralFactory(candidate=act.candidate, follows=act)

    # These two factories make no document.
    assert invariants.check()["act_without_document"] == 2


def test_an_amendment_takes_effect_while_more_accounts_are_open() -> None:
    """Art. 4.2: nobody is closed that day, and nobody else is opened."""
    structure = StructureFactory(convention=None)
    convention = ConventionFactory(structure=structure, quota=2)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    AmendmentFactory(
        convention=convention, confirmed=True, quota=1, effective_on=tomorrow
    )
    AdviserFactory.create_batch(2, structure=structure)
    # Its day comes.
    with without_guards():
        sql("UPDATE accounts_user SET created_at = created_at - interval '3 days'")
        sql(
            "UPDATE accounts_amendment SET noticed_on = noticed_on - 2,"
            " effective_on = effective_on - 2"
        )

    assert without_documents_of_factories() == {}
    # The control: one more that was opened since is one too many.
    with without_guards():
        newest = User.objects.filter(role="conseiller").latest("pk")
        sql("UPDATE accounts_user SET created_at = now() WHERE id = %s", newest.pk)
    assert without_documents_of_factories() == {"quota": 1}


def test_a_second_hire_and_fewer_posts_are_facts() -> None:
    """Who was hired is what the employer says; the feed says how many posts."""
    offer = OfferFactory()
    for _ in range(2):
        record_outcome(ReferralFactory(offer=offer, handed_over=True))
    sql("UPDATE referrals_outcomecode SET kind = 'embauche'")
    with without_guards():
        sql("UPDATE offers_offer SET posts = 1")

    assert without_documents_of_factories() == {}


def test_an_act_made_while_an_import_waits_for_its_offer_is_before_the_withdrawal() -> (
    None
):
    """R2: the withdrawal bears the instant at which the import began."""
    began_at = NOW() - dt.timedelta(minutes=1)
    act = ReferralFactory()
    with without_guards():
        sql("UPDATE offers_offerstep SET at = at - interval '1 day'")
    withdraw(act.offer)
    with without_guards():
        sql("UPDATE offers_offerstep SET at = %s WHERE target <> 'active'", began_at)
    assert act.created_at > began_at

    assert without_documents_of_factories() == {}


def test_since_when_is_kept_from_night_to_night_and_forgotten_once_mended() -> None:
    """R28."""
    two_ends()
    check_invariants()
    first = Finding.objects.get(pk="effects_with_two_ends").first_at

    check_invariants()

    assert Finding.objects.get(pk="effects_with_two_ends").first_at == first
    OutboxEntry.objects.update(dropped_at=None)
    check_invariants()
    mended = Finding.objects.get(pk="effects_with_two_ends")
    assert (mended.count, mended.first_at) == (0, None)
    assert JobRun.objects.get(pk="check-invariants").error == ""


def test_a_check_that_is_no_more_leaves_no_count() -> None:
    Finding.objects.create(name="autrefois", count=4, checked_at=NOW())

    check_invariants()

    assert not Finding.objects.filter(pk="autrefois").exists()


def test_the_command_fails_where_something_is_broken(capsys: Any) -> None:
    """R28, for whoever restores or migrates by hand."""
    call_command("check_invariants")
    assert "Aucun défaut." in capsys.readouterr().out
    two_ends()

    with pytest.raises(CommandError, match="1 contrôles en défaut"):
        call_command("check_invariants")

    assert "1 effects_with_two_ends" in capsys.readouterr().out


def test_the_desk_shows_how_many_checks_are_broken(client: Client) -> None:
    """R28."""
    two_ends()
    check_invariants()

    desk = sign_in(client, Admin(agency=None)).get("/admin/")

    queues = {queue.label: queue for queue in desk.context["queues"]}
    tile = queues["Contrôles de cohérence en défaut"]
    assert (tile.value, tile.is_waiting) == ("1", True)
    registers = sign_in(client, Admin(agency=None)).get(tile.url)
    assert "deux fins" in registers.content.decode()


def test_a_migrated_database_has_the_tracked_rules():
    """After a change: ``bin/manage check_rules --write``."""
    call_command("check_rules")


@pytest.mark.parametrize("change", BY_HAND.values())
def test_a_rule_changed_by_hand_is_noticed(change):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(change)

    with pytest.raises(CommandError, match="database"):
        call_command("check_rules")
