"""The page of an act: hand over, outcome, cancel."""
