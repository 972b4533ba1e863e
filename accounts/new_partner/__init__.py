"""A new partner in one path: structure, convention, RGC, check."""
