"""Typed readers of the environment."""

import base64
import binascii
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


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
    and no stand-in (S42: no default secret).
    """
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return env_str(name, stand_in)


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

    TLS always (R8): ``smtps`` from the first byte (465), ``smtp`` by STARTTLS (587).
    The password may be in a file. Raises ImproperlyConfigured: it is missing or
    invalid.
    """
    address = urlsplit(env_secret(name))
    try:
        port = address.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the port is no number.") from error
    if address.scheme not in {"smtp", "smtps"} or not address.hostname:
        raise ImproperlyConfigured(
            f"{name}: write smtps://user:password@host:465 or smtp://…@host:587."
        )
    is_tls_from_start = address.scheme == "smtps"
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": address.hostname,
            "port": port or (465 if is_tls_from_start else 587),
            "username": unquote(address.username or ""),
            "password": unquote(address.password or ""),
            "use_ssl": is_tls_from_start,
            "use_tls": not is_tls_from_start,
            "timeout": 10,
        },
    }


def env_port(name: str) -> str:
    """Return the port of ``host:port``, empty if unset; raise ImproperlyConfigured."""
    address = env_str(name, "")
    port = address.rpartition(":")[2]
    if address and not (
        re.fullmatch(r"[^,/\s]+:[1-9][0-9]{0,4}", address) and int(port) < 65536
    ):
        raise ImproperlyConfigured(f"{name}={address[:60]!r}: write one host:port.")
    return port


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
