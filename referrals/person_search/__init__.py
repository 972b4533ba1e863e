"""Search offers in the name of one person (U1, U2)."""
