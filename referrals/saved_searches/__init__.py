"""Saved searches, for oneself or for a person."""
