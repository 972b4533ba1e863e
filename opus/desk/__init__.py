"""France Travail's desk: what waits, one search, the menu, a structure's page."""
