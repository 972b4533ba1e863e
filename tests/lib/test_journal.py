"""The journal: one way in, no way out, and its page."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from opus.lib.audit.journal import (
    Action,
    client_address,
    record,
    warn_of_untrusted_proxy,
)
from opus.lib.audit.models import AuditEntry
from opus.lib.tasks import open_audit_months
from referrals.acts.outcomes import OutcomeCode
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    NominationFactory,
)
from tests.admin.registers import action_url, entries_since, record_url
from tests.cases import each_case
from tests.referrals.factories import ReferralFactory
from tests.tables import as_owner

pytestmark = pytest.mark.django_db


def entries_by_partition() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableoid::regclass::text, count(*) FROM lib_auditentry GROUP BY 1"
        )
        return dict(cursor.fetchall())


def partitions() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'lib_auditentry'::regclass"
        )
        return {name for (name,) in cursor.fetchall()}


def write_at(moment: dt.datetime) -> None:
    AuditEntry.objects.create(at=moment, action=Action.SIGN_IN)


def test_an_entry_says_who_for_whom_what_and_on_what(adviser):
    other = AdviserFactory()

    record(Action.PERSON_READ, by=adviser, target=other, persons=1)

    entry = AuditEntry.objects.get()
    assert (
        entry.actor,
        entry.role,
        entry.structure_id,
        entry.action,
        entry.target_type,
        entry.target_id,
        entry.persons,
    ) == (
        adviser.identifier,
        "conseiller",
        adviser.structure_id,
        "person_read",
        "accounts.user",
        str(other.pk),
        1,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lib_auditentry SET actor = 'x'",
        "DELETE FROM lib_auditentry",
        "TRUNCATE lib_auditentry",
        "DELETE FROM {partition}",
    ],
)
def test_an_entry_is_neither_changed_nor_removed(statement):
    """S37: not through its partition either."""
    record(Action.SIGN_IN, by=None)
    (partition,) = entries_by_partition()

    is_refused(statement.format(partition=partition))

    assert AuditEntry.objects.count() == 1


def is_refused(statement: str) -> None:
    with (
        pytest.raises(DatabaseError, match="ne se modifie pas"),
        as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_an_entry_falls_with_the_transaction_that_it_tells_of():
    """S37."""
    with transaction.atomic():
        record(Action.SIGN_IN, by=None)
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()


def test_thirteen_months_are_open_ahead():
    today = timezone.now().date().replace(day=1)
    months = {
        f"lib_auditentry_{today.year + (today.month - 1 + n) // 12}"
        f"_{(today.month - 1 + n) % 12 + 1:02d}"
        for n in range(14)
    }

    # A database kept since last month has that month too.
    assert partitions() >= months | {"lib_auditentry_default"}
    assert max(partitions() - {"lib_auditentry_default"}) == max(months)


def test_opening_a_month_takes_in_what_fell_beside_it_and_loses_nothing():
    """S37: the default partition made anew is append-only too."""
    write_at(dt.datetime(2040, 5, 20, tzinfo=dt.UTC))
    write_at(dt.datetime(2041, 1, 1, tzinfo=dt.UTC))
    assert entries_by_partition() == {"lib_auditentry_default": 2}

    with connection.cursor() as cursor:
        cursor.execute("SELECT opus_open_audit_months('2040-05-01', 0)")

    assert entries_by_partition() == {
        "lib_auditentry_2040_05": 1,
        "lib_auditentry_default": 1,
    }
    is_refused("DELETE FROM lib_auditentry_default")


def test_no_call_opens_more_than_two_years_of_months():
    """The application calls it with the rights of the owner (S42)."""
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="24 mois"):
        cursor.execute("SELECT opus_open_audit_months(now(), 25)")


def test_the_hourly_task_may_run_twice():
    before = partitions()

    open_audit_months()
    open_audit_months()

    assert partitions() == before


@each_case(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "198.51.100.7"),  # Nobody of ours wrote that header.
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # The client lied first.
        (2, "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "", "198.51.100.7"),
        (1, "nonsense", None),
        (1, "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "::FFFF:cb00:7109", "203.0.113.9"),
        (1, "203.0.113.9:4711", "203.0.113.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "[::ffff:203.0.113.9]:4711", "203.0.113.9"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "6.6.6.6, 203.0.113.9:4711, ", "198.51.100.7"),
        (2, "6.6.6.6, 203.0.113.9:1, [2001:db8::1]:2", "203.0.113.9"),
        (1, "203.0.113.9:port", None),
        (1, "[nonsense]:1", None),
        (1, "999.1.1.1:1", None),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "198.51.100.7", "HTTP_X_FORWARDED_FOR": forwarded}

    assert client_address(request) == expected


@pytest.mark.parametrize(("proxies", "warnings"), [(0, 1), (1, 0)])
def test_a_proxy_that_nobody_announced_is_logged_once(
    client, settings, caplog, proxies, warnings
):
    """Every client would share its address, and the limits of tries with it (S6)."""
    settings.TRUSTED_PROXIES = proxies
    warn_of_untrusted_proxy.cache_clear()

    for _ in range(2):
        client.get("/connexion/", HTTP_X_FORWARDED_FOR="203.0.113.9")

    logged = [record.getMessage() for record in caplog.records]
    assert len([line for line in logged if "OPUS_TRUSTED_PROXIES" in line]) == warnings
    assert [line for line in logged if "203.0.113.9" in line] == []


@pytest.mark.parametrize(
    ("peer", "expected"),
    [("::ffff:203.0.113.9", "203.0.113.9"), ("", None), ("::1", "::1")],
)
def test_a_peer_is_its_ipv4_address_or_nothing(peer, expected):
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer}

    assert client_address(request) == expected
    request.META = {}
    assert client_address(request) is None


# --- Plans: measured once by hand on a million lines ----------------------------------


def plan_of(rows) -> str:
    """What PostgreSQL would do, were the table too long to be read whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        return rows.explain()


