"""Candidates at term: counted, then deleted (V9, V10).

The related rows come from the register (``personal_data.py``).
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from accounts.users.enums import UserState
from opus.lib.privacy import retention
from opus.lib.privacy.legal_holds import LEGAL_HOLD
from opus.lib.privacy.personal_data import Retention, Table, tables
from referrals.candidates.models import Candidate, ProcessingLimit
from referrals.cv_requests.models import CvFile
from referrals.favourites.models import Favourite
from referrals.print_jobs.models import PrintedDocument, PrintJob
from referrals.privacy import aggregates
from referrals.privacy.models import CandidateHold
from referrals.saved_searches.models import SavedSearch

# The classes deleted with the person; the others have their own term.
WITH_THE_PERSON = {Retention.ACTS, Retention.CV, Retention.HABITS}


def hanging() -> list[Table]:
    """Return the tables deleted with a person, the deepest first."""
    found = [
        table
        for table in tables()
        if table.candidates and table.retention in WITH_THE_PERSON
    ]
    return sorted(found, key=depth, reverse=True)


def depth(table: Table) -> int:
    """Return the number of keys to the person."""
    return max(0 if way == "pk" else way.count("__") + 1 for way in table.candidates)


def staying() -> Iterator[tuple[Table, str]]:
    """Return the keys that are emptied, in tables that stay."""
    for table in tables():
        if table.retention not in WITH_THE_PERSON:
            for way in table.candidates:
                if "__" not in way:
                    yield table, way


def purge(pks: Sequence[Any]) -> retention.Counts:
    """Delete one batch of persons, following the keys."""
    counted, uncounted = aggregates.count(pks)
    counts = {"propositions comptées": counted, "propositions trop rares": uncounted}
    # The file of a print job contains her documents: delete the whole job.
    printed = PrintedDocument.objects.filter(document__candidate__in=pks)
    counts |= retention.deleted(PrintJob.objects.filter(pk__in=printed.values("job")))
    for table, key in staying():
        rows = table.class_._base_manager.filter(**{f"{key}__in": pks})
        rows.update(**{key: None})
    for table in hanging():
        theirs = Q()
        for way in table.candidates:
            theirs |= Q(**{f"{way}__in": pks})
        gone = retention.delete(table.class_._base_manager.filter(theirs))
        counts[str(table.class_._meta.verbose_name_plural)] = gone
    return {what: number for what, number in counts.items() if number}


def forget_habits() -> retention.Counts:
    """Delete old favourites, and searches of closed accounts (U6, V11)."""
    free = retention.free(accounts="account")
    left = SavedSearch.objects.filter(free, account__state=UserState.CLOSED)
    return retention.deleted(Favourite.objects.forgotten()) | retention.deleted(left)


retention.keeps(retention.Keeper(LEGAL_HOLD, candidates=CandidateHold.objects.in_force))
# Frozen data are kept until the decision (GDPR 18.2).
retention.keeps(
    retention.Keeper(
        "limitation à la demande du candidat",
        candidates=ProcessingLimit.objects.in_force,
    )
)
retention.register_purge(
    retention.Purge(
        Retention.ACTS, "candidats", Candidate.objects.at_term, purge, candidates="pk"
    )
)
retention.purged_by(
    retention.Job(
        Retention.CV,
        "check-cvs",
        lambda: {"CV vidés": CvFile.objects.to_purge().count()},
    )
)
retention.purged_by(
    retention.Job(Retention.HABITS, "forget-habits", retention.rehearsed(forget_habits))
)
