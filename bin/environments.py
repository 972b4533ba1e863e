"""The variables of a demonstration, and the secrets of this folder."""

import base64
import os
import secrets
from pathlib import Path

from common import STATE, Failed
from servers import find_postgres

SECRETS = STATE / "secrets"


def demo_environment(state: Path = STATE) -> dict[str, str]:
    """The variables of a demonstration, unless the caller set them otherwise."""
    defaults = {
        "OPUS_DEMO": "1",
        "OPUS_HOSTS": "localhost,127.0.0.1",
        "OPUS_STATIC_ROOT": str(state / "static"),
        **kept_secrets(),
    }
    return {name: os.environ.get(name, defaults[name]) for name in defaults}


def with_psql(environment: dict[str, str]) -> dict[str, str]:
    """``manage.py dbshell`` looks for PostgreSQL's client on PATH."""
    try:
        programs = find_postgres()
    except Failed:
        return environment
    return environment | {"PATH": f"{os.environ['PATH']}{os.pathsep}{programs}"}


def kept_secrets() -> dict[str, str]:
    """The secrets of this folder, drawn at the first start."""
    if not SECRETS.exists():
        drawn = "".join(f"{name}={value}\n" for name, value in new_secrets().items())
        new = SECRETS.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(drawn)
        new.rename(SECRETS)
    lines = SECRETS.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def feed_environment() -> dict[str, str]:
    """A secret for the simulated feed, unless the caller has one."""
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    name = "OPUS_FEED_SECRETS"
    return {name: os.environ.get(name) or f"whsec_{key}"}


def feed_bind() -> dict[str, str]:
    """Where the feed's process listens, unless the caller says it."""
    name = "OPUS_FEED_BIND"
    return {name: os.environ.get(name) or f"unix:{STATE / 'feed.sock'}"}


def api_environment() -> dict[str, str]:
    """The caller's way to France Travail's API, for the commands typed beside."""
    return {
        name: os.environ[name] for name in os.environ if name.startswith("OPUS_API_")
    }


def new_secrets() -> dict[str, str]:
    """Fresh ones: Django's key and the Fernet key of the second factors."""
    return {
        "OPUS_SECRET_KEY": secrets.token_urlsafe(64),
        "OPUS_OTP_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
