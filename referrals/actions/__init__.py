"""What an adviser does, each in one transaction."""
