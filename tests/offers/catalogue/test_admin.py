"""Offers at the desk: read, found, never written."""

import pytest
from django.test import Client
from django.urls import reverse

from offers.catalogue.models import Offer
from tests.admin.registers import list_url, record_url, text_of
from tests.offers.helpers.factories import OfferFactory

pytestmark = pytest.mark.django_db


def test_no_page_writes_an_offer(as_ft_admin: Client) -> None:
    """S22."""
    offer = OfferFactory()

    assert as_ft_admin.get(reverse("admin:offers_offer_add")).status_code == 403
    response = as_ft_admin.post(record_url(offer), {"title": "Autre intitulé"})

    assert response.status_code == 403
    assert Offer.objects.get().title == offer.title


def test_an_offer_is_found_by_number_title_or_safir(as_ft_admin: Client) -> None:
    OfferFactory(reference="188VMCV", title="Soudeur", agency_safir="38086")
    OfferFactory(reference="199ABCD", title="Maçon", agency_safir="69001")

    def found(term: str) -> list[str]:
        page = text_of(as_ft_admin.get(list_url("offers.offer"), {"q": term}))
        return [number for number in ["188VMCV", "199ABCD"] if number in page]

    assert found("188vmcv") == ["188VMCV"]
    assert found("soud") == ["188VMCV"]
    assert found("69001") == ["199ABCD"]
