"""The offers themselves, and the one way to write them."""
