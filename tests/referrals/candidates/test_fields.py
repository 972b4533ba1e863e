"""A field that is typed of a person is everywhere where it must be: V9, V13, V16.

Each test names the fields that a place still lacks; ``CONTRIBUTING.md`` walks through.
"""

import datetime as dt

import pytest
from django.db import models
from django.urls import reverse
from django.utils import timezone

from opus.lib.privacy import subject_access
from opus.lib.privacy.personal_data import Person
from referrals.candidates.access_log import HEADINGS
from referrals.candidates.forms import CANDIDATES
from referrals.candidates.models import Candidate, Merge
from referrals.duplicates.actions import losses, merge
from tests.opus.page import Page
from tests.referrals.factories import CandidateFactory

pytestmark = pytest.mark.django_db
# Derived from what is typed, or never typed.
NOT_TYPED = {"id", "commune_code", "created_at", "changed_at", "version"}


def typed_of(candidate):
    return {name: getattr(candidate, name) for name in Candidate.TYPED}


def lacking(found):
    """Return the fields that are not found, so that a failure names them."""
    return [name for name in Candidate.TYPED if name not in found]


def test_every_column_says_how_it_travels():
    columns = {
        field.name
        for field in Candidate._meta.concrete_fields
        if not isinstance(field, models.ForeignKey)
    }

    assert columns - NOT_TYPED == set(Candidate.TYPED)


def test_the_form_the_record_and_the_lists_have_every_field(as_adviser, adviser):
    candidate = CandidateFactory(adviser=adviser)
    form = Page.of(as_adviser.get(reverse("candidate_edit", args=[candidate.pk])))
    record = Page.of(as_adviser.get(candidate.get_absolute_url())).one("main").words()
    typed = typed_of(candidate)

    assert lacking({tag.attrs.get("name") for tag in form.tags}) == []
    assert lacking({name for name, value in typed.items() if value in record}) == []
    assert lacking(CANDIDATES.titles.values()) == []
    titles = {title for title, name in CANDIDATES.titles.items()}
    assert titles <= set(HEADINGS)


def test_the_lists_keep_the_order_that_people_know():
    assert [*CANDIDATES.titles.values()][:5] == [
        *("last_name", "first_name", "ft_id", "phone", "email")
    ]
    assert [*HEADINGS][1:6] == [
        *("Nom", "Prénom", "Identifiant France Travail", "Courriel", "Téléphone")
    ]


def test_her_copy_says_every_field():
    """V13: in a sentence for her, and in the rows for a program."""
    candidate = CandidateFactory()
    copy = subject_access.collect(Person(candidates=frozenset({candidate.pk})))
    sentences = " ".join(copy.sections)
    [held] = [one for one in copy.tables if one.table.model == "referrals.Candidate"]

    said = {name for name, value in typed_of(candidate).items() if value in sentences}
    assert lacking(said) == []
    assert lacking(set(held.rows[0])) == []


def test_every_change_of_the_record_moves_its_term():
    """V9: the trigger follows each column that says something of her."""
    long_ago = timezone.now() - dt.timedelta(days=400)
    moved = set()
    for name in Candidate.TYPED:
        candidate = CandidateFactory()
        rows = Candidate.objects.filter(pk=candidate.pk)
        rows.update(changed_at=long_ago)
        was = getattr(candidate, name)
        rows.update(**{name: OTHERWISE.get(name, f"{was} bis")})
        if rows.get().changed_at > long_ago:
            moved.add(name)
    # What says nothing new of her does not.
    rows.update(changed_at=long_ago)
    rows.update(created_at=long_ago)

    assert lacking(moved) == []
    assert rows.get().changed_at == long_ago


# Of those that have a form of their own.
OTHERWISE = {
    "first_name": "Zoé",
    "last_name": "Petit",
    "ft_id": "12345678901",
    "email": "autre@messagerie.example",
    "phone": "06 39 98 00 99",
    "address": "1 place de la Mairie",
    "postcode": "69003",
    "city": "Lyon",
}


def test_a_merge_keeps_every_field_or_says_that_it_is_lost(adviser):
    """Domain row 48: what the other record had fills the empty ones, else is named."""
    nameless = {"first_name", "last_name"}
    empty = dict.fromkeys(set(Candidate.TYPED) - nameless, "")
    kept = CandidateFactory(adviser=adviser, last_name="Petit", **empty)
    full = CandidateFactory(adviser=adviser, last_name="Petit")
    other = CandidateFactory(adviser=adviser, **OTHERWISE | {"ft_id": ""})
    words = " ".join(losses(full, other))
    # Two identifiers are two persons: such a merge is refused.
    said = {"first_name", "ft_id"} | {
        name for name, value in typed_of(other).items() if value and value in words
    }

    merge(kept, full, by=adviser)

    kept.refresh_from_db()
    filled = {name for name, value in typed_of(kept).items() if value}
    assert lacking(said) == []
    assert lacking(filled) == []
    assert {
        name for name, typed in Candidate.TYPED.items() if typed.merge == Merge.LEFT
    } == nameless
