"""Candidates, acts, documents and outcomes."""
