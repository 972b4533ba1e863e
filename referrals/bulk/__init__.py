"""Several acts in one gesture: over pairs of an offer and a person (U8)."""
