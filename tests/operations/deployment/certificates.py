"""A private authority, and the certificate that it signed for localhost."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM
NAMES = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)
SIGNS_OTHERS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def make_certificate(folder: Path) -> None:
    """Write ``authority.pem``, ``server.pem`` and ``server.key``."""
    owner = ec.generate_private_key(ec.SECP256R1())
    server = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A private authority")])
    identity = x509.SubjectKeyIdentifier.from_public_key(owner.public_key())
    signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(owner.public_key())
    authority = (
        begin(name, name, owner)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(SIGNS_OTHERS, critical=True)
        .add_extension(identity, critical=False)
        .sign(owner, hashes.SHA256())
    )
    signed = (
        begin(name, x509.Name([]), server)
        .add_extension(NAMES, critical=True)
        .add_extension(signer, critical=False)
        .sign(owner, hashes.SHA256())
    )
    private = serialization.PrivateFormat.PKCS8
    key = server.private_bytes(PEM, private, serialization.NoEncryption())
    (folder / "authority.pem").write_bytes(authority.public_bytes(PEM))
    (folder / "server.pem").write_bytes(signed.public_bytes(PEM))
    (folder / "server.key").write_bytes(key)


def begin(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )
