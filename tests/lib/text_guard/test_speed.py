"""The guard reads a long text in the time of its length, whatever stands in it (V2)."""

import time

import pytest

from opus.lib.text_guard.guard import look

SHORT, LONG = 2_500, 20_000


def cost(part: str, signs: int) -> float:
    """What the processor spends on so many signs, at the least of three readings."""
    text = (part * signs)[:signs]
    spent = []
    for _ in range(3):
        begun = time.process_time()
        look(text)
        spent.append(time.process_time() - begun)
    return min(spent)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "part",
    [
        "Le candidat cherche un poste de maçon, il est motivé. ",
        "Il est suivi par son psychiatre depuis sa dépression. ",
        *("il est elle a une ", "m a l a d e ", "a-", "x@x.", "a chez b point "),
        *("zéro six trente ", "0 6 3 ", "1 84 05 ", "FR76 "),
    ],
)
def test_a_text_eight_times_as_long_costs_about_eight_times_as_much(part):
    """By the processor's time: a pattern that tries again from each sign costs 64."""
    assert cost(part, LONG) < 30 * cost(part, SHORT)
