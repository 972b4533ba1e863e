from accounts.security.models import Alert
from opus.lib.privacy import retention


def forget_alerts() -> retention.Counts:
    """Delete old alerts, except under a legal hold (S40, V11)."""
    free = retention.free(accounts="account")
    return retention.deleted(Alert.objects.at_term().filter(free))
