"""The supply chain is told, and nothing starts without its secrets (S42)."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.opus.production import environment

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


@pytest.mark.thorough
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
        "import sys; sys.path.insert(0, 'bin'); from checks import audit; "
        "sys.exit(audit.judge(sys.argv[1], '', {'django', 'ours'}))"
    )
    answer = json.dumps({"dependencies": packages, "fixes": []})
    return subprocess.run(
        [sys.executable, "-c", script, answer], cwd=ROOT, check=False
    ).returncode


def test_a_known_vulnerability_and_a_package_without_an_answer_are_told_apart() -> None:
    """S42: 0 sound, 1 vulnerable, 2 unknown; a fault that is known comes first."""
    sound = {"name": "django", "version": "6.0", "vulns": []}
    weak = sound | {"vulns": [{"id": "CVE-2025-48432", "fix_versions": ["6.0.1"]}]}
    ours = {"name": "ours", "version": "1", "vulns": []}
    silent = {"name": "ours", "skip_reason": "not found"}
    answers = ([sound, ours], [weak, silent], [sound, silent], [sound], [])

    told = [judged(each) for each in answers]

    # Who says nothing of a package of the lock has not said that it is sound.
    assert told == [0, 1, 2, 2, 2]


class Osv(BaseHTTPRequestHandler):
    """Answers as an OSV service does, which knows faults of those versions."""

    known: ClassVar[dict[str, str]] = {}

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        answer = {}
        if asked["version"] == self.known.get(name):
            events = [{"introduced": "0"}, {"fixed": "999.1"}]
            ranges = [{"type": "ECOSYSTEM", "events": events}]
            package = {"name": name, "ecosystem": "PyPI"}
            affected = [{"package": package, "ranges": ranges}]
            fault = {"id": "PYSEC-2026-1", "summary": "Essai", "affected": affected}
            answer = {"vulns": [fault]}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def osv() -> Iterator[str]:
    """The query address of such a service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
        server.shutdown()


@pytest.mark.thorough
@pytest.mark.parametrize("is_known", [True, False])
def test_a_vulnerability_of_a_version_in_the_lock_is_found(
    osv: str, is_known: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """S42: the command as it is typed, over each package of the lock."""
    lock = (ROOT / "requirements" / "run.lock").read_text()
    pinned = re.search(r"^django==([^\s\\]+)", lock, re.MULTILINE)
    assert pinned
    version = pinned[1] if is_known else "1.0"
    monkeypatch.setattr(Osv, "known", {"django": version})

    done = subprocess.run(
        [ROOT / "bin" / "audit", "--osv", osv],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)},
    )

    told = done.stdout + done.stderr
    line = f"django {version}: PYSEC-2026-1, mended by 999.1"
    assert (done.returncode, line in told) == ((1, True) if is_known else (0, False))
    counts = rf"\n\d\d+ packages answered, 0 unanswered, {int(is_known)} known"
    assert re.search(counts, f"\n{told}")


@pytest.mark.parametrize("missing", ["OPUS_SECRET_KEY", "OPUS_OTP_KEYS"])
def test_without_a_secret_nothing_starts(missing: str) -> None:
    """S42."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=environment(**{missing: None}),
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
