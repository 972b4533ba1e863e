CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"
# France Travail's numbers grow and now begin with 2: an invented offer must not look
# like a real one that is imported beside it.
FIRST_NUMBER = 600
NUMBERS = 400 * len(CONSONANTS) ** 4
# Coprime with NUMBERS: walking by it meets every number once.
STRIDE = 73_939_133


def number_of(index: int) -> str:
    """Return a unique number, unlike any real one."""
    digits, rest = divmod(index * STRIDE % NUMBERS, len(CONSONANTS) ** 4)
    letters = ""
    for _ in range(4):
        rest, letter = divmod(rest, len(CONSONANTS))
        letters += CONSONANTS[letter]
    return f"{FIRST_NUMBER + digits}{letters}"
