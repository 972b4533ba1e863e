"""Typed readers of the environment."""

import base64
import binascii
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
SMTP_PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def env_str(name: str, default: str | None = None) -> str:
    """Return a stripped text. Raises ImproperlyConfigured."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example.")
    return value.strip()


def env_bool(name: str, *, default: bool = False) -> bool:
    """Raises ImproperlyConfigured: neither a yes nor a no."""
    word = os.environ.get(name, "1" if default else "0").strip().lower()
    if word not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={word!r}: write 1 or 0.")
    return word in TRUE


def env_int(name: str, default: int) -> int:
    """Raises ImproperlyConfigured: not a whole number."""
    text = os.environ.get(name, str(default)).strip()
    try:
        return int(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={text!r}: write a whole number.") from error


def env_list(name: str, default: str = "") -> list[str]:
    values = os.environ.get(name, default).split(",")
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


def env_webhook_secrets(name: str) -> list[str]:
    """Return comma-separated Standard Webhooks secrets; raise ImproperlyConfigured."""
    texts = env_secret(name, stand_in="").split(",")
    found = [text.strip() for text in texts if text.strip()]
    for text in found:
        try:
            key = base64.b64decode(text.removeprefix("whsec_") + "==")
        except binascii.Error:
            key = b""
        if not text.startswith("whsec_") or not key:
            # The value is a secret: it is not shown.
            raise ImproperlyConfigured(f"{name}: write whsec_ and a key in base64.")
    return found


def env_mailer(name: str) -> dict[str, Any]:
    """Return an smtp(s) address as an entry of MAILERS.

    TLS (R8): ``smtps`` from the first byte (465), ``smtp`` by STARTTLS (587);
    ``smtp+plain`` without, to this machine only. The password may be in a file. Raises
    ImproperlyConfigured: it is missing or invalid.
    """
    address = urlsplit(env_secret(name))
    try:
        port = address.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the port is no number.") from error
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
