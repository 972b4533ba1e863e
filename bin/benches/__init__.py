"""The benches of bin/bench, one module each.

Each has ``run(million)`` and runs in its own process, with Django on the database of
the million; it writes only to a copy.
"""

# The order in which ``all`` runs them, each with what it measures.
BENCHES = {
    "search": "pages of results, alone and eight at once; two yardsticks",
    "relevance": "everyday queries, judged by hand; Tantivy beside",
    "snapshot": "files: first load, the same again, 5 % changed, 5 % withdrawn",
    "documents": "from an act to its PDF, documents a second; the printer alone",
    "feed": "events: from the post of a withdrawal until nobody sees the offer",
    "costs": "processor of each kind of page, Python and PostgreSQL apart",
    "scale": "each part of several machines killed in turn: what people see",
}
# Those that need real offers as they are, in their own places; no more than these.
AS_THEY_ARE = {"relevance": 20_000}
