"""French of names: « d’Élodie », « de Marc »."""

import re
import unicodedata

# A vowel; « y » before a consonant (Yves, not Yann); « h », but for names in « Ha »,
# where it is mostly sounded (Hassan).
ELIDED = re.compile(r"[aeiouœæ]|y[^aeiouy]|h[^a]", re.IGNORECASE)


def of(name: object) -> str:
    """Return the name after « de », elided."""
    text = str(name)
    plain = unicodedata.normalize("NFD", text)
    folded = "".join(one for one in plain if not unicodedata.combining(one))
    return f"d’{text}" if ELIDED.match(folded) else f"de {text}"
