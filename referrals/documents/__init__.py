"""The frozen document of an act, its PDF (art. 7)."""
