"""Scheduled deletion of alerts (S40)."""

from accounts.security.models import Alert
from opus.lib.privacy import retention


def forget_alerts() -> retention.Counts:
    """Delete old alerts, except under a legal hold (V11)."""
    free = retention.free(accounts="account")
    return retention.deleted(Alert.objects.at_term().filter(free))
