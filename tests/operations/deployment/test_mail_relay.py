"""E-mails leave under TLS to a relay whose certificate is checked (R8)."""

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from opus.env import env_mailer
from tests.operations.deployment.certificates import make_certificate
from tests.operations.deployment.production import environment, make_secrets, python

OPEN = """
from django.core.mail import mailers
mailer = mailers["default"]
mailer.open()
print("open")
mailer.close()
"""


def options(monkeypatch: pytest.MonkeyPatch, address: str) -> dict[str, object]:
    monkeypatch.setenv("OPUS_TRIAL", address)
    found: dict[str, object] = env_mailer("OPUS_TRIAL")["OPTIONS"]
    return found


@pytest.mark.parametrize(
    ("address", "port", "is_smtps", "is_starttls"),
    [
        ("smtps://u:p@mail.example.fr", 465, True, False),
        ("smtp://u:p@mail.example.fr", 587, False, True),
        ("smtp://localhost:25", 25, False, True),
        ("smtp+plain://localhost", 25, False, False),
        ("smtp+plain://127.0.0.1:1025", 1025, False, False),
        ("smtp+plain://[::1]:1025", 1025, False, False),
    ],
)
def test_each_form_has_its_port_and_its_tls(
    monkeypatch, address, port, is_smtps, is_starttls
):
    found = options(monkeypatch, address)

    assert (found["port"], found["use_ssl"], found["use_tls"]) == (
        port,
        is_smtps,
        is_starttls,
    )


@pytest.mark.parametrize("host", ["mail.example.fr", "10.0.0.5", "localhost.example"])
def test_without_tls_no_email_leaves_the_machine(monkeypatch, host):
    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL: smtp.plain:// has no"):
        options(monkeypatch, f"smtp+plain://{host}:25")


@pytest.mark.parametrize("address", ["mail.example.fr", "http://mail.example.fr"])
def test_another_form_is_refused_with_one_that_suits(monkeypatch, address):
    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL: write smtps://"):
        options(monkeypatch, address)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[int]:
    """A relay whose certificate a private authority signed: its port."""
    make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, context), daemon=True).start()
        yield server.getsockname()[1]


def serve(server: socket.socket, context: ssl.SSLContext) -> None:
    """Greet each client, then agree with all that it says."""
    while True:
        try:
            link, _ = server.accept()
        except OSError:  # The end of the test.
            return
        try:
            with context.wrap_socket(link, server_side=True) as safe:
                safe.sendall(b"220 relay\r\n")
                while line := safe.recv(1_000):
                    is_end = line.upper().startswith(b"QUIT")
                    safe.sendall(b"221 bye\r\n" if is_end else b"250 relay\r\n")
        except OSError:  # It did not trust us.
            continue


def test_a_private_authority_is_trusted_once_it_is_named(relay, tmp_path):
    secrets = make_secrets(tmp_path / "secrets")
    (secrets / "opus_smtp").write_text(f"smtps://localhost:{relay}")
    told = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}

    without = python(OPEN, environment(secrets))
    named = python(OPEN, environment(secrets, **told))

    assert "CERTIFICATE_VERIFY_FAILED" in without.stderr
    assert (named.returncode, named.stdout) == (0, "open\n"), named.stderr
