"""Accounts at the desk: suspended, reactivated, closed. See test_activation."""

from typing import Any

import pytest
from django.contrib import admin
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.team import actions
from accounts.users.enums import Role, UserState
from accounts.users.models.users import User
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from tests.accounts.factories import AdviserFactory, UserFactory, amend
from tests.admin.registers import action_url, entries_since, record_url, text_of

pytestmark = pytest.mark.django_db


def account_form(**changes: Any) -> dict[str, Any]:
    return {
        "first_name": "Nadia",
        "last_name": "Ferrand",
        "email": "nadia.ferrand@partenaire.example",
        "phone": "04 65 71 00 11",
        "function": "Responsable",
        "structure": "",
        "agency": "",
        "reason": "erreur",
    } | changes


ADD_USER = "admin:accounts_user_add"


def test_two_people_with_one_address_meet_a_message(as_ft_admin: Client) -> None:
    UserFactory(role=Role.FT_ADMIN, email="nadia.ferrand@partenaire.example")

    response = as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN))

    assert "Un compte utilise déjà cette adresse de courriel." in text_of(response)


def test_what_an_action_refuses_is_said_on_the_form_as_it_was_typed(
    as_ft_admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = AdviserFactory()

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise MoveRefused("Trop tard.")

    monkeypatch.setattr(actions, "change_account_by_staff", refuse)
    page = as_ft_admin.post(record_url(account), account_form())

    assert page.context["adminform"].form.non_field_errors() == ["Trop tard."]
    assert 'value="nadia.ferrand@partenaire.example"' in text_of(page)
    account.refresh_from_db()
    assert account.email != "nadia.ferrand@partenaire.example"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MoveRefused("Trop tard."), "Trop tard."),
        (ValidationError(["Trop tard.", "Trop peu."]), "Trop tard. Trop peu."),
    ],
)
def test_what_a_button_refuses_is_said_in_its_words(
    as_ft_admin: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    account = AdviserFactory()
    buttons = admin.site.get_model_admin(User).admin_actions
    [closing] = [one for one in buttons if one.slug == "fermer-sessions"]

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(closing.form, "act", staticmethod(refuse))
    page = as_ft_admin.post(action_url(account, closing.slug), {})

    assert page.status_code == 409
    assert page.context["form"].non_field_errors() == [words]


def test_nobody_types_a_password_or_an_identifier(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    before = (account.password, account.identifier, account.role, account.state)

    as_ft_admin.post(
        record_url(account),
        account_form(
            password="choisi par un autre",
            identifier="IDA-0001",
            role=Role.FT_ADMIN,
            state=UserState.CLOSED,
        ),
    )

    account.refresh_from_db()
    after = (account.password, account.identifier, account.role, account.state)
    assert account.last_name == "Ferrand"
    assert after == before


def test_an_address_changed_at_the_desk_is_told_to_both_mailboxes(
    as_ft_admin: Client,
) -> None:
    """S11: as on the RGC's own page; the journal tells which fields, and no address."""
    account = AdviserFactory(email="ancienne@partenaire.example")
    form = account_form(email="neuve@partenaire.example")
    as_it_was = {
        name: getattr(account, name) for name in form if hasattr(account, name)
    }
    del as_it_was["structure"], as_it_was["agency"], as_it_was["email"]

    as_ft_admin.post(record_url(account), form | as_it_was)
    outbox.relay()

    assert {letter.to[0] for letter in mail.outbox} == {
        "ancienne@partenaire.example",
        "neuve@partenaire.example",
    }
    entry = AuditEntry.objects.get(action=Action.ACCOUNT_CHANGED)
    assert entry.details["fields"] == ["email"]
    assert "partenaire.example" not in str(entry.details)


def test_suspend_reactivate_close(as_ft_admin: Client) -> None:
    account = AdviserFactory(last_login=timezone.now())
    before = AuditEntry.objects.count()

    as_ft_admin.post(action_url(account, "suspendre"), {"reason": "usage"})
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED
    as_ft_admin.post(action_url(account, "reactiver"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    as_ft_admin.post(action_url(account, "fermer"), {"reason": "depart"})
    account.refresh_from_db()
    assert account.state == UserState.CLOSED

    pk = str(account.pk)
    assert entries_since(before) == [
        (Action.ACCOUNT_SUSPENDED, pk, ""),
        (Action.ACCOUNT_REACTIVATED, pk, ""),
        (Action.ACCOUNT_CLOSED, pk, ""),
    ]


def test_a_full_structure_gets_no_account_back(as_ft_admin: Client) -> None:
    account = AdviserFactory()
    convention = account.structure.conventions.get()
    as_ft_admin.post(action_url(account, "suspendre"), {"reason": "place"})
    amend(convention, quota=0)

    response = as_ft_admin.post(action_url(account, "reactiver"), follow=True)

    assert "La convention ne prévoit aucun compte" in text_of(response)
    account.refresh_from_db()
    assert account.state == UserState.SUSPENDED


def test_nobody_suspends_himself(as_ft_admin: Client, ft_admin: Any) -> None:
    as_ft_admin.post(action_url(ft_admin, "suspendre"), {"reason": "usage"})

    ft_admin.refresh_from_db()
    assert ft_admin.state == UserState.ACTIVE


def test_accounts_ask_the_factor_again_after_a_while(as_ft_admin: Client) -> None:
    """S17."""
    account = AdviserFactory()
    session = as_ft_admin.session
    session["confirmed"] = timezone.now().timestamp() - 16 * 60
    session.save()

    for response in [
        as_ft_admin.get(reverse(ADD_USER)),
        as_ft_admin.post(reverse(ADD_USER), account_form(role=Role.FT_ADMIN)),
        as_ft_admin.post(action_url(account, "suspendre"), {"reason": "usage"}),
        as_ft_admin.post(record_url(account), account_form()),
    ]:
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("step_up"))
    account.refresh_from_db()
    assert account.state == UserState.ACTIVE
    assert account.last_name != "Ferrand"
    assert as_ft_admin.get(record_url(account)).status_code == 200
