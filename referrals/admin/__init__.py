"""The acts as France Travail reads them, and what it edits of them."""

from referrals.admin import accounts, outcome_codes, referrals, summonses

__all__ = ["accounts", "outcome_codes", "referrals", "summonses"]
