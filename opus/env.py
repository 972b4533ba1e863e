"""Typed readers of the environment; ``opus.addresses`` reads hosts and URLs.

An empty variable counts as a missing one. A refusal is an ImproperlyConfigured: one
sentence that names the variable, without its value if that may be a secret.
"""

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
SHORTEST_WEBHOOK_KEY = 24  # Bytes, as Standard Webhooks says.
SMTP_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def env_str(name: str, default: str | None = None) -> str:
    """Return a stripped text. Raises ImproperlyConfigured."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set, or empty: see .env.example.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ImproperlyConfigured(f"{name} is not written in UTF-8.") from error
    return value


def env_bool(name: str, *, default: bool = False) -> bool:
    """Raises ImproperlyConfigured: neither a yes nor a no."""
    word = env_str(name, "1" if default else "0").lower()
    if word not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={word!r}: write 1 or 0.")
    return word in TRUE


def env_int(name: str, default: int, *, least: int = 0, most: int = 999_999_999) -> int:
    """Raises ImproperlyConfigured: not a whole number, or out of bounds."""
    text = env_str(name, str(default))
    # Not int() alone: it accepts 1_000, and digits of other scripts.
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise ImproperlyConfigured(
            f"{name}={text[:20]!r}: write a whole number from {least} to {most}."
        )
    return int(text)


def env_choice(name: str, default: str, *, choices: tuple[str, ...]) -> str:
    """Return one of ``choices``, whatever its case. Raises ImproperlyConfigured."""
    word = env_str(name, default).upper()
    if word not in choices:
        raise ImproperlyConfigured(f"{name}={word!r}: write {' or '.join(choices)}.")
    return word


def env_role(name: str, default: str) -> str:
    """Return the name of a role of PostgreSQL. Raises ImproperlyConfigured."""
    role = env_str(name, default)
    if not re.fullmatch("(?!pg_)[a-z_][a-z0-9_]{0,62}", role):
        raise ImproperlyConfigured(f"{name}={role[:80]!r}: write a role as in opus.")
    return role


def env_list(name: str, default: str | None = "") -> list[str]:
    values = env_str(name, default).split(",")
    return [value.strip() for value in values if value.strip()]


def env_secret(name: str, *, stand_in: str | None = None) -> str:
    """Return ``NAME``, or the content of the file ``NAME_FILE``.

    ``stand_in``: for demonstrations and tests. Raises ImproperlyConfigured: no secret
    and no stand-in (S42: no default secret), both variables, or an unreadable file.
    """
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return env_str(name, stand_in)
    if os.environ.get(name):
        # One would be ignored: a drill, or a test, might reach the real database.
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep one.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise ImproperlyConfigured(
            f"{name}_FILE={path!r} cannot be read ({reason}): name a text file that"
            " the account of Opus may read."
        ) from error


def env_key(name: str, *, stand_in: str | None = None, least: int) -> str:
    """Return a secret of ``least`` characters or more. Raises ImproperlyConfigured."""
    key = env_secret(name, stand_in=stand_in)
    if key != stand_in and (len(key) < least or len(set(key)) < 5):
        raise ImproperlyConfigured(
            f"{name} is too short or too regular: write {least} random characters or"
            " more, as .env.example says."
        )
    return key


def env_fernet_keys(name: str, *, stand_in: str | None = None) -> list[str]:
    """Return comma-separated Fernet keys, one or more. Raises ImproperlyConfigured."""
    texts = env_secret(name, stand_in=stand_in).split(",")
    keys = [text.strip() for text in texts if text.strip()]
    try:
        ciphers = [Fernet(key) for key in keys]
    except ValueError:
        ciphers = []
    if not ciphers:
        # The value is a secret: it is not shown.
        raise ImproperlyConfigured(
            f"{name}: write Fernet keys separated by commas, as .env.example says."
        )
    return keys


def env_webhook_secrets(name: str) -> list[str]:
    """Return comma-separated Standard Webhooks secrets; raise ImproperlyConfigured."""
    texts = env_secret(name, stand_in="").split(",")
    found = [text.strip() for text in texts if text.strip()]
    for text in found:
        try:
            key = base64.b64decode(text.removeprefix("whsec_") + "==")
        except ValueError:
            key = b""
        if not text.startswith("whsec_") or len(key) < SHORTEST_WEBHOOK_KEY:
            # The value is a secret: it is not shown.
            raise ImproperlyConfigured(
                f"{name}: write whsec_ and a key in base64, of"
                f" {SHORTEST_WEBHOOK_KEY} bytes or more."
            )
    return found


def env_mailer(name: str) -> dict[str, Any]:
    """Return an smtp(s) address as an entry of MAILERS.

    TLS (R8): ``smtps`` from the first byte (465), ``smtp`` by STARTTLS (587);
    ``smtp+plain`` without, to this machine only. The password may be in a file. Raises
    ImproperlyConfigured: it is missing or invalid.
    """
    try:
        address = urlsplit(env_secret(name))
        port = address.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the host or the port is wrong.") from error
    if address.scheme not in SMTP_PORTS or not address.hostname:
        raise ImproperlyConfigured(
            f"{name}: write smtps://user:password@host:465 or smtp://…@host:587."
        )
    if address.scheme == "smtp+plain" and address.hostname not in LOOPBACK:
        raise ImproperlyConfigured(
            f"{name}: smtp+plain:// has no TLS, so it leads to localhost, 127.0.0.1 or"
            " [::1] only; write smtps:// or smtp:// for another machine."
        )
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": address.hostname,
            "port": port or SMTP_PORTS[address.scheme],
            "username": unquote(address.username or ""),
            "password": unquote(address.password or ""),
            "use_ssl": address.scheme == "smtps",
            "use_tls": address.scheme == "smtp",
            "timeout": 10,
        },
    }


def env_sentry(name: str) -> str:
    """Return a DSN, empty if unset; raise ImproperlyConfigured."""
    dsn = env_secret(name, stand_in="")
    try:
        parts = urlsplit(dsn)
        is_dsn = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        is_dsn = False
    if dsn and not (
        is_dsn and parts.username and parts.hostname and re.search("/[0-9]+$", dsn)
    ):
        # It contains a key: it is not shown.
        raise ImproperlyConfigured(f"{name}: write https://key@host/number.")
    return dsn
