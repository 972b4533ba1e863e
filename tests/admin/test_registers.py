"""What holds for every register: the cost of its list, its sheets, nothing deleted."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.admin.registers import MAKERS, list_url, sheet_url, text_of

pytestmark = pytest.mark.django_db


def test_every_register_is_tried_here() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}

    assert registered == set(MAKERS)


@pytest.mark.parametrize("label", MAKERS)
def test_lists_cost_the_same_whatever_their_length(
    as_ft_admin: Client, label: str
) -> None:
    make = MAKERS[label]

    def count_queries() -> int:
        with CaptureQueriesContext(connection) as queries:
            response = as_ft_admin.get(list_url(label))
        assert response.status_code == 200
        return len(queries)

    make()
    count_queries()  # Warms the caches of the site.
    with_one = count_queries()
    make()
    make()

    assert count_queries() == with_one
    assert with_one <= 12


@pytest.mark.parametrize("label", MAKERS)
def test_sheets_open_and_have_a_title(as_ft_admin: Client, label: str) -> None:
    response = as_ft_admin.get(sheet_url(MAKERS[label]()))

    assert response.status_code == 200
    assert re.search(
        r"<title>\s*\S.* \| Administration d’Opus</title>", text_of(response)
    )


@pytest.mark.parametrize("label", MAKERS)
def test_lists_are_searched(as_ft_admin: Client, label: str) -> None:
    MAKERS[label]()

    response = as_ft_admin.get(list_url(label), {"q": "38086"})

    assert response.status_code == 200


@pytest.mark.parametrize("label", MAKERS)
def test_nothing_is_ever_deleted(as_ft_admin: Client, label: str) -> None:
    """S27."""
    instance = MAKERS[label]()
    model = type(instance)
    url = reverse(f"admin:{label.replace('.', '_')}_delete", args=[instance.pk])

    assert as_ft_admin.get(url).status_code == 403
    assert as_ft_admin.post(url, {"post": "yes"}).status_code == 403
    as_ft_admin.post(
        list_url(label), {"action": "delete_selected", "_selected_action": instance.pk}
    )
    assert model.objects.filter(pk=instance.pk).exists()
