"""A statement drawn up once answers as the queryset does."""

import threading

import pytest
from django.db import connection
from django.db.models import Value

from accounts.models import User
from opus.lib.statements import Statement
from tests.accounts.factories import AdviserFactory

pytestmark = pytest.mark.django_db


def accounts():
    return User.objects.select_related("structure").annotate(seven=Value(7))


def test_it_gives_the_rows_of_its_queryset(django_assert_num_queries):
    statement = Statement(accounts().filter(pk=Statement.HOLE))
    people = [AdviserFactory(), AdviserFactory()]

    with django_assert_num_queries(2):
        found = [statement.row(person.pk) for person in people]
        names = [person.structure.name for person in found]

    assert found == people
    assert names == [person.structure.name for person in people]
    assert [person.seven for person in found] == [7, 7]
    assert [person.email for person in found] == [person.email for person in people]
    assert statement.row(0) is None


def test_it_gives_all_the_rows():
    colleagues = [AdviserFactory()]
    colleagues.append(AdviserFactory(structure=colleagues[0].structure))
    AdviserFactory()

    statement = Statement(User.objects.filter(structure=Statement.HOLE).order_by("pk"))

    assert statement.rows(colleagues[0].structure_id) == colleagues


def test_the_value_may_be_a_text():
    person = AdviserFactory()

    statement = Statement(accounts().filter(identifier=Statement.HOLE))

    assert statement.row(person.identifier) == person
    assert statement.row("personne") is None


def test_it_is_not_drawn_up_again(monkeypatch):
    """P2: what it is for."""
    person = AdviserFactory()
    statement = Statement(accounts().filter(pk=Statement.HOLE))
    compiler = type(statement.compiler)
    monkeypatch.setattr(compiler, "get_select", lambda *args, **kwargs: 1 / 0)

    assert statement.row(person.pk) == person
    with pytest.raises(ZeroDivisionError):
        accounts().get(pk=person.pk)


@pytest.mark.django_db(transaction=True)
def test_it_asks_by_the_connection_of_its_thread():
    person = AdviserFactory()
    statement = Statement(accounts().filter(pk=Statement.HOLE))
    found = []

    def ask():
        found.append(statement.row(person.pk))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert found == [person]
    assert connection.is_usable()


def test_the_value_may_stand_in_several_places():
    person, other = AdviserFactory(), AdviserFactory()
    own = accounts().filter(pk=Statement.HOLE)
    twice = own.union(own.filter(pk=Statement.HOLE), all=True)

    statement = Statement(twice.order_by())

    assert statement.rows(person.pk) == [person, person]
    assert statement.row(other.pk) == other


def test_a_value_is_left_open():
    with pytest.raises(ValueError, match="left open"):
        Statement(User.objects.all())
