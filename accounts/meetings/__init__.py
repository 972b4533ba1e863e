"""The review meetings of article 11."""
