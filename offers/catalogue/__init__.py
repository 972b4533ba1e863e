"""The offers, and the only way to write them."""
