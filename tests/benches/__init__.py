"""The benches of bin/bench: one module each, and what they share.

Each has ``run(million)`` and runs in its own process, with Django on the database of
the million; it writes only to a copy.
"""
