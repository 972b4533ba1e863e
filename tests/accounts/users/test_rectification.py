"""V14: an account put right, with its history, told to whoever had its data."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.team import actions
from accounts.users.account_texts import history_of
from accounts.users.models import AccountCorrection, User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.privacy.personal_data import Person, Retention
from opus.lib.privacy.subject_access import as_json, collect
from referrals.corrections.actions import change_candidate
from tests.accounts.factories import (
    AdviserFactory,
    AgencyFactory,
    AgentFactory,
    FtAdminFactory,
    RgcFactory,
)
from tests.admin.registers import record_url, text_of
from tests.conftest import sign_in
from tests.lib.privacy.retention import next_morning, purge
from tests.referrals.factories import CandidateFactory, ReferralFactory
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import RightsRequestFactory

pytestmark = pytest.mark.django_db

TYPED = ("first_name", "last_name", "email", "phone", "function")


def typed(account, **changes):
    """What a desk's browser sends of an account's sheet."""
    sheet = {name: getattr(account, name) for name in TYPED}
    return sheet | {"reason": "erreur"} | changes


def letters_by_reader():
    """To whom letters left, each with its words."""
    outbox.relay()
    return {one.to[0]: one.subject + one.body for one in mail.outbox}


@pytest.mark.parametrize("factory", [AdviserFactory, RgcFactory, AgentFactory])
def test_what_an_account_said_is_kept_with_who_when_and_why(
    as_ft_admin, ft_admin, factory
):
    """V14: an adviser's, an RGC's, an agent's; of the fields that changed alone."""
    account = factory(last_name="Ferand")

    as_ft_admin.post(
        record_url(account), typed(account, last_name="Ferrand", reason="demande")
    )

    account.refresh_from_db()
    (kept,) = AccountCorrection.objects.filter(account=account)
    assert account.last_name == "Ferrand"
    assert (kept.field, kept.before, kept.after) == ("last_name", "Ferand", "Ferrand")
    assert (kept.reason, kept.by) == ("demande", ft_admin)


def test_the_rgcs_own_correction_leaves_its_history_too(rgc):
    adviser = AdviserFactory(structure=rgc.structure, phone="04 65 71 00 11")

    actions.change_account(adviser, by=rgc, phone="04 65 71 00 12")

    (kept,) = AccountCorrection.objects.filter(account=adviser)
    assert (kept.before, kept.by, kept.reason) == ("04 65 71 00 11", rgc, "erreur")


def test_nothing_changed_leaves_nothing_and_tells_nobody(as_ft_admin):
    account = AdviserFactory()

    as_ft_admin.post(record_url(account), typed(account, reason="demande"))

    assert not AccountCorrection.objects.exists()
    assert not AuditEntry.objects.filter(action=Action.ACCOUNT_CHANGED).exists()
    assert letters_by_reader() == {}


def test_what_was_said_is_never_changed_afterwards(ft_admin):
    """V14: by whoever writes."""
    account = AdviserFactory()
    actions.change_account(account, by=ft_admin, last_name="Autre")

    with pytest.raises(IntegrityError), transaction.atomic():
        AccountCorrection.objects.update(before="Jamais")


def test_a_reason_is_chosen(as_ft_admin):
    account = AdviserFactory(last_name="Ferand")

    page = as_ft_admin.post(
        record_url(account), typed(account, last_name="Ferrand", reason="")
    )

    account.refresh_from_db()
    assert account.last_name == "Ferand"
    assert "Ferrand" in page.content.decode()


def test_the_holder_and_who_had_the_data_are_told_without_them(ft_admin):
    """V14, V18: the RGC, who is over the agency that read an act; not its author."""
    over_the_agency = FtAdminFactory(agency=AgencyFactory(safir="38086"))
    rgc = RgcFactory()
    adviser = AdviserFactory(structure=rgc.structure, last_name="Ferand")
    ScreenedReferralFactory(
        candidate=CandidateFactory(adviser=adviser), offer__agency_safir="38086"
    )

    actions.change_account(adviser, by=ft_admin, last_name="Ferrand")

    letters = letters_by_reader()
    assert set(letters) == {adviser.email, rgc.email, over_the_agency.email}
    assert all(adviser.identifier in words for words in letters.values())
    assert all("nom" in words for words in letters.values())
    assert not any("Ferand" in words for words in letters.values())


def test_an_agency_that_read_nothing_of_the_account_is_told_nothing(ft_admin):
    AgencyFactory(safir="38086")
    FtAdminFactory()
    adviser = AdviserFactory()
    ReferralFactory(
        candidate=CandidateFactory(adviser=adviser), offer__agency_safir="38086"
    )

    actions.change_account(adviser, by=ft_admin, last_name="Ferrand")

    assert set(letters_by_reader()) == {adviser.email}


