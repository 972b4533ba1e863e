"""Files of offers: the import, its snapshot guard, its quarantine."""
