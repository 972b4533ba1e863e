"""Favourite offers, with or without a person."""
