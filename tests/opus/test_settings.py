"""S42: each variable, missing, empty and odd, beside a production that starts.

The cases are the table of ``docs/operations/settings.md``.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.citations import ROOT
from tests.opus.production import REQUIRED
from tests.test_repository import read, read_by_the_code

COMPLETE = REQUIRED | {
    "PATH": "/usr/bin",
    "DATABASE_URL": "postgres://localhost/opus",
    "REDIS_URL": "redis://localhost/0",
    "OPUS_API_CLIENT_ID": "PAR_opus",
    "OPUS_API_CLIENT_SECRET": "secret",
    "OPUS_METRICS_TOKEN": "0123456789-0123456789-0123456789",
    "OPUS_WEBHOOKS_URL": "https://ft.example.fr/opus",
    "OPUS_WEBHOOKS_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
}
DEMONSTRATION = {
    "OPUS_DEMO": "1",
    "DATABASE_URL": COMPLETE["DATABASE_URL"],
    "REDIS_URL": COMPLETE["REDIS_URL"],
}
PAGE = read("docs/operations/settings.md")
# Whatever the variable, they are accepted or refused in one sentence.
ODD = [
    *("%", "[", "://", "http://[", "é", "\udcff", "\x01", "a\nb", "<a@b>", "0", "-1"),
    *("9" * 5000, "1e9", "٣", "None", "*", ",", "a:b@c:d/e?f#g", "whsec_é", "é" * 60),
]


def table() -> dict[str, tuple[str, list[str], list[str]]]:
    """By variable: what becomes of an empty one, what is refused, what is accepted."""
    _, _, text = PAGE.partition("## What is refused")
    text, _, _ = text.partition("\n## ")
    rows = re.findall(r"^\| `(\w+)` \|(.*?)\|(.*?)\|(.*)\|$", text, re.MULTILINE)
    return {
        name: (empty.strip(), re.findall("`(.+?)`", bad), re.findall("`(.+?)`", good))
        for name, empty, bad, good in rows
    }


def outcomes(environments: list[dict[str, str]]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.opus.read_settings"],
        cwd=ROOT,
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def cases() -> Iterator[tuple[str, str | None, bool | None]]:
    """Variable, value (None: missing), whether it is refused (None: either)."""
    for name, (empty, refused, accepted) in table().items():
        is_refused = empty.startswith("refused")
        yield from ((name, value, is_refused) for value in (None, "", "  "))
        yield from ((name, value, True) for value in refused)
        yield from ((name, value, False) for value in accepted)
        yield from ((name, value, None) for value in ODD)


def with_case(name: str, value: str | None) -> dict[str, str]:
    others = {each: COMPLETE[each] for each in COMPLETE if each != name}
    return others if value is None else others | {name: value}


def is_as_documented(name: str, is_refused: bool | None, outcome: str) -> bool:
    if not outcome:
        return is_refused is not True
    says_so = outcome.startswith("refused: ") and name in outcome
    return says_so and len(outcome.splitlines()) == 1 and is_refused is not False


def test_the_table_has_each_variable_that_the_code_reads():
    # The commands of the owner alone read that one: tests/operations/test_roles.py.
    assert set(table()) == read_by_the_code() - {"OPUS_MIGRATE_URL"}


def test_a_complete_environment_is_accepted():
    assert outcomes([COMPLETE, DEMONSTRATION]) == ["", ""]


def test_each_variable_is_refused_or_accepted_as_the_table_says():
    walked = list(cases())
    found = outcomes([with_case(name, value) for name, value, _ in walked])

    assert [
        (case, outcome)
        for case, outcome in zip(walked, found, strict=True)
        if not is_as_documented(case[0], case[2], outcome)
    ] == []


def test_the_value_of_a_secret_is_never_shown():
    secrets = [name for name in table() if f"`{name}` | required, *file*" in PAGE]
    secrets += [name for name in table() if f"`{name}` | empty, *file*" in PAGE]
    found = outcomes([with_case(name, "hunter2:[") for name in secrets])

    assert len(secrets) >= 8
    assert [each for each in found if "hunter2" in each] == []


def test_a_demonstration_answers_this_machine_only():
    [found] = outcomes([DEMONSTRATION | {"OPUS_HOSTS": "opus.example.fr"}])

    assert "OPUS_HOSTS" in found


@pytest.mark.parametrize("name", ["OPUS_SECRET_KEY", "OPUS_OTP_KEYS", "DATABASE_URL"])
def test_an_empty_file_of_a_secret_is_refused(name, tmp_path):
    """S42: as an empty variable is."""
    (tmp_path / "empty").write_text("\n")
    path = {f"{name}_FILE": str(tmp_path / "empty")}
    [found] = outcomes([with_case(name, None) | path])

    assert is_as_documented(name, True, found)
