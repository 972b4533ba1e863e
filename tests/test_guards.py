"""The guards of the suite are on: each would let a class of faults through if not."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.template import Context, Template

from offers.reference.models import Commune, Rome
from opus.lib.audit.journal import Action
from opus.lib.audit.models import AuditEntry
from tests import conftest, one_entry
from tests.cases import each_case


@pytest.mark.django_db
def test_rows_without_an_order_come_shuffled():
    """R27."""
    codes = Commune.objects.order_by().values_list("code", flat=True)[:50]
    lists = {tuple(codes.all()) for _ in range(5)}

    assert len(lists) == 5


@pytest.mark.django_db
def test_rows_with_an_order_keep_it():
    codes = list(Commune.objects.order_by("code").values_list("code", flat=True)[:50])

    assert codes == sorted(codes)


def test_an_undefined_template_variable_fails():
    """R27."""
    with pytest.raises(pytest.fail.Exception, match="Undefined template variable"):
        Template("{{ nobody }}").render(Context())


@pytest.mark.django_db
def test_two_lines_of_the_journal_for_one_request_are_seen() -> None:
    """S37: reads stand beside."""
    opened, changed, read = Action.TICKET_OPENED, Action.TICKET_CHANGED, "person_read"
    told = {
        "once": [(opened, "1"), (read, "1")],
        "each": [(opened, "1"), (changed, "2")],
        "again": [(opened, "1"), (opened, "1")],
        "otherwise": [(opened, "1"), (changed, "1")],
        "never": [(read, "1")],
    }
    for number, lines in told.items():
        one_entry.posted[number] = number
        for action, target in lines:
            AuditEntry.objects.create(
                action=action, request_id=number, target_id=target
            )

    wrong = one_entry.count_presses()

    assert wrong == {"again": [opened, opened], "otherwise": [opened, changed]}
    assert set(told) & one_entry.pressed == set(told) - {"never"}
    one_entry.pressed.difference_update(told)


@pytest.mark.django_db
def test_a_line_by_another_name_and_a_word_that_was_typed_are_seen() -> None:
    """S37, S41: the controls."""
    one_entry.posted["1"] = "charter"
    AuditEntry.objects.create(action=Action.SIGN_OUT, request_id="1")
    one_entry.typed |= {"canari-5512", "canari-5513", "une"}
    logging.getLogger("opus").warning("Voici une panne de canari-5512.")
    AuditEntry.objects.create(action=Action.SIGN_OUT, details={"who": "Canari-5513"})

    wrong, leaks = one_entry.count_presses(), one_entry.find_leaks()

    assert wrong == {"charter": [Action.SIGN_OUT]}
    assert leaks == [("log", "canari-5512"), ("lib.AuditEntry", "canari-5513")]
    one_entry.typed.clear()


@pytest.mark.django_db
@each_case("number", range(2))
def test_a_case_finds_no_row_of_the_one_before(number: int) -> None:
    assert not Rome.objects.filter(code="Z9999").exists()

    Rome.objects.create(code="Z9999", label=f"Essai {number}")


@pytest.mark.django_db
def test_a_case_that_fails_stops_no_other(request: Any) -> None:
    run = []

    class Counted:
        def test(self, **named: Any) -> Any:
            run.append(named)
            return pytest.raises(ZeroDivisionError)

    def fails(number: int) -> None:
        Rome.objects.create(code="Z9999", label=f"Essai {1 // (number * 0)}")

    each_case("number", range(3))(fails)(request=request, subtests=Counted())

    assert [named["number"] for named in run] == ["0", "1", "2"]
    assert not Rome.objects.filter(code="Z9999").exists()


# These read what has come of the page so far; ``expect`` waits for the rest.
ASKED_AT_ONCE = re.compile(
    r"\.(is_visible|is_hidden|is_checked|is_enabled|is_disabled|text_content|title)\(\)"
    r"|assert .*(inner_text|input_value|get_attribute)\("
    r"|assert .*(locator|get_by_\w+)\(.*\.count\(\)"
)


def test_a_page_that_is_still_coming_is_waited_for() -> None:
    """A question that does not wait fails its test now and then."""
    asked = [
        f"{path.name}: {line.strip()}"
        for path in sorted(Path(__file__).with_name("browser").glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if ASKED_AT_ONCE.search(line)
    ]

    assert asked == []


def test_a_run_says_which_browser_it_uses_and_may_be_told(monkeypatch, tmp_path):
    program = tmp_path / "a-browser"
    program.touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    for named in (program.name, str(program)):
        monkeypatch.setenv("OPUS_CHROMIUM", named)
        assert f"browser: {program} " in conftest.pytest_report_header()


def test_a_browser_that_is_named_and_is_not_there_is_an_error(monkeypatch):
    """Otherwise the browser tests would be left out, or use another."""
    monkeypatch.setenv("OPUS_CHROMIUM", "no-such-browser")
    with pytest.raises(pytest.UsageError, match="no-such-browser"):
        conftest.find_chromium()
