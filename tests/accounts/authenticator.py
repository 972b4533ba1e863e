"""A passkey in software: what a telephone does, for the tests that need no browser."""

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "===")


class Authenticator:
    """One key pair; ``verifies`` is whether it checks its holder."""

    def __init__(self, *, verifies: bool = True, origin: str = "") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.verifies = verifies
        self.origin = origin
        self.count = 0

    def create(self, options: dict[str, Any], origin: str) -> str:
        """The answer of ``navigator.credentials.create``."""
        numbers = self.key.public_key().public_numbers()
        public_key = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        data = self.signed_part(options["rp"]["id"], HAS_KEY)
        data += bytes(16) + len(self.id).to_bytes(2) + self.id + public_key
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self.answer(
            clientDataJSON=self.client_data("create", options, origin),
            attestationObject=cbor2.dumps(attestation),
        )

    def get(self, options: dict[str, Any], origin: str) -> str:
        """The answer of ``navigator.credentials.get``."""
        self.count += 1
        data = self.signed_part(options["rpId"], 0)
        client_data = self.client_data("get", options, origin)
        digest = hashlib.sha256(client_data).digest()
        signature = self.key.sign(data + digest, ec.ECDSA(hashes.SHA256()))
        return self.answer(
            clientDataJSON=client_data, authenticatorData=data, signature=signature
        )

    def signed_part(self, rp_id: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return (
            hashlib.sha256(rp_id.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4)
        )

    def client_data(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        return json.dumps(
            {
                "type": f"webauthn.{kind}",
                "challenge": options["challenge"],
                "origin": self.origin or origin,
            }
        ).encode()

    def answer(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": to_text(self.id),
                "rawId": to_text(self.id),
                "type": "public-key",
                "response": {name: to_text(data) for name, data in response.items()},
            }
        )


def origin() -> str:
    """Where these tests say that their pages stand."""
    allowed: list[str] = settings.OTP_WEBAUTHN_ALLOWED_ORIGINS
    return allowed[0]


def options_of(client: Client, name: str, **extra: Any) -> dict[str, Any]:
    """The options that a door gives."""
    response = client.post(reverse(name), **extra)
    assert response.status_code == 200, response.text
    options: dict[str, Any] = response.json()
    return options


def give_passkey(
    client: Client, key: Authenticator, to: str = "passkey_login", **extra: Any
) -> HttpResponse:
    """Sign with that passkey at that door."""
    answer = key.get(options_of(client, "passkey_options", **extra), origin())
    return client.post(reverse(to), {"credential": answer}, **extra)


def enrol_passkey(
    client: Client, key: Authenticator, to: str = "factor_add_passkey", name: str = ""
) -> HttpResponse:
    """Add that passkey to the account that the client is signed in to."""
    answer = key.create(options_of(client, "passkey_new_options"), origin())
    return client.post(reverse(to), {"credential": answer, "name": name})
