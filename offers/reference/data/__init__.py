"""Reference data of the offers, and the scripts that build it (README.md beside)."""
