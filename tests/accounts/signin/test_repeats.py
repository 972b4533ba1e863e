"""The same form sent twice acts once: double click, Back, a request repeated."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.urls import reverse

from accounts.agreements.models.amendments import Amendment
from accounts.signin.models import OpenSession
from accounts.signin.sessions import digest
from tests.accounts.factories import (
    ConventionFactory,
    FtAdminFactory,
    OpenSessionFactory,
)
from tests.admin.registers import action_url
from tests.conftest import sign_in
from tests.forms import Form, forms_of, longest_form

pytestmark = pytest.mark.django_db

ANSWERS = {"reference": "DR-12", "noticed_on": "2026-01-05", "ft_contact": "Mme Deux"}
WITHOUT = [name for name in settings.MIDDLEWARE if "RepeatMiddleware" not in name]


def signed_in(client: Client, user: Any) -> Client:
    """With the session's row, as a true sign-in leaves it."""
    sign_in(client, user)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    OpenSessionFactory(account=user, key_hash=digest(key))
    return client


def amendment_form(client: Client) -> Form:
    return longest_form(client.get(action_url(ConventionFactory(), "avenant")))


def form_at(client: Client, url: str) -> Form:
    """The page's own form, beside the menu's."""
    [form] = [form for form in forms_of(client.get(url)) if form.action == url]
    return form


def send(client: Client, form: Form, **changes: str) -> Any:
    return client.post(form.action, form.data(**(ANSWERS | changes)))


def test_a_form_sent_again_leads_where_the_first_led(client):
    """Two amendments, letters and e-mails too."""
    signed_in(client, FtAdminFactory())
    form = amendment_form(client)

    first, second = send(client, form), send(client, form)

    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert Amendment.objects.count() == 1


def test_without_the_guard_it_acts_twice(client, settings):
    """The control."""
    settings.MIDDLEWARE = WITHOUT
    signed_in(client, FtAdminFactory())
    form = amendment_form(client)

    send(client, form)
    send(client, form)

    assert Amendment.objects.count() == 2


def test_another_page_or_another_answer_is_another_form(client):
    signed_in(client, FtAdminFactory())
    form = amendment_form(client)
    send(client, form)

    send(client, form, ft_contact="Mme Trois")
    send(client, longest_form(client.get(form.action)), ft_contact="Mme Trois")

    assert Amendment.objects.count() == 3


def test_a_form_that_was_refused_is_tried_again(client):
    signed_in(client, FtAdminFactory())
    form = amendment_form(client)

    refused = send(client, form, noticed_on="2099-01-01")
    again = send(client, form, noticed_on="2099-01-01")

    assert refused.status_code == again.status_code == 409
    assert again.context["form"].errors


def test_after_something_else_the_first_form_acts_again(client):
    """Suspend, reactivate, then back to the first page: she means it."""
    admin = FtAdminFactory()
    signed_in(client, admin)
    other = FtAdminFactory()
    page = form_at(client, action_url(other, "suspendre"))
    data = page.data(reason="verification")
    client.post(page.action, data)
    back = form_at(client, action_url(other, "reactiver"))
    client.post(back.action, back.data())

    client.post(page.action, data)

    other.refresh_from_db()
    assert other.state == "suspendu"


def test_nothing_of_what_is_typed_is_kept(client):
    signed_in(client, FtAdminFactory())
    form = amendment_form(client)

    send(client, form, ft_contact="Mme Canari")

    row = OpenSession.objects.get()
    assert "Canari" not in f"{row.last_form} {row.last_answer}"
    assert row.last_answer.startswith(reverse("admin:index"))


@pytest.mark.django_db(transaction=True)
def test_a_double_click_acts_once_and_both_see_the_result():
    admin = FtAdminFactory()
    client = signed_in(
        Client(headers={"host": "localhost"}, SERVER_NAME="localhost"), admin
    )
    form = amendment_form(client)

    def click(_: int) -> Any:
        try:
            twin = Client(headers={"host": "localhost"}, SERVER_NAME="localhost")
            twin.cookies = client.cookies
            return send(twin, form)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(click, range(2)))

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer.url for answer in answers}) == 1
    assert Amendment.objects.count() == 1
