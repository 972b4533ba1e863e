"""Searches that an adviser keeps: their pages, what is new in them, their letters."""
