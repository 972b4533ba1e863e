"""The persons accompanied, and who follows them today."""
