"""One action over several offers or several persons."""
