"""Offers kept for a person, or for nobody yet."""
