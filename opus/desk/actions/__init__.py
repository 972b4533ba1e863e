"""What is done at the desk, by subject."""
