"""Caseloads handed over, or confided for a time."""
