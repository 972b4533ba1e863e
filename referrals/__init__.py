"""What we did for this person: candidates, acts, documents, outcomes."""
