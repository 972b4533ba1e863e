"""Mises en contact with preselection."""
