"""Structures, agencies and the tree of France Travail's network."""
