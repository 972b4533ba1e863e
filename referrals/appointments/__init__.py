"""Convocations and the slots of agencies."""
