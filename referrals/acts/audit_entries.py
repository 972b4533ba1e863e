from accounts.users.models.users import User
from opus.lib import audit
from referrals.acts.models import Act


def record_move(act: Act, *, by: User | None, **details: str) -> None:
    """Record where the act stands now; ``by`` is None for Opus."""
    audit.record(
        audit.Action.REFERRAL_MOVED,
        by=by,
        target=act,
        persons=[act.candidate_id],
        details={"to": act.state, **details},
    )
