"""Detection, alerts and quotas of personal data."""
