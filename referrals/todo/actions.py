"""Hand over all documents of a pile, or of a bulk action."""

from collections.abc import Collection
from uuid import UUID

from django.utils import timezone

from accounts.users.models import User
from opus.lib.database.states import MoveRefused
from referrals.acts.models import Act, Channel
from referrals.documents.models import ACT_SHOWN, Document
from referrals.follow_up.actions import hand_over

WAITS = "Son rendez-vous attend la réponse de l’agence, ou son heure est passée."


def hand_over_pile(
    acts: Collection[UUID], *, by: User
) -> tuple[list[Act], list[tuple[Act, str]]]:
    """Record the hand-over, in person and today, of these acts (7).

    Return the acts, and those whose document stays to be handed over, with the reason.
    Each is its own transaction: a refusal stops no other. Those handed over already
    are left as they are. Raises Document.DoesNotExist: none is the user's.
    """
    mine = Document.objects.visible_to(by).of_acts(acts)
    done: dict[UUID, Act] = {}
    for paper in mine.waiting_for_hand_over():
        try:
            hand_over(paper.act, by=by, channel=Channel.HAND, on=timezone.localdate())
        except MoveRefused:
            continue
        done[paper.act_id] = paper.act
    last = {
        paper.act_id: paper
        for paper in mine.select_related(*ACT_SHOWN)
        .with_facts()
        .defer("html", "content")
        .order_by("version")
        if paper.act_id not in done
    }
    if not (done or last):
        raise Document.DoesNotExist
    left = [
        (paper.act, paper.why_void or WAITS)
        for paper in last.values()
        if paper.act.handed_over_on is None and paper.act.is_live
    ]
    return list(done.values()), left
