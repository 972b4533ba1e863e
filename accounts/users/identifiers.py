"""How an identifier is written and read (art. 5.1)."""

import unicodedata

DASHES = dict.fromkeys(map(ord, "-\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"))


def compact(typed: str) -> str:
    """Return a typed identifier without case, spaces and hyphens."""
    joined = "".join(unicodedata.normalize("NFKC", typed).split())
    return joined.translate(DASHES).casefold().upper()
