"""Make an act in three steps."""
