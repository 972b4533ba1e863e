"""Save, rename, open and delete searches; stop their e-mails."""

from dataclasses import replace
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.users.models import User
from offers.reference.trades import unknown_appellations
from offers.search.criteria import Criteria, WordsRule
from opus.lib.audit import journal
from opus.lib.database.states import MoveRefused
from opus.lib.text_guard import fields
from opus.lib.text_guard.fields import GuardedFormField
from referrals.candidates.models import Candidate, Processing
from referrals.saved_searches.matching import propose_name
from referrals.saved_searches.models import (
    LONGEST_QUERY,
    MARGIN,
    MOST_FOR_A_PERSON,
    MOST_SEARCHES,
    NAME_TAKEN,
    ONE_VISIT,
    AlertPace,
    SavedSearch,
    SavedSearchQuerySet,
    has_no_criteria,
    settled_until,
)

# The words of a search are checked like its name.
WORDS = GuardedFormField(place="referrals.savedsearch.name", required=False)


class SearchRefused(MoveRefused):
    pass


class NameTaken(SearchRefused):
    def __init__(self) -> None:
        super().__init__(NAME_TAKEN)


class SearchesFull(SearchRefused):
    pass


def query_of(criteria: Criteria) -> str:
    """Return the saved query string: sorted, without page and typed text.

    Words that were not read stay so, whatever the search learns (``mots=exacts``).
    """
    saved = replace(criteria, page=1, typed="")
    if saved.words and not saved.rule:
        saved = replace(saved, rule=WordsRule.EXACT)
    return saved.query_string


@transaction.atomic
def save_search(
    criteria: Criteria, *, by: User, name: str, alert: str = AlertPace.NONE
) -> SavedSearch:
    """Save a search for oneself; open offers are not new."""
    return write(SavedSearch(account=by, name=name, alert=alert), query_of(criteria))


@transaction.atomic
def save_search_for(
    candidate: Candidate, criteria: Criteria, *, by: User
) -> SavedSearch:
    """Save a search for a person, e-mailed each morning.

    Order and age are dropped; saving it again returns the first. Raises SearchRefused,
    Candidate.DoesNotExist.
    """
    if has_no_criteria(criteria):
        raise SearchRefused(
            "Cette recherche ne demande rien : choisissez au moins un métier, un mot "
            "ou un lieu."
        )
    people = Candidate.objects.visible_to(by)
    locked = people.select_for_update(no_key=True, of=("self",))
    candidate = locked.get(pk=candidate.pk)
    if limit := candidate.limits.in_force(Processing.SEARCHES).first():
        raise SearchRefused(
            "Ce candidat s’est opposé aux recherches enregistrées, ou a fait geler ses "
            f"données (demande n°\xa0{limit.reference})."
        )
    query = query_of(criteria.changed(sort=None, days=None))
    if known := candidate.saved_searches.filter(query=query).first():
        return known
    try:
        # What an address says beside the codes that Opus knows was typed.
        for typed in [criteria.words, *unknown_appellations(criteria.appellations)]:
            WORDS.clean(typed)
        name = propose_name(criteria)
        # The rest is labels of Opus: « Juif (71) » is a commune.
        fields.allow(WORDS.place, name)
        search = SavedSearch(candidate=candidate, name=name, alert=AlertPace.DAILY)
        write(search, query)
    except ValidationError as error:
        raise SearchRefused(" ".join(error.messages)) from error
    record(journal.Action.SEARCH_SAVED, search, by=by)
    return search


def write(search: SavedSearch, query: str = "") -> SavedSearch:
    """Save the row; the database's refusals become sentences."""
    if len(query) > LONGEST_QUERY:
        raise SearchRefused(
            "Cette recherche a trop de critères pour être gardée : retirez-en."
        )
    if query:
        now = settled_until()
        search.query = query
        search.seen_until = search.opened_at = search.notified_until = now
    try:
        with transaction.atomic():
            search.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        match diagnosis and diagnosis.constraint_name:
            case "search_name_of_its_own":
                raise NameTaken from error
            case "searches_within_limit" if search.candidate:
                raise SearchesFull(
                    f"{MOST_FOR_A_PERSON} recherches sont déjà enregistrées pour "
                    f"{search.candidate.short_name} : retirez-en une avant d’en "
                    "ajouter."
                ) from error
            case "searches_within_limit":
                raise SearchesFull(
                    f"Vous avez déjà {MOST_SEARCHES} recherches enregistrées : "
                    "supprimez-en une pour en garder une autre."
                ) from error
        raise
    return search


@transaction.atomic
def change_search(search: SavedSearch, *, by: User, name: str, alert: str) -> None:
    """Change its name and the pace of its e-mails.

    New e-mails start from now; another pace loses nothing.
    """
    before = search.pace_for(by)
    if alert != before:
        if before == AlertPace.NONE:
            search.notified_until = settled_until()
        search.alert, search.muted_by = alert, None
    search.name = name
    write(search)
    record(journal.Action.SEARCH_CHANGED, search, by=by)


@transaction.atomic
def delete_search(search: SavedSearch, *, by: User) -> None:
    record(journal.Action.SEARCH_DELETED, search, by=by)
    search.delete()


def record(action: journal.Action, search: SavedSearch, *, by: User) -> None:
    """Write the audit entry of a search for a person."""
    if search.candidate_id:
        journal.record(action, by=by, target=search, persons=[search.candidate_id])


OPEN = """
WITH opened AS (
    UPDATE referrals_savedsearch SET
        seen_until = CASE WHEN opened_at > now() - %(one_visit)s
                     THEN seen_until ELSE opened_at END,
        opened_at = (SELECT opus_settled_until(%(margin)s))
    WHERE candidate_id = %(person)s OR id = %(search)s
    RETURNING *
)
SELECT * FROM opened ORDER BY created_at, id
"""


def mark_opened(
    *, person: UUID | None = None, search: UUID | None = None
) -> list[SavedSearch]:
    """Record the visit, and return the searches, the oldest first.

    After half an hour, news is old.
    """
    times = {"one_visit": ONE_VISIT, "margin": MARGIN}
    values = {**times, "person": person, "search": search}
    return list(SavedSearch.objects.raw(OPEN, values))


@transaction.atomic
def stop_emails(searches: SavedSearchQuerySet, *, by: User) -> int:
    """Stop these e-mails to this account; return how many.

    A stand-in stops his own only.
    """
    emailed = searches.emailed_to(by)
    ones_own = Q(account=by.pk) | Q(candidate__adviser=by.pk)
    stopped = emailed.filter(ones_own).update(alert=AlertPace.NONE)
    return stopped + emailed.exclude(ones_own).update(muted_by=by)
