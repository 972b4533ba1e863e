"""Retention and personal data of the tables."""
