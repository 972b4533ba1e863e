"""Several documents in one PDF."""
