"""Saved searches: for oneself or for a person, with new offers and their e-mails."""
