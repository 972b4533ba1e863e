"""Files that users request."""
