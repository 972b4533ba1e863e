"""``manage.py demo_code``: a code for scripts, in a demonstration only."""

import pytest
from django.core.management import CommandError, call_command

from tests.accounts.factories import AdviserFactory
from tests.accounts.journeys import code_of, give_code, give_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.fixture(autouse=True)
def _in_demo_mode(settings):
    settings.DEMO = True


def test_the_code_alone_is_printed_and_it_opens(client, capsys):
    adviser = AdviserFactory(identifier="conseiller.demo")

    call_command("demo_code", "Conseiller.Demo")
    printed = capsys.readouterr().out

    assert printed == f"{code_of(adviser)}\n"
    give_password(client, adviser.identifier)
    assert give_code(client, printed.strip()).url == "/"


def test_a_spent_code_gives_way_to_the_next(client, adviser):
    for _ in range(2):
        client.cookies.clear()
        give_password(client, adviser.identifier)

        assert give_code(client, code_of(adviser)).url == "/"


def test_outside_a_demonstration_no_code_is_told(settings, capsys):
    settings.DEMO = False
    adviser = AdviserFactory()

    with pytest.raises(CommandError, match="qu’en démonstration"):
        call_command("demo_code", adviser.identifier)
    assert capsys.readouterr().out == ""


def test_an_unknown_account_is_told_so():
    with pytest.raises(CommandError, match="IDA-ZZZZ"):
        call_command("demo_code", "IDA-ZZZZ")
    with pytest.raises(CommandError, match="pas de second facteur"):
        call_command("demo_code", AdviserFactory(factor=None).identifier)
