"""The base of France Travail's admin pages (S27, S37, S38)."""
