"""French words: without accents, after « de », spelt nearly alike."""

import re
import unicodedata

# A vowel; « y » before a consonant (Yves, not Yann); « h », but for names in « Ha »,
# where it is mostly sounded (Hassan).
ELIDED = re.compile(r"[aeiou]|y[^aeiouy]|h[^a]")


def of(name: object) -> str:
    """Return the name after « de », elided: « d’Élodie », « de Marc »."""
    text = str(name)
    return f"d’{text}" if ELIDED.match(unaccented(text)) else f"de {text}"


def unaccented(text: str) -> str:
    """Return lower case without accents and ligatures."""
    parts = unicodedata.normalize("NFKD", text)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return letters.casefold().replace("œ", "oe").replace("æ", "ae")


def plain(text: str) -> str:
    """Return a text without accents, case, signs, as ``opus_plain``."""
    return " ".join(re.findall(r"[a-z0-9]+", unaccented(text)))


def edit_distance(a: str, b: str) -> int:
    """Return how many letters differ; two swapped count once."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(row[-1], before[j]) + 1
            cost = min(cost, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
