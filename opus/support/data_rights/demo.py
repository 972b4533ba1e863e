import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.team import actions as account_actions
from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.demo import account_of, brings
from opus.lib.privacy.models import CorrectionReason
from opus.support.data_rights import actions
from opus.support.data_rights.models import (
    Check,
    GestureKind,
    PersonKind,
    Right,
    RightsRequest,
    Route,
)


@brings("demandes de droits")
def seed_rights() -> int:
    if RightsRequest.objects.exists():
        return 0
    adviser, agent, staff = map(account_of, (Role.ADVISER, Role.AGENT, Role.FT_ADMIN))
    account_actions.change_account(
        adviser,
        by=staff,
        reason=CorrectionReason.REQUESTED,
        function="Conseillère en insertion",
    )
    actions.request_for_oneself(by=adviser, right=Right.ACCESS).take_up(by=staff)
    open_request(
        staff,
        days_ago=12,
        kind=PersonKind.REGISTERED,
        right=Right.ACCESS,
        addressed_to=Route.DPO,
        agency=agent.agency,
        name="Lucie Exemple",
    )
    late = open_request(
        agent,
        days_ago=40,
        kind=PersonKind.NOT_REGISTERED,
        right=Right.RECTIFICATION,
        addressed_to=Route.DPO,
        name="Marc Fictif",
    )
    late.verify(by=staff, check=Check.CALL_BACK)
    answered = open_request(
        staff,
        days_ago=20,
        kind=PersonKind.REGISTERED,
        right=Right.ERASURE,
        addressed_to=Route.AGENCY,
        agency=agent.agency,
        name="Anne Essai",
        ft_id="7040506Y",
    )
    answered.verify(by=agent, check=Check.IN_PERSON)
    answered.take_up(by=agent)
    actions.act(answered, GestureKind.NOTHING, by=agent)
    actions.answer(answered, by=agent)
    return RightsRequest.objects.count()


def open_request(by: User, *, days_ago: int, name: str, **facts: Any) -> RightsRequest:
    received_on = timezone.localdate() - dt.timedelta(days=days_ago)
    reply_to = f"{name.lower().replace(' ', '.')}@messagerie.example"
    facts |= {"received_on": received_on, "name": name, "reply_to": reply_to}
    return actions.register(RightsRequest(**facts), by=by)
