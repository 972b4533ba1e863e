"""Pull: poll France Travail's public API, the feed's safety net."""
