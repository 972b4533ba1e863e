"""A colleague follows a caseload for a time (domain 5.6).

Nothing moves: access depends on the dates (``referrals.candidates.models.stand_ins``).
"""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.users.models.addresses import recent_addresses
from accounts.users.models.users import User
from opus.lib.audit.journal import Action, record
from opus.lib.database.states import MoveRefused
from opus.lib.dates.formats import date_format
from opus.lib.french import of
from referrals.candidates.actions import lock_colleagues
from referrals.candidates.models.stand_ins import StandIn
from referrals.caseloads import emails
from referrals.caseloads.actions.handover import caseload_of
from referrals.caseloads.transfers import receivers_for


class StandInRefused(MoveRefused):
    """The message says why; ``field`` is the one to change."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def confide(
    account: User, *, to: User, starts_on: dt.date, ends_on: dt.date, by: User
) -> StandIn:
    """Let a colleague follow a caseload, both days included."""
    # One at a time in a structure, as for a hand-over.
    lock_colleagues(account)
    account.refresh_from_db(fields=["state"])
    refuse_dates(starts_on, ends_on)
    # The adviser is notified before it begins (S39).
    earliest = timezone.localdate() + dt.timedelta(days=2)
    if to.pk == by.pk and starts_on < earliest:
        raise StandInRefused(
            "Vous confiez ces suivis à vous-même\u00a0: ils le seront au plus tôt le "
            f"{date_format(earliest)}, le temps d’en avertir la personne et France "
            "Travail. Pour commencer plus tôt, choisissez un collègue.",
            field="starts_on",
        )
    if not account.is_active or not receivers_for(account).filter(pk=to.pk).exists():
        raise StandInRefused(
            "Choisissez un conseiller de la structure au compte actif, ou le RGC. La "
            "situation a peut-être changé\u00a0: rechargez la page.",
            field="colleague",
        )
    stand_in = StandIn(  # type: ignore[misc]
        structure_id=account.structure_id,
        owner=account,
        colleague=to,
        starts_on=starts_on,
        ends_on=ends_on,
        created_by=by,
    )
    try:
        with transaction.atomic():
            stand_in.save(force_insert=True)
    except IntegrityError as error:
        raise in_french(error, stand_in) from error
    details = {"to": to.pk, "people": caseload_of(account).people}
    days = {"from": starts_on.isoformat(), "until": ends_on.isoformat()}
    record(Action.CASELOAD_CONFIDED, by=by, target=account, details=details | days)
    for reader in (one for one in (account, to) if one != by):
        # The owner of the caseload gets it at every recent address (ADR 8).
        addresses = list(recent_addresses(reader))
        for since in addresses if reader == account else addresses[:1]:
            emails.caseload_confided.post(
                key=f"{stand_in.pk}:{reader.pk}:{since}",
                stand_in=str(stand_in.pk),
                to=reader.pk,
                since=since,
            )
    return stand_in


@transaction.atomic
def take_back(stand_in: StandIn, *, by: User) -> None:
    """End it at once; nothing happens if it has ended."""
    standing = StandIn.objects.ahead().filter(pk=stand_in.pk)
    if not standing.update(ended_at=timezone.now(), ended_by=by):
        return
    details = {"from": stand_in.colleague_id}
    record(Action.CASELOAD_TAKEN_BACK, by=by, target=stand_in.owner, details=details)
    for reader in {stand_in.owner_id, stand_in.colleague_id} - {by.pk}:
        emails.caseload_taken_back.post(
            key=f"{stand_in.pk}:{reader}", stand_in=str(stand_in.pk), to=reader
        )


def refuse_dates(starts_on: dt.date, ends_on: dt.date) -> None:
    """Refuse days that are past, reversed or too many."""
    if starts_on < timezone.localdate():
        raise StandInRefused(
            "Ce jour est passé\u00a0: choisissez aujourd’hui ou un jour à venir.",
            field="starts_on",
        )
    if ends_on < starts_on:
        raise StandInRefused("Le dernier jour précède le premier.", field="ends_on")
    latest = starts_on + settings.STAND_IN_AT_MOST - dt.timedelta(days=1)
    if ends_on > latest:
        raise StandInRefused(
            f"Des suivis se confient {settings.STAND_IN_AT_MOST.days}\u00a0jours au "
            f"plus\u00a0: ici, jusqu’au {date_format(latest)}. Pour plus longtemps, "
            "le RGC les confie définitivement.",
            field="ends_on",
        )


def in_french(error: IntegrityError, stand_in: StandIn) -> Exception:
    """Return a refusal of the database in French."""
    diagnosis = getattr(error.__cause__, "diag", None)
    match getattr(diagnosis, "constraint_name", None):
        case "one_stand_in_at_a_time":
            return StandInRefused(
                f"Les suivis {of(stand_in.owner)} sont déjà confiés à quelqu’un sur "
                "une partie de ces dates\u00a0: changez les dates, ou reprenez-les "
                "d’abord.",
                field="starts_on",
            )
        case "stand_in_is_no_chain":
            return StandInRefused(
                f"Sur une partie de ces dates, {stand_in.colleague} confie ses propres "
                f"suivis, ou {stand_in.owner} en tient d’un collègue\u00a0: des suivis "
                "confiés ne se confient pas plus loin. Choisissez quelqu’un d’autre, "
                "ou d’autres dates.",
                field="colleague",
            )
    return error
