"""The RGC, from the proposal to the vacancy."""
