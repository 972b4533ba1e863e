"""What is typed at the desk, by subject."""
