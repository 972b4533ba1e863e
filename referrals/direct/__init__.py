"""Mises en contact without preselection."""
