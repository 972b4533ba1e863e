"""A deployment as the manual says: secrets in files, and processes that read them."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.opus.production import REQUIRED

ROOT = Path(settings.BASE_DIR)
OPERATIONS = ROOT / "docs" / "operations"
OURS = ("OPUS_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "PYTEST_")
FROM_FILES = {"OPUS_SECRET_KEY", "OPUS_OTP_KEYS", "OPUS_SMTP"}
TOLD = {name: REQUIRED[name] for name in REQUIRED.keys() - FROM_FILES}
TOLD |= {"OPUS_HOSTS": "localhost", "OPUS_TRUSTED_PROXIES": "1"}


def make_secrets(folder: Path, *hosts: str) -> Path:
    script = OPERATIONS / "make_secrets.sh"
    subprocess.run(["sh", script, folder, *hosts], check=True)
    return folder


def environment(secrets: Path, **others: str) -> dict[str, str]:
    """The variables of a process of production; secrets by their files alone."""
    plain = {key: os.environ[key] for key in os.environ if not key.startswith(OURS)}
    read = ("database_url", "redis_url", *(path.name for path in secrets.glob("opus*")))
    files = {f"{name.upper()}_FILE": str(secrets / name) for name in read}
    return plain | TOLD | files | others


def python(code: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a few lines with the settings of that environment."""
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=ROOT,
        env=env | {"DJANGO_SETTINGS_MODULE": "opus.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
