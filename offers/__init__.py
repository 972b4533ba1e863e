"""What is there to do: the mirror of France Travail's offers, and their search."""
