"""What each app brings to the demonstration, beside what ``seed_demo`` knows (V21)."""

from collections.abc import Callable

from django.utils.module_loading import autodiscover_modules

# Brings its rows where there are none, and says how many it brought.
Seed = Callable[[], int]

_seeds: dict[str, Seed] = {}


def brings(label: str) -> Callable[[Seed], Seed]:
    """Declare it, in an app's ``demo.py``, by what ``seed_demo`` calls it."""

    def declare(seed: Seed) -> Seed:
        _seeds[label] = seed
        return seed

    return declare


def bring_all() -> dict[str, int]:
    """Have every app bring its own, once the accounts are there."""
    autodiscover_modules("demo")
    return {label: seed() for label, seed in sorted(_seeds.items())}
