"""A state changes once; a query compiled once gives the objects of its queryset."""

import threading

import pytest
from django.db import DatabaseError, connection
from django.db.models import Value

from accounts.agreements.models.conventions import Convention
from accounts.users.enums import UserState
from accounts.users.models import User
from opus.lib.database.queries import VALUE, CompiledQuery, planned_rows
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import (
    AdviserFactory,
    ConventionFactory,
    FtAdminFactory,
    amend,
)
from tests.tables import connected_as_served, planned_statements


@pytest.mark.django_db
def test_a_move_leaves_its_step(adviser):
    adviser.suspend(by=None, reason="absence")

    step = adviser.steps.get()
    assert (step.origin, step.target, step.note) == (
        "actif",
        "suspendu",
        {"reason": "absence"},
    )


@pytest.mark.django_db
def test_a_refused_move_says_so_in_french_and_leaves_no_step(adviser):
    adviser.close(by=None, reason="départ")

    with pytest.raises(
        MoveRefused, match="«\xa0fermé\xa0» ne peut pas devenir «\xa0actif\xa0»"
    ):
        adviser.move_to(UserState.ACTIVE, by=None)

    assert adviser.steps.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_who_move_the_same_object_make_one_move():
    """R11: the copy in memory may be minutes old; the row under lock decides."""
    adviser = AdviserFactory()
    copies = [User.objects.get(pk=adviser.pk) for _ in range(2)]
    barrier = threading.Barrier(2)
    results: list[str] = []

    def close(copy: User) -> None:
        barrier.wait()
        try:
            copy.close(by=None, reason="départ")
            results.append("closed")
        except MoveRefused:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=close, args=[copy]) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["closed", "refused"]
    assert adviser.steps.filter(target=UserState.CLOSED).count() == 1


pytestmark = pytest.mark.django_db


def test_it_gives_the_objects_of_its_queryset(django_assert_num_queries):
    accounts = User.objects.annotate(seven=Value(7)).filter(pk=VALUE)
    query = CompiledQuery(accounts, related="structure")
    people = [AdviserFactory(), AdviserFactory(), FtAdminFactory()]

    with django_assert_num_queries(4):
        found = [query.row(person.pk) for person in people]
        structures = [person.structure for person in found]
        assert query.row(0) is None

    assert structures == [person.structure for person in people]
    assert [person.seven for person in found] == [7, 7, 7]
    for person in people:
        person.refresh_from_db()
    for field in User._meta.concrete_fields:
        values = [getattr(person, field.attname) for person in people]
        assert [getattr(person, field.attname) for person in found] == values
    found[0].save()  # It is known as a row of the table.


def test_a_value_is_converted_as_its_field_says():
    convention = ConventionFactory()
    amend(convention, quota=30)
    conventions = Convention.objects.with_terms()

    found = CompiledQuery(conventions.filter(pk=VALUE)).row(convention.pk)

    plain = conventions.get(pk=convention.pk)
    assert found.loaded_changes == plain.loaded_changes
    assert found.quota == plain.quota == 30


def test_other_fields_are_deferred(django_assert_num_queries):
    person = AdviserFactory()
    query = CompiledQuery(User.objects.filter(pk=VALUE), fields=("email",))

    found = query.row(person.pk)

    assert found.get_deferred_fields() >= {"identifier", "structure_id"}
    with django_assert_num_queries(1):
        assert (found.email, found.identifier) == (person.email, person.identifier)


@pytest.mark.django_db(transaction=True)
def test_each_thread_queries_by_its_own_connection():
    query = CompiledQuery(Convention.objects.with_terms().filter(pk=VALUE))
    convention = ConventionFactory()
    found = []

    def load():
        found.append(query.row(convention.pk))
        connection.close()

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()

    assert found == [convention]
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_it_is_planned_once_a_connection():
    """P1: planning takes longer than finding one row."""
    query = CompiledQuery(User.objects.filter(pk=VALUE))
    people = [AdviserFactory(), AdviserFactory()]
    with connected_as_served():
        found = [query.row(person.pk) for person in people]
        planned = planned_statements()

    assert found == people
    assert [one.count("accounts_user") > 0 for one in planned] == [True]


def test_its_query_counts_as_one_of_a_page(django_assert_num_queries):
    query = CompiledQuery(User.objects.filter(pk=VALUE))
    person = AdviserFactory()

    with django_assert_num_queries(1):
        query.row(person.pk)


def test_what_postgresql_refuses_of_a_planned_statement_is_an_error_of_django():
    with pytest.raises(DatabaseError):
        planned_rows("SELECT 1 / (%s - 1)", [1])
