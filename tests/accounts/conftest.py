"""What the tests of accounts share."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from accounts.signin.passwords import Argon2Hasher
from tests.hashing import HEAVY


class CountingHasher(Argon2Hasher):
    """The real Argon2id, that counts how often it works."""

    count = 0
    lock = threading.Lock()

    @classmethod
    def reset(cls) -> None:
        cls.count = 0

    def encode(self, password: str, salt: str) -> str:
        with self.lock:
            type(self).count += 1
        return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self.lock:
            type(self).count += 1
        return super().verify(password, encoded)


@pytest.fixture
def heavy_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id as production has it: the weight of the hash is this test's matter."""
    for name, value in HEAVY.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def counting_hasher(settings: Any) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = [
        "tests.accounts.conftest.CountingHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    CountingHasher.reset()
    return CountingHasher


@pytest.fixture
def still_clock() -> Iterator[time_machine.Traveller]:
    """The clock stands: on a busy machine a code or a delay would else run out."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock
