"""What the tests of France Travail's desk share."""
