"""The folder .opus: its lock, its secrets, its variables, its port."""

import base64
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from common import STATE, Failed, locked

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


def wanted_port() -> int:
    """Return OPUS_PORT, or 8000, if it is free."""
    text = os.environ.get("OPUS_PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Failed(f"OPUS_PORT={text} is no port: write a number, as 8001.")
    port = int(text)
    for _ in range(30):  # A site that was killed leaves its port within 2 s.
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            return port
        time.sleep(0.1)
    raise Failed(
        f"Port {port} is taken by another program. Type: OPUS_PORT={port + 1} bin/run"
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


LOCK = STATE / "lock"
# For other commands: the port of bin/run, the variables of its parts.
ADDRESSES = STATE / "stack.json"


@contextmanager
def lock_stack() -> Iterator[None]:
    """Lock .opus; wait 15 s for a stopping command."""
    for _ in range(150):
        try:
            with locked(LOCK, wait=False):
                ADDRESSES.unlink(missing_ok=True)  # Left by a run that was killed.
                try:
                    yield
                finally:
                    ADDRESSES.unlink(missing_ok=True)
                return
        except BlockingIOError:
            if ADDRESSES.exists():
                raise Failed(
                    "Opus already runs in this folder:"
                    f" http://localhost:{read_addresses()['port']}."
                    " Stop it by Ctrl-C in its own terminal."
                ) from None
            time.sleep(0.1)
    raise Failed("Another command of bin/ uses this folder: wait until it has ended.")


def read_addresses() -> Any:
    return json.loads(ADDRESSES.read_text())


def write_addresses(port: int, environment: dict[str, str]) -> None:
    """Write them for our user only: they contain secrets."""
    new = ADDRESSES.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(json.dumps({"port": port, "environment": environment}))
    new.rename(ADDRESSES)
