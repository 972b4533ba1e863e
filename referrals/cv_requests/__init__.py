"""Demandes de CV."""
