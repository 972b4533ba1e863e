"""The document of an act, frozen, and its PDF (art. 7)."""
