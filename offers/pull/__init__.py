"""Pull, the safety net of the feed: France Travail's public API, read regularly."""
