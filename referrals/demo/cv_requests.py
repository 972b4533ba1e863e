import datetime as dt

from accounts.users.models.users import User
from referrals.acts.act_rights import ActKind
from referrals.cv_requests import actions
from referrals.cv_requests.models import CvRefusal, CvRequest
from referrals.cv_requests.uploads import read
from referrals.demo import people
from referrals.demo.appointments import preselected_offers
from referrals.demo.stories import Gesture, Story, agent, handed_over, moment, play

# The smallest PDF that readers open: one empty page.
EMPTY_CV = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj
trailer << /Root 1 0 R >>
%%EOF
"""


def received() -> Gesture:
    def receive(act: CvRequest, by: User, day: dt.date) -> None:
        actions.receive(act, by=by, cv=read(EMPTY_CV))
        act.files.update(at=moment(day))

    return receive


def not_kept(reason: CvRefusal) -> Gesture:
    return lambda act, by, day: actions.refuse(act, by=agent(), reason=reason)


STORIES = (
    Story("Moreira", 0),
    # Due three days ago: overdue.
    Story("Garnier", 10, ((10, handed_over()),)),
    # It waits at the agency.
    Story("Perrin", 4, ((4, handed_over()), (1, received()))),
    Story(
        "Haddad",
        16,
        ((16, handed_over()), (11, received()), (9, not_kept(CvRefusal.EXPERIENCE))),
    ),
)


def seed_cv_requests() -> int:
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    if claire.cvrequests.exists():
        return 0
    return play(
        ActKind.CV_REQUEST,
        STORIES,
        preselected_offers(),
        by=claire,
        details=lambda offer, day: {"due_on": day + dt.timedelta(days=7)},
    )
