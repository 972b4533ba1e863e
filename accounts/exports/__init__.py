"""The files that somebody asked for."""
