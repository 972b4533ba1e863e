"""What bin/chaos plays: parts of Opus killed while people work (R29)."""
