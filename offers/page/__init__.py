"""An offer's page, its information sheet, offers recently viewed."""
