"""What bin/bench measures: a module a bench, and what they share.

A bench is a module of this folder with ``run(million)``, named in ``BENCHES``. It runs
in a process of its own, Django set up on the database of the million, and prints its
tables. What it writes, it writes in a copy: the million is kept for the next bench.
"""

# The order in which ``all`` runs them, each with what it measures.
BENCHES = {
    "search": "pages of results, alone and eight at once; two yardsticks",
    "snapshot": "files: first load, the same again, 5 % changed, 5 % withdrawn",
    "documents": "from an act to its PDF, documents a second; the printer alone",
    "feed": "events: from the post of a withdrawal until nobody sees the offer",
}
