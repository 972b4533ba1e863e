"""The models of the desk, by subject."""
