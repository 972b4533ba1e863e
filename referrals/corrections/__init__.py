"""Corrected data of a person, and recipients (GDPR 19)."""
