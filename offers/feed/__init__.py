"""The offers feed, the live path: France Travail posts events, Opus applies them.

``endpoint`` answers, ``signature`` says who speaks, ``batch`` opens the body,
``events`` reads one event, ``standing`` says what a set of events makes of an offer,
``apply`` and ``writing`` bring it into the mirror, ``quarantine`` keeps what was
rejected, ``health`` tells whether the feed lives. The contract is in docs/feed.md.
"""
