"""Argon2id made light for the suite: the same hash, with less of it.

Hundreds of tests sign somebody in, and the weight of the hash is the matter of few.
Those ask for ``heavy_hashes``. It is set as this module is imported, so before any
hash is made.
"""

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher

# What the standard asks for (S5), as Django has it.
HEAVY: dict[str, int] = {
    name: getattr(Argon2PasswordHasher, name)
    for name in ("time_cost", "memory_cost", "parallelism")
}
LIGHT: dict[str, int] = {"time_cost": 1, "memory_cost": 1024, "parallelism": 1}


def weigh(hasher: Any, weight: dict[str, int]) -> None:
    for name, value in weight.items():
        setattr(hasher, name, value)


weigh(Argon2PasswordHasher, LIGHT)
