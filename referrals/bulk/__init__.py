"""One action over offers and persons."""
