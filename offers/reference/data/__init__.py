"""Reference data, and the scripts that build it (README.md)."""
