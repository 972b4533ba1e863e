from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user_model

from opus.lib.registers.discovery import discover

# Adds missing rows and returns their number.
Seed = Callable[[], int]

_seeds: dict[str, Seed] = {}


def brings(label: str) -> Callable[[Seed], Seed]:
    """Register a function of an app's ``demo.py`` under a label."""

    def declare(seed: Seed) -> Seed:
        _seeds[label] = seed
        return seed

    return declare


def bring_all() -> dict[str, int]:
    discover("demo")
    return {label: seed() for label, seed in sorted(_seeds.items())}


def account_of(role: str) -> Any:
    return get_user_model()._default_manager.filter(role=role).earliest("pk")
