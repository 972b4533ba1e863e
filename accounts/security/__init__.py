"""Detection, alerts, quotas of personal data."""
