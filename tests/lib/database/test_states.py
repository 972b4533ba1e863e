"""A state changes once, whoever comes together."""

import threading

import pytest
from django.db import connection

from accounts.users.enums import UserState
from accounts.users.models.users import User
from opus.lib.database.states import MoveRefused
from tests.accounts.factories import AdviserFactory


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
