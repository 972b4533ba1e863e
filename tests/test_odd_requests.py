"""Requests that only a hand writes: each is answered, none breaks down."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from opus.lib.model_admin.staff_admin import NO_SUCH_ROW, StaffAdmin
from opus.lib.web import site
from opus.support.news.models import Announcement
from tests.accounts.factories import ConventionFactory
from tests.admin.registers import MAKERS, list_url, record_url
from tests.cases import each_case
from tests.forms import longest_form
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.screened import ScreenedReferralFactory
from tests.support.factories import AnnouncementFactory

pytestmark = pytest.mark.django_db
ENDLESS = "9" * 5_000
NO_KEYS = ("autre", "\0", "-", "1e999", ENDLESS)


def with_actions() -> list[str]:
    """The registers whose list acts on the rows that one ticks."""
    return [
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if isinstance(page, StaffAdmin) and page.actions
    ]


@each_case("label", with_actions())
def test_a_row_that_cannot_exist_is_not_acted_on(as_ft_admin: Client, label: str):
    MAKERS[label]()
    pages: Any = {one._meta.label_lower: one for one in admin.site._registry}
    [action, *_] = admin.site.get_model_admin(pages[label]).actions
    name = action if isinstance(action, str) else action.__name__

    for key in NO_KEYS:
        sent = {"action": name, "_selected_action": [key], "index": "0"}
        page = as_ft_admin.post(list_url(label), sent, follow=True)

        assert page.status_code == 200
        told = [str(message) for message in page.context["messages"]]
        # The key of an offer is a text: « autre » is one that no row has.
        assert told == [NO_SUCH_ROW] or not is_number(label), key


def is_number(label: str) -> bool:
    [model] = [one for one in admin.site._registry if one._meta.label_lower == label]
    kind = model._meta.pk.get_internal_type()
    return kind not in {"CharField", "TextField"}


def test_a_format_that_does_not_exist_is_not_found(as_ft_admin: Client):
    url = reverse("admin:register_export", args=["accounts.convention", "docx"])

    assert as_ft_admin.post(url).status_code == 404


def test_the_amendment_of_a_preview_may_be_any_text(as_ft_admin: Client):
    url = reverse("admin:convention_preview", args=[ConventionFactory().pk])

    for number in (ENDLESS, "²", "٣", "-1", "1e9"):
        assert as_ft_admin.get(url, {"amendment": number}).status_code == 200


def test_an_infinity_in_a_hidden_field_is_the_present_state(as_ft_admin: Client):
    row = AnnouncementFactory(draft=True)
    form = longest_form(as_ft_admin.get(record_url(row)))

    for version in ("1e999", "-1e999", "NaN", ENDLESS, "[]", '"x"'):
        shown = f'{{"v": {version}, "f": {{}}}}'
        answer = as_ft_admin.post(form.action, form.data(shown=shown, title="Autre"))

        assert answer.status_code == 302
    assert Announcement.objects.get().title == "Autre"


def test_filters_encoded_twice_are_no_list(as_ft_admin: Client):
    act = ScreenedReferralFactory()

    page = as_ft_admin.get(f"{record_url(act)}?_changelist_filters=q%3D%2500")
    other = as_ft_admin.get(f"{record_url(act)}?_changelist_filters=state%3D%2500")

    assert [page.status_code, other.status_code] == [200, 200]


def test_a_nul_in_the_key_of_a_sheet_is_no_row(as_ft_admin: Client):
    """« _00 » is how Django's admin writes it, and no middleware reads it."""
    OfferFactory()
    url = reverse("admin:offers_offer_change", args=["_00"])

    assert as_ft_admin.get(url).status_code == 302


def test_the_journal_of_a_partner_takes_no_digits_without_end(as_ft_admin: Client):
    url = reverse("admin:lib_auditentry_changelist")

    page = as_ft_admin.get(url, {"objet": f"accounts.structure {ENDLESS}"})

    assert page.status_code == 200


@pytest.mark.parametrize(
    ("method", "address"), [("OPTIONS", "*"), ("CONNECT", "opus.example:443")]
)
def test_an_address_without_a_slash_is_answered(
    client: Client, method: str, address: str
):
    """As gunicorn passes on « OPTIONS * » and « CONNECT opus.example:443 »."""
    client.raise_request_exception = False

    answer = client.generic(method, "/", PATH_INFO=address)

    assert answer.status_code == 404
    request = RequestFactory().generic(method, "/", PATH_INFO=address)
    assert site(request)["section"] == ""
