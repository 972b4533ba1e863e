"""The accompanied persons, and their present followers."""
