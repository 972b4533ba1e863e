"""Find, count and list active offers (R1, art. 3.1); no query reads the whole table."""
