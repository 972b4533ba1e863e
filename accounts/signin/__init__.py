"""Sign-in: passwords, factors, sessions, rate limits, access to pages."""
