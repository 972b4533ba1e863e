"""The queues of the desk, by trade: what waits, for whom, until when."""

from opus.desk.queues import Queue
from opus.desk.trades import (
    agreements,
    offers,
    operations,
    referrals,
    structures,
    support,
)

QUEUES: tuple[Queue, ...] = (
    *agreements.QUEUES,
    *structures.QUEUES,
    *referrals.QUEUES,
    *support.QUEUES,
    *offers.QUEUES,
    *operations.QUEUES,
)
