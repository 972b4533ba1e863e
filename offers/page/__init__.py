"""The page of an offer, its information sheet, the offers recently viewed."""
