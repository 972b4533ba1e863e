"""Readers of the environment for addresses: hosts, URLs, servers, e-mail."""

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from opus.env import env_list, env_secret, env_str

LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = rf"(?:{LABEL}(?:\.{LABEL})*|\[[0-9a-f:.]+\])"
PORT = r":[0-9]{1,5}"
ORIGIN = rf"https://{HOST}(?:{PORT})?|http://(?:localhost|127\.0\.0\.1)(?:{PORT})?"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
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
