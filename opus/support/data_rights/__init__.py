"""Data rights (art. 10): register, copies of data, legal texts."""
