"""What bin/gameday plays: parts of Opus killed while people work (R29)."""
