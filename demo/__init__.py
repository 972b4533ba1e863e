"""Demo data: fictional, reproducible, only in demo mode (V21)."""
