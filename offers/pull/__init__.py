"""Pull, the safety net of the feed: France Travail's public API, read regularly.

``api`` speaks to it, ``windows`` cuts time into parts that it can answer whole,
``writing`` brings what it says under the rules of precedence, ``comparison`` finds what
is no longer there, ``poll`` runs it all within a time and goes on where it stopped.
"""
