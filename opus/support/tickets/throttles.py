"""Rate limits of messages to the desk (``accounts.signin.rate_limits``; S6, S7)."""

import datetime as dt

from django.conf import settings

from accounts.signin.rate_limits import count_use, network_of, normalise
from accounts.users.models.users import User

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ACCOUNT = "message-compte"
NETWORK = "message-reseau"
MAILBOX = "message-courriel"


def of_account(user: User) -> None:
    limit = settings.HELPDESK.messages_a_day
    count_use(ACCOUNT, account=user.pk, window=DAY, limit=limit)


def of_nobody(address: str | None, email: str) -> None:
    """Limit by network and typed address (S7); raise TooManyUses."""
    rules = settings.HELPDESK
    network = network_of(address) if address else "sans adresse"
    count_use(NETWORK, account=network, window=HOUR, limit=rules.open_forms_an_hour)
    limit = rules.open_forms_a_day_of_a_mailbox
    count_use(MAILBOX, account=normalise(email), window=DAY, limit=limit)
