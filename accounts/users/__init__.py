"""Accounts: holders, absences, corrections, territory."""
