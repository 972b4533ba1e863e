"""The copy of France Travail's offers, and its search."""
