"""E-mails leave under TLS to a relay whose certificate is checked (R8)."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured

from opus.env import env_mailer
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


@pytest.mark.parametrize("address", ["", "mail.example.fr", "http://mail.example.fr"])
def test_another_form_is_refused_with_one_that_suits(monkeypatch, address):
    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL: write smtps://"):
        options(monkeypatch, address)


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[int]:
    """A relay whose certificate a private authority signed: its port."""
    make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "relay.pem", tmp_path / "relay.key")
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


def make_certificate(folder: Path) -> None:
    """A private authority and the certificate that it signed for localhost."""
    now = dt.datetime.now(dt.UTC)
    owner = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A private authority")])
    begun = x509.CertificateBuilder().issuer_name(issuer).not_valid_before(now)
    begun = begun.not_valid_after(now + dt.timedelta(days=1))
    authority = (
        begun.subject_name(issuer)
        .public_key(owner.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(signs=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(owner.public_key()),
            critical=False,
        )
        .sign(owner, hashes.SHA256())
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    relay = (
        begun.subject_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(owner.public_key()),
            critical=False,
        )
        .sign(owner, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    (folder / "relay.pem").write_bytes(relay.public_bytes(pem))
    (folder / "relay.key").write_bytes(
        key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def key_usage(*, signs: bool) -> x509.KeyUsage:
    others = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
            "digital_signature",
        ),
        False,
    )
    return x509.KeyUsage(key_cert_sign=signs, crl_sign=signs, **others)


def test_a_private_authority_is_trusted_once_it_is_named(relay, tmp_path):
    secrets = make_secrets(tmp_path / "secrets")
    (secrets / "opus_smtp").write_text(f"smtps://localhost:{relay}")
    told = {"SSL_CERT_FILE": str(tmp_path / "authority.pem")}

    without = python(OPEN, environment(secrets))
    named = python(OPEN, environment(secrets, **told))

    assert "CERTIFICATE_VERIFY_FAILED" in without.stderr
    assert (named.returncode, named.stdout) == (0, "open\n"), named.stderr
