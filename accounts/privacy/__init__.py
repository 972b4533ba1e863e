"""Retention, and the personal data of the tables."""
