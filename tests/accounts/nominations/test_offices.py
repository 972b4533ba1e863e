"""An RGC in office keeps an account; a suspended one is seen (art. 4.1 to 4.3)."""

import pytest
from django.urls import reverse

from accounts.nominations.enums import NominationState
from accounts.team import actions
from accounts.users import account_texts
from accounts.users.enums import SuspensionReason, UserState
from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    FtAdminFactory,
    NominationFactory,
    RgcFactory,
    StructureFactory,
)
from tests.accounts.journeys import queue_of
from tests.accounts.nominations.test_successions import put_in_office_by_sql
from tests.admin.registers import action_url, list_url
from tests.conftest import sign_in
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db


def press(client, row, slug, **data):
    return client.post(action_url(row, slug), data)


def state_of(account: User) -> str:
    return User.objects.get(pk=account.pk).state


def suspend(account: User, *, by: User, reason: str = SuspensionReason.MISUSE) -> User:
    actions.suspend_account(account, by=by, reason=reason)
    return User.objects.get(pk=account.pk)


# --- Closing an RGC in office, and a suspended account that takes office --------------


def test_sql_does_not_close_an_rgc_in_office():
    rgc = RgcFactory()

    with database_refuses("RGC en fonction"):
        User.objects.filter(pk=rgc.pk).update(state="ferme")

    assert state_of(rgc) == UserState.ACTIVE


def test_the_button_refuses_to_close_an_rgc_in_office_and_says_what_to_do(as_ft_admin):
    rgc = RgcFactory()

    answer = press(as_ft_admin, rgc, "fermer", reason="depart")

    assert answer.status_code == 409
    assert "enregistrez d’abord la fin de sa nomination" in answer.text
    assert state_of(rgc) == UserState.ACTIVE


@pytest.mark.parametrize("state", [UserState.SUSPENDED, UserState.CLOSED])
def test_sql_puts_no_suspended_or_closed_account_in_office(state):
    nomination = NominationFactory(state=NominationState.ACCEPTED)
    User.objects.filter(pk=nomination.person_id).update(state=state)

    with database_refuses("ne prend pas de fonction"):
        put_in_office_by_sql(nomination, FtAdminFactory())


def test_the_button_puts_no_suspended_account_in_office(as_ft_admin, ft_admin):
    nomination = NominationFactory(state=NominationState.ACCEPTED)
    suspend(nomination.person, by=ft_admin)

    answer = press(as_ft_admin, nomination, "entrer-en-fonction")

    nomination.refresh_from_db()
    assert answer.status_code == 409
    assert "réactivez-le avant de la mettre en fonction" in answer.text
    assert nomination.state == NominationState.ACCEPTED


# --- A suspended RGC in office --------------------------------------------------------


def test_a_suspended_rgc_in_office_waits_on_the_desk(as_ft_admin, ft_admin):
    label = "RGC en fonction, compte suspendu"
    rgc = RgcFactory()
    RgcFactory()
    assert queue_of(as_ft_admin, label).value == "0"
    suspend(rgc, by=ft_admin)

    queue = queue_of(as_ft_admin, label)

    assert (queue.value, queue.is_waiting) == ("1", True)
    shown = as_ft_admin.get(queue.url).context["cl"].result_list
    assert [one.person for one in shown] == [rgc]
    assert queue.url.startswith(list_url("accounts.nomination"))


def test_advisers_of_a_suspended_rgc_are_told_to_ask_france_travail(client, ft_admin):
    structure = StructureFactory()
    rgc = RgcFactory(structure=structure)
    adviser = AdviserFactory(structure=structure)
    sign_in(client, adviser)
    before = client.get(reverse("profile")).text
    suspend(rgc, by=ft_admin)

    after = client.get(reverse("profile")).text

    assert "adressez-vous à cette personne" in before
    assert "ne peut pas agir dans Opus pour le moment" in after
    assert "Adressez-vous au correspondant France Travail" in after
    assert account_texts.helper_of(adviser) == account_texts.CORRESPONDENT


# --- What France Travail suspended ----------------------------------------------------


def test_an_rgc_does_not_reactivate_what_france_travail_suspended(client, ft_admin):
    structure = StructureFactory()
    rgc = RgcFactory(structure=structure)
    adviser = suspend(AdviserFactory(structure=structure), by=ft_admin)
    sign_in(client, rgc)

    page = client.get(reverse("account", args=[adviser.public_id])).text
    answer = client.post(reverse("account_reactivate", args=[adviser.public_id]))

    assert answer.status_code == 409
    assert "suspendu par France Travail" in answer.text
    assert state_of(adviser) == UserState.SUSPENDED
    assert reverse("account_reactivate", args=[adviser.public_id]) not in page
    assert "Ce compte a été suspendu par France Travail" in page
    # Who, why: never the name of the agent.
    assert "par France Travail\xa0: Soupçon d’utilisation" in page
    history = client.get(reverse("accounts_history")).text
    assert ft_admin.get_full_name() not in page + history
    assert ">France Travail</td>" in history
    with pytest.raises(MoveRefused, match="changer l’adresse"):
        actions.change_account(adviser, by=rgc, email="autre@partenaire.example")


def test_france_travail_reactivates_it_and_the_rgc_may_again(client, ft_admin):
    structure = StructureFactory()
    rgc = RgcFactory(structure=structure)
    adviser = suspend(AdviserFactory(structure=structure), by=ft_admin)
    actions.reactivate_account(adviser, by=FtAdminFactory())
    adviser = suspend(User.objects.get(pk=adviser.pk), by=rgc)
    sign_in(client, rgc)

    page = client.get(reverse("account", args=[adviser.public_id])).text
    client.post(reverse("account_reactivate", args=[adviser.public_id]))

    assert "par vous\xa0: Soupçon d’utilisation" in page
    assert state_of(adviser) != UserState.SUSPENDED
