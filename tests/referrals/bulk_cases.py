"""Bulk actions for tests: the address of a selection, and what its page sends."""

import uuid

from django.urls import reverse
from django.utils.http import urlencode

from referrals.bulk.actions import written


def address_of(offers, people, **query):
    """The page that checks these offers for these persons."""
    parameters = {"offre": [one.pk for one in offers]}
    parameters["personne"] = [one.pk for one in people]
    return f"{reverse('bulk')}?{urlencode(parameters | query, doseq=True)}"


def pairs_of(offers, people):
    offers = list(offers)
    return [written((one.pk, who.pk)) for who in people for one in offers]


def propose(client, offers, people, key=None, *, acte="", follow=True, **data):
    """Confirm every pair; follow to what became of it."""
    query = {"acte": acte} if acte else {}
    posted = {"key": key or uuid.uuid4(), "paire": pairs_of(offers, people)} | data
    address = address_of(offers, people, **query)
    return client.post(address, posted, follow=follow)
