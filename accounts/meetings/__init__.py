"""Review meetings of article 11."""
