"""How often one may write to the desk (``accounts.limits``; S6, S7)."""

import datetime as dt

from django.conf import settings

from accounts.limits import count_use, network_of, normalise
from accounts.models import User

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
ACCOUNT = "message-compte"
NETWORK = "message-reseau"
MAILBOX = "message-courriel"


def of_account(user: User) -> None:
    """One message more of that account.

    Raises:
        TooManyUses: it wrote too often today.
    """
    limit = settings.HELPDESK.messages_a_day
    count_use(ACCOUNT, account=user.pk, window=DAY, limit=limit)


def of_nobody(address: str | None, email: str) -> None:
    """One message more by the open form, which has a letter leave for that mailbox.

    Both counts know what was typed, never whether an account has it (S7).

    Raises:
        TooManyUses: too many from that network, or for that mailbox.
    """
    rules = settings.HELPDESK
    network = network_of(address) if address else "sans adresse"
    count_use(NETWORK, account=network, window=HOUR, limit=rules.open_forms_an_hour)
    count_use(
        MAILBOX,
        account=normalise(email),
        window=DAY,
        limit=rules.open_forms_a_day_of_a_mailbox,
    )
