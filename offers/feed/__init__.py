"""The feed: France Travail posts events, Opus applies them (docs/feed.md)."""
