"""Retention, personal data, legal holds, statistics without names."""
