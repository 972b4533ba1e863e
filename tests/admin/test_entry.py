"""Who comes in at France Travail's desk, and who is told that it does not exist."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.factories import AdviserFactory, RgcFactory
from tests.admin.registers import MAKERS, list_url, record_url
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def every_address() -> list[str]:
    """Every page of the desk that needs no object, and a sheet of each register."""
    addresses = [reverse("admin:index")]
    for label, make in MAKERS.items():
        addresses += [list_url(label), record_url(make())]
    return addresses


@pytest.mark.thorough
def test_staff_with_a_password_alone_see_no_page(client: Client, ft_admin: Any) -> None:
    """S27."""
    client.force_login(ft_admin, "accounts.signin.backends.IdentifierBackend")

    for address in every_address():
        response = client.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("login_code")), address


@pytest.mark.thorough
@pytest.mark.parametrize("factory", [AdviserFactory, RgcFactory])
def test_the_desk_does_not_exist_for_partners(client: Client, factory: Any) -> None:
    sign_in(client, factory())

    statuses = {client.get(address).status_code for address in every_address()}

    assert statuses == {404}


def test_a_stranger_goes_to_the_one_sign_in_page(client: Client) -> None:
    response = client.get(reverse("admin:index"))

    assert response.status_code == 302
    assert response["Location"].split("?")[0] in {
        reverse("login"),
        reverse("admin:login"),
    }
    assert client.get(reverse("admin:login"))["Location"].split("?")[0] == reverse(
        "login"
    )


def test_the_desk_has_no_password_form_of_its_own(as_ft_admin: Client) -> None:
    """S9."""
    for name in ["login/", "logout/", "password_change/"]:
        assert as_ft_admin.get(f"/admin/{name}").status_code == 404
