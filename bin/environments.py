"""The variables of a demonstration, and this folder's secrets."""

import base64
import os
import re
import secrets
from pathlib import Path

from common import STATE, Failed

SECRETS = STATE / "secrets"


def demo_environment(state: Path = STATE) -> dict[str, str]:
    """Return a demonstration's variables; the caller's come first."""
    defaults = {
        "OPUS_DEMO": "1",
        "OPUS_HOSTS": "localhost,127.0.0.1",
        "OPUS_STATIC_ROOT": str(state / "static"),
        "OPUS_FEED_BIND": f"unix:{state / 'feed.sock'}",
        **kept_secrets(),
    }
    # Other commands read the address of France Travail's API from stack.json.
    api = {key: os.environ[key] for key in os.environ if key.startswith("OPUS_API_")}
    return {name: os.environ.get(name, defaults[name]) for name in defaults} | api


def kept_secrets() -> dict[str, str]:
    if not SECRETS.exists():
        drawn = "".join(f"{key}={value}\n" for key, value in new_secrets().items())
        new = SECRETS.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(drawn)
        new.rename(SECRETS)
    kept = dict(re.findall(r"(.+?)=(.+)", SECRETS.read_text()))
    if kept.keys() < new_secrets().keys():
        raise Failed(f"{SECRETS} is incomplete: restore it, or remove all of .opus.")
    return kept


def new_secrets() -> dict[str, str]:
    return {
        "OPUS_SECRET_KEY": secrets.token_urlsafe(64),
        "OPUS_OTP_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def feed_environment() -> dict[str, str]:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return {"OPUS_FEED_SECRETS": os.environ.get("OPUS_FEED_SECRETS") or f"whsec_{key}"}
