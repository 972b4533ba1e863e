"""Sign-in: passwords, factors, sessions, rate limits, who may open a page."""
