"""Typed readers of the environment.

An empty variable counts as a missing one. A refusal is an ImproperlyConfigured: one
sentence that names the variable, without its value if that may be a secret.
"""

import base64
import os
import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

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


LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"(?:{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\])"
PORT = r":[0-9]{1,5}"
ORIGIN = rf"https://{HOST}(?:{PORT})?|http://(?:localhost|127\.0\.0\.1)(?:{PORT})?"
# A server that is switched off is a 503, not a page that waits for minutes (R13); one
# that is cut off ends a task within a minute. Seconds, but the last: milliseconds.
UNREACHABLE = {
    "connect_timeout": 3,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
SENTINELS = re.compile(
    rf"sentinel://(?P<login>[^@/?#\s]*:[^@/?#\s]+@)?"
    rf"(?P<hosts>{HOST}{PORT}(?:,{HOST}{PORT})*)/(?P<database>[0-9]{{1,2}})"
    r"\?master=(?P<master>[A-Za-z0-9._-]+)",
    re.ASCII | re.IGNORECASE,
)
BIND = rf"unix:.+|fd://[0-9]+|(?:{HOST})?{PORT}"


def env_hosts(name: str, default: str | None = None) -> list[str]:
    """Return host names, one or more. Raises ImproperlyConfigured."""
    found = matching(name, env_list(name, default), HOST, "opus.example.fr, without *")
    return [host.lower() for host in found]


def env_origins(name: str) -> list[str]:
    """Return origins, possibly none. Raises ImproperlyConfigured."""
    origins = env_list(name)
    return matching(name, origins, ORIGIN, "https://opus.example.fr") if origins else []


def env_binds(name: str, default: str) -> list[str]:
    """Return addresses to listen on, one or more. Raises ImproperlyConfigured."""
    found = matching(name, env_list(name, default), BIND, "0.0.0.0:8000 or unix:path")
    for address in found:
        port = re.search(f"{PORT}$", address)
        if port and int(port[0][1:]) > 65_535:
            raise ImproperlyConfigured(f"{name}={address!r}: the port is too large.")
    return found


def env_optional_bind(name: str) -> list[str]:
    """Return one ``host:port``, or nothing. Raises ImproperlyConfigured."""
    address = env_str(name, "")
    found = re.fullmatch(rf"{HOST}:([1-9][0-9]{{0,4}})", address, re.IGNORECASE)
    if address and not (found and int(found[1]) <= 65_535):
        raise ImproperlyConfigured(f"{name}={address[:60]!r}: write one host:port.")
    return [address] if address else []


def env_antivirus(name: str) -> str:
    """Return ``host:port`` or ``unix:/path``, or nothing. Raises ImproperlyConfigured.

    Its protocol has neither password nor TLS: an inside network.
    """
    address = env_str(name, "")
    if re.fullmatch(r"unix:/[!-~]{1,100}", address):
        return address
    if address.startswith("unix:"):
        raise ImproperlyConfigured(f"{name}={address[:60]!r}: write unix:/path.")
    return "".join(env_optional_bind(name))


def port_of(binds: list[str]) -> str:
    """Return the port of the first address, empty if there is none."""
    port = re.search(f"{PORT}$", binds[0]) if binds else None
    return port[0][1:] if port else ""


def matching(name: str, values: list[str], pattern: str, example: str) -> list[str]:
    """Return the values, one or more, each of the pattern."""
    odd = [value for value in values if not re.fullmatch(pattern, value, re.IGNORECASE)]
    if odd or not values:
        value = odd[0][:80] if odd else ""
        raise ImproperlyConfigured(f"{name}={value!r}: write as in {example}.")
    return values


def env_url(name: str, default: str | None = "") -> str:
    """Return a URL in https, or nothing. Raises ImproperlyConfigured.

    Plain http may lead to this machine only.
    """
    text = env_str(name, default)
    parts = split(name, text)
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    if text and not is_here and (parts.scheme != "https" or not parts.hostname):
        raise ImproperlyConfigured(f"{name}: write an address in https://.")
    return text


@dataclass(frozen=True)
class Broker:
    """Where Valkey or Redis is, as Celery wants it."""

    url: str
    # Of TLS; and of kombu's transport.
    use_ssl: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)


def env_broker(name: str) -> Broker:
    """Return the address of Valkey or Redis. Raises ImproperlyConfigured.

    ``rediss``: TLS, whose certificate is checked. ``sentinel``: hosts, by commas, that
    say which server of a group is the master; one password for all.
    """
    text = env_secret(name)
    if sentinels := SENTINELS.fullmatch(text):
        return by_sentinel(**sentinels.groupdict())
    parts = split(name, text)
    is_network = parts.scheme in {"redis", "rediss"} and parts.hostname
    is_plain = re.fullmatch("/?[0-9]*", parts.path) and not parts.query
    is_socket = parts.scheme == "redis+socket" and parts.path
    if not is_socket and not (is_network and is_plain):
        # It may contain a password: it is not shown.
        raise ImproperlyConfigured(
            f"{name}: write redis://:password@host:6379/0, rediss://… for TLS, or"
            " sentinel://:password@one:26379,two:26379/0?master=opus."
        )
    use_ssl = {"ssl_cert_reqs": "required"} if parts.scheme == "rediss" else None
    return Broker(text, use_ssl)


def by_sentinel(login: str | None, hosts: str, database: str, master: str) -> Broker:
    password = unquote((login or "").removesuffix("@").partition(":")[2])
    # Their own waits: the options of the transport are those of the master.
    of_sentinels: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1}
    if password:
        of_sentinels["password"] = password
    urls = [f"sentinel://{login or ''}{host}/{database}" for host in hosts.split(",")]
    return Broker(
        ";".join(urls), options={"master_name": master, "sentinel_kwargs": of_sentinels}
    )


def env_database(name: str) -> dict[str, Any]:
    """Return the URL of PostgreSQL as an entry of DATABASES.

    Raises ImproperlyConfigured: it is missing, or of another kind.
    """
    text = env_secret(name)
    found: dict[str, Any] = {}
    if split(name, text).scheme in {"postgres", "postgresql"}:
        found |= dj_database_url.parse(text, conn_max_age=60, conn_health_checks=True)
    if not found.get("NAME"):
        # It contains a password: it is not shown.
        raise ImproperlyConfigured(
            f"{name}: write postgres://user:password@host:5432/name."
        )
    found["ENGINE"] = "opus.lib.database.bounded"
    options = found.setdefault("OPTIONS", {})
    for option, value in UNREACHABLE.items():
        options.setdefault(option, value)
    return found


def split(name: str, text: str) -> SplitResult:
    """Split a URL whose host and port are well formed."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: the host or the port of this address is wrong."
        ) from error
    return parts


def env_email(name: str, default: str | None = None) -> str:
    """Return an e-mail address. Raises ImproperlyConfigured."""
    text = env_str(name, default)
    return text if text == default else email(name, text, text)


def env_sender(name: str, default: str | None = None) -> str:
    """Return ``Name <address>``, or an address. Raises ImproperlyConfigured."""
    text = env_str(name, default)
    return text if text == default else email(name, text, parseaddr(text)[1])


def email(name: str, text: str, address: str) -> str:
    """Return the text if its address is valid and no placeholder."""
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    # No mailbox ends in .example (RFC 2606): such a one was never filled in.
    if not address or address.endswith(".example") or len(text.splitlines()) > 1:
        raise ImproperlyConfigured(f"{name}={text[:80]!r}: write an e-mail address.")
    return text
