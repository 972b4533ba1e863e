"""Corrected data of a person, and the notified recipients (GDPR 16, 19)."""
