"""Accounts: who holds one, absences, corrections, territory."""