def test_an_address_alone_is_told_to_its_two_mailboxes_once_each(ft_admin):
    """S11: the letter about addresses says it already."""
    adviser = AdviserFactory(email="ancienne@partenaire.example")

    actions.change_account(adviser, by=ft_admin, email="neuve@partenaire.example")
    outbox.relay()

    assert sorted(one.to[0] for one in mail.outbox) == [
        "ancienne@partenaire.example",
        "neuve@partenaire.example",
    ]
    assert AccountCorrection.objects.get().before == "ancienne@partenaire.example"


def test_what_was_empty_is_told_to_the_holder_alone(ft_admin, rgc):
    """It was wrong for nobody."""
    adviser = AdviserFactory(structure=rgc.structure, phone="")

    actions.change_account(adviser, by=ft_admin, phone="04 65 71 00 12")

    assert set(letters_by_reader()) == {adviser.email}


def test_a_closed_account_is_put_right_by_staff_and_by_nobody_else(ft_admin, rgc):
    """GDPR 16: as long as its name is kept."""
    account = AdviserFactory(structure=rgc.structure)
    account.move_to("ferme", by=None)

    with pytest.raises(MoveRefused):
        actions.change_account(account, by=rgc, phone="04 65 71 00 12")
    actions.change_account(account, by=ft_admin, last_name="Ferrand")

    assert User.objects.get(pk=account.pk).last_name == "Ferrand"


def test_what_was_said_goes_with_the_name(ft_admin):
    """V9: twelve months after the account was closed."""
    account = AdviserFactory()
    actions.change_account(account, by=ft_admin, last_name="Ferrand")
    account.refresh_from_db()
    account.move_to("ferme", by=None)

    with next_morning(12):
        purge(Retention.ACCOUNT)

    assert not AccountCorrection.objects.exists()


# --- Where it is read -----------------------------------------------------------------


def test_the_rights_sheet_shows_what_was_put_right(as_ft_admin, ft_admin):
    """V14: of an account and of the sheets of a candidate, and it is a read (S38)."""
    account = AdviserFactory(last_name="Ferand")
    actions.change_account(account, by=ft_admin, last_name="Ferrand")
    candidate = CandidateFactory(last_name="Dupond")
    change_candidate(candidate, by=candidate.adviser, last_name="Dupont")
    of_account = RightsRequestFactory(under_way=True, account=account)
    of_sheet = RightsRequestFactory(under_way=True, registered=True)
    of_sheet.candidates.create(candidate=candidate.pk)

    pages = {
        asked: text_of(as_ft_admin.get(record_url(asked)))
        for asked in (of_account, of_sheet)
    }

    for asked, words in [
        (of_account, ["Ferand", "Ferrand"]),
        (of_sheet, ["Dupond", "Dupont", "erreur de saisie"]),
    ]:
        assert [word for word in words if word not in pages[asked]] == []
    read = AuditEntry.objects.filter(action=Action.ADMIN_READ).latest("at")
    assert read.person_ids == [candidate.pk]


def test_who_does_not_answer_a_request_reads_nothing_of_the_person(client, ft_admin):
    """S27: who wrote it down and sent it on sees its number, not the data."""
    account = AdviserFactory(last_name="Ferand")
    actions.change_account(account, by=ft_admin, last_name="Ferrand")
    agent = AgentFactory()
    asked = RightsRequestFactory(under_way=True, account=account, recorded_by=agent)
    sign_in(client, agent)

    page = text_of(client.get(record_url(asked)))

    assert asked.number in page
    assert "Ferand" not in page


def test_the_holder_reads_what_was_put_right_and_nobody_elses(
    as_adviser, adviser, ft_admin
):
    other = AdviserFactory(last_name="Inconu")
    actions.change_account(adviser, by=ft_admin, function="Conseillère")
    actions.change_account(other, by=ft_admin, last_name="Inconnu")

    page = text_of(as_adviser.get(reverse("own_rights")))

    assert "Conseillère" in page
    assert "Inconu" not in page


def test_a_correction_is_in_the_history_and_in_the_copy_of_the_persons_data(ft_admin):
    """V13: the history says which datum, the copy what was said of it."""
    account = AdviserFactory(last_name="Ferand")
    actions.change_account(account, by=ft_admin, last_name="Ferrand")

    copy = as_json(collect(Person(accounts=frozenset({account.pk}))))

    assert "Rectification : nom" in [line.label for line in history_of(account)]
    assert "Ferand" in copy
