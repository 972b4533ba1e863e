"""Structures, conventions, RGC, accounts, sign-in."""
