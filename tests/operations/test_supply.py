"""The supply chain is told, and nothing starts without its secrets (S42)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)


def test_the_inventory_tells_every_package_of_the_lock(tmp_path: Path) -> None:
    """S42: made of the lock alone, so it needs no network."""
    sbom = tmp_path / "sbom.json"
    done = subprocess.run(
        [ROOT / "bin" / "audit", "--sbom", sbom, "--offline"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(sbom.read_text())
    lock = (ROOT / "requirements" / "run.lock").read_text()
    names = {line.split("==")[0] for line in lock.splitlines() if "==" in line}
    assert told["bomFormat"] == "CycloneDX"
    assert {each["name"] for each in told["components"]} == names
    assert all(each["hashes"] and each["version"] for each in told["components"])


def test_an_index_that_does_not_answer_is_told_and_is_no_clean_answer(
    tmp_path: Path,
) -> None:
    """S42: the inventory is written all the same."""
    sbom = tmp_path / "sbom.json"
    nowhere = "http://127.0.0.1:9"
    done = subprocess.run(
        [ROOT / "bin" / "audit", "--sbom", sbom],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"HTTPS_PROXY": nowhere, "https_proxy": nowhere, "no_proxy": ""}
        | {"NO_PROXY": "", "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)},
    )

    assert done.returncode == 2, done.stderr
    told = done.stdout + done.stderr
    assert "No vulnerability data could be read" in told
    assert "Traceback" not in told
    assert sbom.exists()


def judged(packages: list[dict[str, Any]]) -> int:
    """What ``bin/audit`` ends with, given such an answer of the index."""
    script = (
        "import sys; sys.path.insert(0, 'bin'); import audits; "
        "sys.exit(audits.judge(sys.argv[1], ''))"
    )
    answer = json.dumps({"dependencies": packages, "fixes": []})
    return subprocess.run(
        [sys.executable, "-c", script, answer], cwd=ROOT, check=False
    ).returncode


def test_a_known_vulnerability_and_a_package_without_an_answer_are_told_apart() -> None:
    """S42: 0 sound, 1 vulnerable, 2 unknown; a fault that is known comes first."""
    sound = {"name": "django", "version": "6.0", "vulns": []}
    weak = sound | {"vulns": [{"id": "CVE-2025-48432", "fix_versions": ["6.0.1"]}]}
    silent = {"name": "ours", "skip_reason": "not found"}

    told = [judged(each) for each in ([sound], [sound, weak, silent], [sound, silent])]

    assert told == [0, 1, 2]


@pytest.mark.parametrize("missing", ["OPUS_SECRET_KEY", "OPUS_OTP_KEYS"])
def test_without_a_secret_nothing_starts(missing: str) -> None:
    """S42."""
    environment = {
        **os.environ,
        "OPUS_DEMO": "0",
        "OPUS_HOSTS": "opus.example.fr",
        "OPUS_SMTP": "smtps://opus@mail.example.fr",
        "OPUS_SECRET_KEY": "x" * 64,
        "OPUS_OTP_KEYS": "b3B1cy1kZW1vbnN0cmF0aW9uLWtleS0zMi1ieXRlcyE=",
    }
    del environment[missing]

    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert f"{missing} is not set" in done.stderr


def test_no_command_makes_a_default_account() -> None:
    """S42: the first administrator is made by ``create_admin``, without a password."""
    assert "create_admin" in get_commands()
    assert settings.DEBUG is False
