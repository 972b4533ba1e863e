"""Conventions: terms, amendments, breaches, ends, registered letters."""
