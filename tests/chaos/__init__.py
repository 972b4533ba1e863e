"""Kill and freeze the parts of Opus while people work, for bin/chaos (R29)."""
