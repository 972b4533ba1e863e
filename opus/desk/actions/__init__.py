"""The actions of the desk, by subject."""
