"""Ceilings per account: persons seen in an hour and in a day, exports, look-ups (S25).

Every page that shows persons comes through ``show`` before it answers, every export
through ``export``. They count in the journal itself, under a lock of the account's own,
in the transaction that writes the new line: no second counter to disagree with it, no
thread that slips past, and nothing that the loss of Redis opens.

**What counts.** Different persons: who reads one sheet ten times has seen one person.
Each person of a list counts, as does that of a document. Nobody is shut out of whom he
has already seen within the window. What a page shows of itself, the desk or the first
page of one's own list, counts here like the rest, but not in the *signal* at half of
the ceiling (``unasked``): each morning would else raise one, and nobody would read it.
"""

import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from accounts.limits import TooManyUses
from accounts.models import User
from opus.lib import audit
from opus.lib.audit import READS, Action
from opus.lib.dates import date_format
from opus.lib.models import AuditEntry

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
EXPORTS_WINDOW = DAY
LOOK_UPS_WINDOW = HOUR
# Their codes in the journal.
PERSONS, PERSONS_DAY, LOOK_UPS = "persons", "persons_day", "look_ups"


class CeilingReached(TooManyUses):
    """Too many persons or exports for now: ``AccessMiddleware`` answers it by a 429.

    ``str(error)`` says what, until when, and what to do; ``seconds`` is what the
    Retry-After header tells.
    """

    def __init__(self, sentence: str, until: dt.datetime) -> None:
        super().__init__(until - timezone.now(), sentence)


class LookUpsStopped(CeilingReached):
    """Too many look-ups that found nobody: the form says so and keeps the words."""


@dataclasses.dataclass(frozen=True)
class Wait:
    """A ceiling that is reached: its code in the journal, and until when."""

    ceiling: str
    until: dt.datetime


def show(
    by: User,
    action: Action,
    persons: Collection[uuid.UUID],
    *,
    far: Collection[uuid.UUID] = (),
    target: models.Model | None = None,
    unasked: bool = False,
    **details: Any,
) -> None:
    """Tell the journal that an account is about to see these persons, or refuse.

    Call it outside of any transaction: the refusal's line must stand.

    Args:
        far: those of them who live far from the structure.
        unasked: the page shows them of itself; see the module.
        details: codes and numbers for the journal.

    Raises:
        CeilingReached: that would be more different ones than an hour or a day allows.
        LookUpsStopped: so many look-ups found nobody that no other is answered.
    """
    wait = None
    if unasked:
        details["unasked"] = True
    with transaction.atomic(durable=True):
        if action == Action.PERSON_LOOKED_UP:
            wait = wait_for_look_ups(by)
        if persons and wait is None:
            wait = wait_for_persons(by, set(persons))
        if wait is None:
            audit.record(
                action,
                by=by,
                target=target,
                persons=persons,
                far=far,
                details=details,
            )
        else:
            tell_refusal(by, wait.ceiling, target=target)
    if wait is None:
        return
    if wait.ceiling == LOOK_UPS:
        raise LookUpsStopped(look_ups_sentence(wait.until), wait.until)
    raise CeilingReached(persons_sentence(wait), wait.until)


def export[Made: models.Model](
    by: User,
    what: str,
    persons: Collection[uuid.UUID],
    *,
    target: models.Model | None = None,
    make: Callable[[], Made] | None = None,
    **details: Any,
) -> Made | None:
    """Tell the journal that an account is about to take a file away, or refuse.

    The persons of a file are told, and do not count as seen on a page: exports have
    their own ceiling. Call it outside of any transaction.

    Args:
        what: the code of the file: all count together.
        make: writes the row that a worker will make a file of, in the transaction of
            the journal's line: neither stands without the other.
        details: codes and numbers for the journal.

    Returns:
        What ``make`` made.

    Raises:
        CeilingReached: that would be more than ``exports_a_day``.
    """
    made = None
    with transaction.atomic(durable=True):
        until = wait_for_export(by)
        if until is None:
            made = make() if make else None
            audit.record(
                Action.EXPORT_MADE,
                by=by,
                target=target or made,
                persons=persons,
                details={"what": what, **details},
            )
        else:
            tell_refusal(by, "exports", target=target)
    if until is not None:
        raise CeilingReached(exports_sentence(until), until)
    return made


def exports_left(by: User) -> int:
    """How many files may still leave today; asked without a lock, for a page to say."""
    since = timezone.now() - EXPORTS_WINDOW
    return max(0, most_exports() - exports_since(by, since).count())


def most_exports() -> int:
    return settings.DETECTION.exports_a_day


def exports_since(by: User, since: dt.datetime) -> models.QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(
        actor_id=by.pk, at__gt=since, action=Action.EXPORT_MADE
    )


