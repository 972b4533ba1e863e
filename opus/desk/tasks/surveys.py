"""The clock of surveys: who came after whom is forgotten each night (U18)."""

import datetime as dt

from celery import shared_task

from opus.desk import anonymity
from opus.lib import jobs


@shared_task
@jobs.alone("shuffle-answers", every=dt.timedelta(days=1))
def shuffle_answers() -> None:
    """Write answers and participations anew, in drawn orders."""
    anonymity.shuffle()
