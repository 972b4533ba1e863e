"""Accounts closed long ago and conventions ended long ago lose their names (V9)."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.agreements.models.letters import Letter
from accounts.privacy.retention import ERASED
from accounts.signin.models import Passkey, TotpDevice
from accounts.users.models import User
from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import Retention
from tests.accounts.factories import (
    AccountHoldFactory,
    AdviserFactory,
    AgreementDocumentFactory,
    AmendmentFactory,
    BreachFactory,
    FtAdminFactory,
    LetterFactory,
    NominationFactory,
    SignedCopyFactory,
)
from tests.lib.privacy.retention import last_evening, next_morning, purge

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
MONTHS = settings.KEPT.account
YEARS = settings.KEPT.convention


def closed_account() -> User:
    account: User = AdviserFactory()
    account.move_to("ferme", by=None)
    return account


def names_of(account: User) -> set[str]:
    account.refresh_from_db()
    names = "first_name", "last_name", "email", "phone", "function"
    return {getattr(account, name) for name in names} - {""}


def test_a_closed_account_loses_its_name_the_day_after_twelve_months():
    """V9, S12, art. 5.1: its steps stay, its keys go; nobody gets its identifier."""
    account = closed_account()
    identifier, steps = account.identifier, account.steps.count()
    password = account.password

    with last_evening(MONTHS):
        purge(Retention.ACCOUNT)
        assert names_of(account)
    with next_morning(MONTHS):
        purge(Retention.ACCOUNT)

    assert names_of(account) == set()
    assert (account.identifier, account.steps.count()) == (identifier, steps)
    assert account.erased_at is not None
    assert account.password != password
    assert not account.has_usable_password()
    assert str(account) == f"Compte {identifier}"
    assert not TotpDevice.objects.filter(user=account).exists()
    assert not Passkey.objects.filter(user=account).exists()
    assert account.steps.filter(target="ferme").exists()
    with pytest.raises(DatabaseError, match="identifier_of_one_person"):
        FtAdminFactory(identifier=identifier.lower())


def test_an_account_that_is_open_or_suspended_keeps_its_name():
    """V9."""
    accounts = [AdviserFactory(), AdviserFactory(suspended=True)]

    with next_morning(10 * MONTHS):
        purge(Retention.ACCOUNT)

    assert all(names_of(account) for account in accounts)


def test_a_held_account_keeps_its_name():
    """V11: for the purge, and for whoever writes."""
    account = closed_account()
    with next_morning(MONTHS):
        hold = AccountHoldFactory(
            account=account, ends_on=timezone.localdate() + 30 * DAY
        )
        purge(Retention.ACCOUNT)
        assert names_of(account)

    erase = "UPDATE accounts_user SET erased_at = now(), first_name = '',"
    erase += " last_name = '', email = '', phone = '', function = '' WHERE id = %s"
    with (
        pytest.raises(DatabaseError, match="conservées pour un litige"),
        transaction.atomic(),
        retention.deletions_allowed(),
        connection.cursor() as cursor,
    ):
        cursor.execute(erase, [account.pk])
    hold.lift(by=hold.placed_by)
    with next_morning(MONTHS):
        purge(Retention.ACCOUNT)
    assert names_of(account) == set()


def test_nobody_else_erases_a_name_as_at_term():
    """V10."""
    account = closed_account()

    with pytest.raises(DatabaseError, match="avant son terme"), transaction.atomic():
        User.objects.filter(pk=account.pk).update(erased_at=timezone.now())


def test_a_convention_loses_its_names_the_day_after_five_years():
    """V9: the nomination, the contacts, the letters; dates and decisions stay."""
    nomination = NominationFactory()
    convention, ends_on = nomination.convention, nomination.convention.ends_on
    letter = LetterFactory(convention=convention, nomination=nomination)
    document = AgreementDocumentFactory(convention=convention)
    scan = SignedCopyFactory(convention=convention)
    amendment = AmendmentFactory(
        convention=convention, ft_contact="M. Essai", quota=None
    )
    breach = BreachFactory(convention=convention, notified=True)
    decided_on, sha256 = nomination.decided_on, letter.html_sha256

    with last_evening(YEARS, since=ends_on):
        purge(Retention.CONVENTION)
        nomination.refresh_from_db()
        assert nomination.last_name != ERASED
    with next_morning(YEARS, since=ends_on):
        purge(Retention.CONVENTION)
        again = purge(Retention.CONVENTION)

    for row in (nomination, convention, amendment, breach):
        row.refresh_from_db()
    letter = Letter.objects.get(pk=letter.pk)
    assert (amendment.ft_contact, breach.facts) == (ERASED, ERASED)
    for name in ("first_name", "last_name", "decision_by"):
        assert getattr(nomination, name) == ERASED
    assert nomination.decided_on == decided_on
    assert convention.signed_ft_contact in {"", ERASED}
    assert convention.signed_partner_contact_email in {"", ERASED}
    assert (letter.html, letter.addressee, letter.html_sha256) == ("", [ERASED], sha256)
    assert convention.partner_signatory == convention.ft_signatory == ERASED
    document.refresh_from_db()
    assert (document.html, bytes(document.content)) == ("", b"")
    digest = scan.sha256
    scan.refresh_from_db()
    assert (bytes(scan.content), scan.sha256) == (b"", digest)
    assert again.counts == {}


def test_a_held_rgc_keeps_the_names_of_his_nomination():
    """V11."""
    nomination = NominationFactory(convention__ends_on=timezone.localdate() + DAY)
    with next_morning(YEARS, since=nomination.convention.ends_on):
        AccountHoldFactory(
            account=nomination.person, ends_on=timezone.localdate() + DAY
        )
        purge(Retention.CONVENTION)

    nomination.refresh_from_db()
    assert nomination.last_name != ERASED


def test_a_letter_still_stays_and_its_text_is_frozen_for_all_others():
    """The leave opens what is frozen to the purge; a row stays even then."""
    letter = LetterFactory()
    with pytest.raises(DatabaseError, match="ne change plus"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(html="autre")

    with (
        pytest.raises(DatabaseError, match="ne s’efface pas"),
        transaction.atomic(),
        retention.deletions_allowed(),
    ):
        retention.delete(Letter.objects.filter(pk=letter.pk))
