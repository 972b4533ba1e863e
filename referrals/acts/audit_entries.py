from accounts.users.models.users import User
from opus.lib.audit import journal
from referrals.acts.models.acts import Act


def record_move(act: Act, *, by: User | None, **details: str) -> None:
    """Record the present state; ``by``: None for Opus."""
    journal.record(
        journal.Action.REFERRAL_MOVED,
        by=by,
        target=act,
        persons=[act.candidate_id],
        details={"to": act.state, **details},
    )