def wait_for_persons(by: User, persons: set[uuid.UUID]) -> Wait | None:
    """The ceiling that these would pass, the one that opens last; None is now."""
    now = timezone.now()
    of_day = hold_persons_seen(by, now - DAY)
    of_hour = {person: at for person, at in of_day.items() if at > now - HOUR}
    limits = settings.DETECTION
    ends = [
        (until_under(of_hour, persons, limits.persons_an_hour, HOUR), PERSONS),
        (until_under(of_day, persons, limits.persons_a_day, DAY), PERSONS_DAY),
    ]
    waits = [Wait(ceiling, until) for until, ceiling in ends if until]
    return max(waits, key=lambda wait: wait.until, default=None)


def until_under(
    seen: dict[uuid.UUID, dt.datetime],
    persons: set[uuid.UUID],
    limit: int,
    window: dt.timedelta,
) -> dt.datetime | None:
    """When all of these may be seen within one ceiling; None is now.

    Args:
        seen: whom the account saw within the window, and when last, earliest first.
    """
    excess = len(seen.keys() | persons) - limit
    if excess <= 0 or persons <= seen.keys():
        return None
    others = [at for person, at in seen.items() if person not in persons]
    last = others[excess - 1] if excess <= len(others) else timezone.now()
    return last + window


def wait_for_look_ups(by: User) -> Wait | None:
    """Whether too many look-ups found nobody, and until when; None is now.

    What would find somebody is refused as well: the answers could else be told apart.
    """
    now = timezone.now()
    hold_persons_seen(by, now)
    empty = AuditEntry.objects.filter(
        actor_id=by.pk,
        at__gt=now - LOOK_UPS_WINDOW,
        action=Action.PERSON_LOOKED_UP,
        details__found=0,
    )
    limit = settings.DETECTION.empty_look_ups
    last = empty.order_by("-at").values_list("at", flat=True)[limit - 1 : limit].first()
    return Wait(LOOK_UPS, last + LOOK_UPS_WINDOW) if last else None


def wait_for_export(by: User) -> dt.datetime | None:
    """When the next file may leave; None is now."""
    now = timezone.now()
    hold_persons_seen(by, now)
    rows = exports_since(by, now - EXPORTS_WINDOW)
    made = list(rows.order_by("at").values_list("at", flat=True))
    excess = len(made) + 1 - most_exports()
    return made[excess - 1] + EXPORTS_WINDOW if excess > 0 else None


def hold_persons_seen(by: User, since: dt.datetime) -> dict[uuid.UUID, dt.datetime]:
    """Whom the account saw since, and when last, the earliest first.

    Its other counts wait until this transaction ends, then see what it wrote.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person, last_at FROM opus_persons_seen(%s, %s, %s)",
            [by.pk, since, list(READS)],
        )
        return dict(cursor.fetchall())


def tell_refusal(by: User, ceiling: str, *, target: models.Model | None) -> None:
    audit.record(
        Action.CEILING_REACHED,
        by=by,
        target=target,
        refused="plafond atteint",
        details={"ceiling": ceiling},
    )


def persons_sentence(wait: Wait) -> str:
    limit, within = settings.DETECTION.persons_an_hour, "une heure"
    open_still = "celles que vous avez déjà vues dans l’heure restent ouvertes"
    if wait.ceiling == PERSONS_DAY:
        limit, within = settings.DETECTION.persons_a_day, "vingt-quatre heures"
        open_still = (
            "d’ici là, celles que vous avez déjà vues pendant ces vingt-quatre heures "
            "restent ouvertes"
        )
    return (
        f"Vous avez vu {limit} personnes différentes en {within} : au-delà, Opus "
        "s’arrête pour protéger leurs données (convention, art. 9.2). Vous pourrez en "
        f"ouvrir d’autres à partir de {in_clock(wait.until)} ; {open_still}. Si votre "
        "travail en demande davantage, dites-le à votre responsable de gestion des "
        "comptes (RGC) ou à votre correspondant France Travail, que cet arrêt prévient."
    )


def look_ups_sentence(until: dt.datetime) -> str:
    limit = settings.DETECTION.empty_look_ups
    return (
        f"Vous avez cherché {limit} fois en une heure une personne sans la trouver : "
        "Opus arrête les recherches de personnes jusqu’à "
        f"{in_clock(until)} et prévient France Travail. D’ici là, ouvrez vos candidats "
        "depuis « Mes candidats » ; vérifiez l’identifiant ou l’orthographe du nom, "
        "puis cherchez de nouveau."
    )


def exports_sentence(until: dt.datetime) -> str:
    limit = settings.DETECTION.exports_a_day
    return (
        f"Vous avez fait {limit} exports en vingt-quatre heures : au-delà, Opus "
        "s’arrête pour protéger les personnes (convention, art. 9.2). Le prochain sera "
        f"possible à partir de {in_clock(until)}. S’il ne peut pas attendre, dites-le "
        "à votre correspondant France Travail, que cet arrêt prévient."
    )


def in_clock(instant: dt.datetime) -> str:
    """« 15 h 42 », with its day where that is another one."""
    local = timezone.localtime(instant)
    hour = date_format(local, "G \\h i")
    if local.date() == timezone.localdate():
        return hour
    return f"{hour}, {date_format(local, 'l j F')}"
