"""Read what is new, then compare if due (R4).

Each window is one transaction with the cursor of its run, so an interrupted run
continues from what was written.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from offers.catalogue.models import OfferSearch
from offers.feed.models import Channel, FeedDelivery
from offers.pull.api import LONGEST_PAUSE, Api, ApiAway, Budget, OutOfTime
from offers.pull.comparison import MAX_WITHDRAWN, conclude, note_missing
from offers.pull.models import PullKind, PullRun
from offers.pull.reading import Reading, TooMany, read_window
from offers.pull.windows import BEGINNING, next_window
from offers.pull.writing import bring, record

logger = logging.getLogger(__name__)

# The API may show an offer a while after it was created.
OVERLAP = dt.timedelta(minutes=10)
# Period of the very first run; the comparison that follows reads older offers.
FIRST_NEWS = dt.timedelta(days=1)
# A window with fewer offers may grow.
COMFORTABLE = 1_500
LONGEST = dt.timedelta(seconds=LONGEST_PAUSE)


def poll(
    api: Api,
    *,
    budget: Budget | None = None,
    compare: bool | None = None,
    max_withdrawn: float = MAX_WITHDRAWN,
    on_progress: Callable[[PullRun], None] = lambda run: None,
) -> list[PullRun]:
    """Read the API once; return the runs concerned.

    Args:
        compare: begin a comparison even if not due; False: none at all.
        max_withdrawn: percentage of compared offers above which none is withdrawn.
    """
    turn = Turn(api, budget or Budget(), max_withdrawn, on_progress)
    runs = []
    for kind in (PullKind.NEWS, PullKind.COMPARISON):
        run = PullRun.objects.filter(kind=kind).underway().first()
        if run is None and kind == PullKind.NEWS:
            run = begin_news()
        if run is None and (compare or (compare is None and is_comparison_due())):
            run = begin_comparison()
        if run is None or (compare is False and run.is_comparison):
            continue
        runs.append(run)
        if not turn.go_on_with(run):
            break
    return runs


def begin_news() -> PullRun:
    last = PullRun.objects.filter(kind=PullKind.NEWS).order_by("pk").last()
    start = last.covers_to if last else BEGINNING
    return begin(PullKind.NEWS, start.replace(microsecond=0))


def begin_comparison() -> PullRun:
    run = begin(PullKind.COMPARISON, BEGINNING)
    run.active_before = OfferSearch.objects.filter(published=True).count()
    run.save(update_fields=["active_before"])
    return run


def begin(kind: PullKind, start: dt.datetime) -> PullRun:
    """Begin a run without bounds: the API's time is unknown."""
    bounds = dict.fromkeys(("covers_from", "covers_to", "read_to"), start)
    return PullRun.objects.create(kind=kind, step=dt.timedelta(0), **bounds)


def set_bounds(run: PullRun, now: dt.datetime) -> None:
    """Set a run's period by the API's time, not Opus's."""
    start = run.covers_to
    if not run.is_comparison:
        is_first = start == BEGINNING
        start = now - FIRST_NEWS if is_first else min(start, now) - OVERLAP
    run.covers_from = run.read_to = start
    run.covers_to, run.step = now, now - start
    run.save()


def is_comparison_due() -> bool:
    """Return whether the interval is over; 0: never."""
    if not settings.COMPARE_EVERY:
        return False
    last = PullRun.objects.filter(kind=PullKind.COMPARISON).first()
    return last is None or timezone.now() - last.started_at >= settings.COMPARE_EVERY


@dataclass(frozen=True)
class Turn:
    """One run of the job."""

    api: Api
    budget: Budget
    max_withdrawn: float
    on_progress: Callable[[PullRun], None]

    def go_on_with(self, run: PullRun) -> bool:
        now, before = timezone.now(), self.api.requests
        # A later date was written by a wrong clock.
        if run.resume_at and now < run.resume_at <= now + LONGEST:
            return False
        try:
            if run.covers_to == run.covers_from:
                set_bounds(run, self.api.now(self.budget))
            self.read(run)
            if run.is_comparison:
                conclude(run, self.api, self.budget, self.max_withdrawn)
        except OutOfTime:
            self.leave(run, before)
            return False
        except ApiAway as away:
            logger.warning("Pull: cut off, %s", away)
            self.leave(run, before, away)
            return False
        self.leave(run, before)
        end(run)
        return True

    def leave(
        self, run: PullRun, requests_before: int, away: ApiAway | None = None
    ) -> None:
        run.requests += self.api.requests - requests_before
        run.trouble = str(away)[:300] if away else ""
        run.resume_at = away.resume_at if away else None
        run.save()

    def read(self, run: PullRun) -> None:
        """Read all windows of the run. Raises ApiAway, OutOfTime."""
        while run.read_to < run.covers_to:
            window = next_window(run.read_to, run.covers_to, run.step)
            try:
                reading = read_window(self.api, window, self.budget, now=timezone.now())
            except TooMany:
                run.step = window.halved().length
                continue
            except OutOfTime:
                # The next window must fit in a turn.
                run.step = window.halved().length
                raise
            self.write(run, reading)
            self.on_progress(run)

    def write(self, run: PullRun, reading: Reading) -> None:
        """Write a window's offers, differences and cursor at once."""
        with transaction.atomic():
            brought = bring(reading.offers)
            run.read += len(reading.offers)
            run.partial += not reading.is_whole
            record(run, brought)
            if run.is_comparison:
                note_missing(run, reading, brought.seen)
            is_far_from_full = len(reading.offers) < COMFORTABLE
            run.step = reading.window.length * (2 if is_far_from_full else 1)
            run.read_to = reading.window.end
            run.save()


def end(run: PullRun) -> None:
    """End a run; a poll is a sign of life."""
    with transaction.atomic():
        run.ended_at = timezone.now()
        run.save(update_fields=["ended_at"])
        if run.is_comparison:
            log_differences(run)
            return
        FeedDelivery.objects.create(
            channel=Channel.PULL,
            key=f"releve-{run.pk}",
            received=run.read,
            applied=run.created + run.updated,
            ignored=run.unchanged,
            rejected=run.rejected,
        )


def log_differences(run: PullRun) -> None:
    logger.log(
        logging.WARNING if run.differences else logging.INFO,
        "Pull: comparison of %d offers: %d created, %d updated, %d withdrawn,"
        " %d held by an event, %d rejected.",
        *(run.read, run.created, run.updated, run.withdrawn, run.held, run.rejected),
    )
