"""Data of a person put right, and who is notified (GDPR 16, 19)."""
