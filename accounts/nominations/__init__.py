"""The RGC, from proposal to vacancy."""