@pytest.mark.django_db
def test_an_objects_story_is_found_by_indexes_in_both_places():
    """S37, S39: its own lines, and those in which it is a part."""
    plan = plan_of(AuditEntry.objects.about("accounts.user", "12").order_by())

    conditions = [line for line in plan.splitlines() if "Index Cond" in line]
    assert any("target_id" in line for line in conditions)
    assert any("@>" in line for line in conditions)
    assert "Seq Scan" not in plan


@pytest.mark.django_db
def test_a_question_about_an_hour_reads_one_month():
    """S40: the other months are left out before anything is read."""
    until = timezone.now().replace(day=15)
    rows = AuditEntry.objects.filter(
        actor_id=7, at__gte=until - dt.timedelta(hours=1), at__lt=until
    )

    months = set(re.findall(r"lib_auditentry_(\d{4}_\d{2})", plan_of(rows)))

    assert months == {f"{until:%Y_%m}"}


@pytest.mark.parametrize(
    ("make", "persons"),
    [(AdviserFactory, 0), (NominationFactory, 0), (ReferralFactory, 1)],
)
def test_each_sight_of_a_persons_sheet_is_told(
    as_ft_admin: Client, ft_admin: Any, make: Any, persons: int
) -> None:
    """S38."""
    instance = make()
    before = AuditEntry.objects.count()

    as_ft_admin.get(record_url(instance))

    [entry] = AuditEntry.objects.order_by("pk")[before:]
    assert (entry.action, entry.actor, entry.target_id, entry.persons) == (
        Action.ADMIN_READ,
        ft_admin.identifier,
        str(instance.pk),
        persons,
    )


def test_a_registers_row_added_or_changed_is_told(as_ft_admin: Client) -> None:
    """S37."""
    form = {"code": "essai", "label": "Essai", "kind": "retrait", "position": 50}

    as_ft_admin.post(reverse("admin:referrals_outcomecode_add"), form)
    code = OutcomeCode.objects.get(code="essai")
    as_ft_admin.post(record_url(code), form | {"label": "Essai bis", "code": "autre"})

    assert OutcomeCode.objects.get(code="essai").label == "Essai bis"
    assert [row[0] for row in entries_since(0)] == [
        Action.ADMIN_ADDED,
        Action.ADMIN_CHANGED,
    ]


def test_the_journal_button_shows_what_was_done_to_this_object(
    as_ft_admin: Client,
) -> None:
    convention = ConventionFactory(draft=True)
    signed_on = {
        "signed_by_ft_on": "2026-01-10",
        "signed_by_structure_on": "2026-01-12",
    }
    as_ft_admin.post(action_url(convention, "signer"), signed_on)
    url = reverse("admin:accounts_convention_history", args=[convention.pk])

    response = as_ft_admin.get(url, follow=True)

    rows = response.context["cl"].result_list
    assert [row.action for row in rows] == [Action.CONVENTION_CHANGED]
