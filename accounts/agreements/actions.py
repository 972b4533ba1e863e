"""Amend, end early, open a breach (art. 5.2, 12).

Each action locks the convention's row first; letters and e-mails leave after commit.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.agreements import emails, letters, renewals
from accounts.agreements.amendment_checks import check_amendment
from accounts.agreements.enums import IN_FORCE_STATES, ConventionState
from accounts.agreements.jobs import (
    close_what_is_open,
    end_was_announced,
    notify_accounts_of_the_end,
    notify_rgc,
    record,
)
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.breaches import UNSENT_BREACHES, Breach
from accounts.agreements.models.conventions import Convention
from accounts.agreements.models.letters import END_LETTERS, LetterKind
from accounts.agreements.models.terminations import Ending, EndingOrigin
from accounts.agreements.rows import check_staff, lock, save
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format

# --- Amendments (art. 5.2) --------------------------------------------------------


@transaction.atomic
def propose_amendment(amendment: Amendment, *, by: User) -> Amendment:
    """Record a written notice of the regional director.

    A higher quota needs a second member of the staff (S28); an agent's proposal always
    needs an administrator (domain 5.7). Raises MoveRefused.
    """
    check_staff(by)
    convention = lock(amendment.convention)
    amendment.proposed_by = by
    check_amendment(amendment, convention)
    save(amendment)
    # The database filled in the former quota and end.
    amendment.refresh_from_db()
    amendment.steps.create(origin="", target=amendment.state, by=by)
    with journal.gathering() as parts:
        if not amendment.needs_two:
            confirm_amendment(amendment, by=by)
    record(Action.AMENDMENT_CHANGED, amendment, by, "propose", convention, parts=parts)
    return amendment


@transaction.atomic
def confirm_amendment(amendment: Amendment, *, by: User) -> None:
    """Apply it; raise MoveRefused for its proposer or if impossible."""
    convention = lock(amendment.convention)
    amendment.convention = convention
    check_amendment(amendment, convention)
    amendment.confirm(
        by=by, effective_on=max(amendment.effective_on, timezone.localdate())
    )
    was, moved = convention.ends_on, []
    if amendment.ends_on:
        convention.ends_on = amendment.ends_on
        convention.save(update_fields=["ends_on"])
        with journal.gathering() as moved:
            renewals.move_draft(convention, was=was, last=amendment.ends_on, by=by)
        if end_was_announced(convention):
            notify_accounts_of_the_end(convention, stage="annonce")
    with journal.gathering() as parts:
        letters.prepare(
            LetterKind.AMENDMENT,
            convention=convention,
            amendment=amendment,
            by=by,
            signatory="",
        )
    parts = [*moved, *parts]
    record(Action.AMENDMENT_CHANGED, amendment, by, "confirm", convention, parts=parts)
    pk = amendment.pk
    notify_rgc(emails.amendment_confirmed, convention, str(pk), amendment=pk)


@transaction.atomic
def abandon_amendment(amendment: Amendment, *, by: User) -> None:
    amendment.abandon(by=by)
    record(Action.AMENDMENT_CHANGED, amendment, by, "abandon", amendment.convention)


# --- Early ends (art. 12) ---------------------------------------------------------


@transaction.atomic
def propose_ending(ending: Ending, *, by: User) -> Ending:
    """Propose an early end; a second person confirms (S28).

    Raises MoveRefused by a partner, or if the convention is over or ends sooner.
    """
    check_staff(by)
    convention = lock(ending.convention)
    ending.proposed_by = by
    check_ending(ending, convention)
    save(ending)
    ending.steps.create(origin="", target=ending.state, by=by)
    record(Action.ENDING_CHANGED, ending, by, "propose", convention)
    return ending


@transaction.atomic
def confirm_ending(ending: Ending, *, by: User, signatory: str = "") -> None:
    """End it now or later; raise MoveRefused for its proposer."""
    convention = lock(ending.convention)
    check_ending(ending, convention)
    ending.confirm(by=by)
    was = convention.ends_on
    if ending.at_once or convention.starts_on > ending.ends_on:
        convention.terminate(by=by)
        close_what_is_open(convention, by=by)
    elif convention.state == ConventionState.SIGNED:
        convention.give_notice(by=by, ends_on=ending.ends_on)
    else:
        convention.ends_on = ending.ends_on
        convention.save(update_fields=["ends_on"])
    with journal.gathering() as parts:
        for letter in convention.letters.to_post().filter(kind__in=END_LETTERS):
            letters.cancel(letter, by=by)
        letters.prepare(
            letter_of(ending),
            convention=convention,
            breach=ending.breach,
            by=by,
            ending=ending,
            signatory=signatory,
        )
        renewals.follow_early_end(ending, convention, was=was, by=by)
    record(Action.ENDING_CHANGED, ending, by, "confirm", convention, parts=parts)
    notify_accounts_of_the_end(convention, stage="annonce")


def letter_of(ending: Ending) -> LetterKind:
    """Return the kind of letter that notifies this end."""
    if ending.origin == EndingOrigin.AGREEMENT:
        return LetterKind.AGREED_END
    is_termination = ending.at_once or ending.breach
    return LetterKind.TERMINATION if is_termination else LetterKind.NOTICE_PERIOD


@transaction.atomic
def abandon_ending(ending: Ending, *, by: User) -> None:
    ending.abandon(by=by)
    record(Action.ENDING_CHANGED, ending, by, "abandon", ending.convention)


def check_ending(ending: Ending, convention: Convention) -> None:
    """Check it against other rows; raise MoveRefused."""
    check_running(convention)
    if ending.breach:
        # The presentation may have been recorded after the decision.
        ending.breach.refresh_from_db(fields=["presented_on"])
        ending.breach.check_month(ending.told_on)
    today = timezone.localdate()
    signed_on = convention.signed_on
    if signed_on and ending.told_on < signed_on:
        raise MoveRefused(
            "La lettre ou la décision ne précède pas la signature de la convention, du "
            f"{date_format(signed_on)}\xa0: vérifiez sa date."
        )
    if ending.told_on > today:
        raise MoveRefused(
            "La date de la lettre, de la décision ou de l’accord est à venir."
        )
    if ending.ends_on < today:
        raise MoveRefused("Ce jour est passé : choisissez-en un à venir.")
    if not ending.at_once and ending.ends_on >= convention.ends_on:
        last_day = date_format(convention.ends_on)
        raise MoveRefused(
            f"La convention prend déjà fin le {last_day} : une fin "
            "anticipée ne la prolonge pas."
        )


# --- Breaches (art. 12) -----------------------------------------------------------


@transaction.atomic
def open_breach(
    convention: Convention,
    *,
    by: User,
    reasons: list[str],
    facts: str,
    other_obligation: str = "",
) -> Breach:
    """Open it; a second person signs before anything leaves (S28)."""
    convention = lock(convention)
    check_running(convention)
    breach = Breach(
        convention=convention,
        reasons=reasons,
        facts=facts,
        other_obligation=other_obligation,
        opened_by=by,
    )
    save(breach)
    breach.steps.create(origin="", target=breach.state, by=by)
    record(Action.BREACH_CHANGED, breach, by, "open", convention, reasons=reasons)
    return breach


@transaction.atomic
def sign_breach(breach: Breach, *, by: User, signatory: str = "") -> None:
    """Prepare the letter of reasons; its presentation starts the month.

    Raises MoveRefused for who opened it, and for an agent.
    """
    convention = lock(breach.convention)
    check_running(convention)
    breach.sign(by=by)
    with journal.gathering() as parts:
        letters.prepare(
            LetterKind.BREACH,
            convention=convention,
            breach=breach,
            by=by,
            signatory=signatory,
        )
    record(Action.BREACH_CHANGED, breach, by, "sign", convention, parts=parts)


@transaction.atomic
def receive_observations(
    breach: Breach,
    *,
    by: User,
    on: dt.date,
    reference: str = "",
    file: bytes | None = None,
) -> None:
    check_past(on, since=breach.notified_on)
    breach.observe(by=by, on=on, reference=reference, file=file)
    record(Action.BREACH_CHANGED, breach, by, "observe", breach.convention)


@transaction.atomic
def uphold_breach(
    breach: Breach, *, by: User, on: dt.date, ends_on: dt.date, signatory: str = ""
) -> Ending:
    """Uphold it and propose a last day (art. 12).

    Raises MoveRefused during the structure's month, or for a later day.
    """
    convention = lock(breach.convention)
    check_past(on, since=breach.observed_on or breach.notified_on)
    breach.uphold(by=by, on=on)
    return decide(breach, convention, by=by, on=on, ends_on=ends_on, who=signatory)


@transaction.atomic
def uphold_again(
    breach: Breach, *, by: User, on: dt.date, ends_on: dt.date, signatory: str = ""
) -> Ending:
    """Decide anew once the proposed end was abandoned (art. 12).

    The letter of the former decision is cancelled, if it has not left.
    """
    convention = lock(breach.convention)
    breach = Breach.objects.select_for_update(no_key=True).get(pk=breach.pk)
    if not breach.may_be_upheld_again:
        raise MoveRefused(
            "Une fin de cette convention attend déjà d’être confirmée, ou l’a été."
        )
    check_past(on, since=breach.observed_on or breach.notified_on)
    breach.check_month(on)
    breach.upheld_on = on
    breach.save(update_fields=["upheld_on"])
    breach.steps.create(origin=breach.state, target=breach.state, by=by)
    return decide(breach, convention, by=by, on=on, ends_on=ends_on, who=signatory)


def decide(
    breach: Breach,
    convention: Convention,
    *,
    by: User,
    on: dt.date,
    ends_on: dt.date,
    who: str,
) -> Ending:
    """Prepare the decision's letter in place of a former one; propose the end."""
    kind = LetterKind.BREACH_UPHELD
    with journal.gathering() as parts:
        for letter in breach.letters.to_post().filter(kind=kind):
            letters.cancel(letter, by=by)
        letters.prepare(
            kind, convention=convention, breach=breach, by=by, signatory=who
        )
        ending = Ending(
            convention=convention,
            origin=EndingOrigin.BREACH,
            breach=breach,
            told_on=on,
            ends_on=ends_on,
        )
        propose_ending(ending, by=by)
    record(Action.BREACH_CHANGED, breach, by, "uphold", convention, parts=parts)
    return ending


@transaction.atomic
def lift_breach(breach: Breach, *, by: User, signatory: str = "") -> None:
    """Drop the procedure; raise MoveRefused if the end is confirmed."""
    convention = lock(breach.convention)
    was = Breach.objects.select_for_update(no_key=True).get(pk=breach.pk).state
    if breach.endings.filter(confirmed_at__isnull=False).exists():
        raise MoveRefused(
            "La fin de la convention est confirmée : il faudrait une nouvelle "
            "convention."
        )
    breach.lift(by=by)
    with journal.gathering() as parts:
        for ending in breach.endings.waiting():
            abandon_ending(ending, by=by)
        for letter in breach.letters.to_post():
            letters.cancel(letter, by=by)
        if was not in UNSENT_BREACHES:
            letters.prepare(
                LetterKind.BREACH_LIFTED,
                convention=convention,
                breach=breach,
                by=by,
                signatory=signatory,
            )
    record(Action.BREACH_CHANGED, breach, by, "lift", convention, parts=parts)


def check_past(on: dt.date, *, since: dt.date | None) -> None:
    today = timezone.localdate()
    if on > today or (since and on < since):
        floor = f"depuis le {date_format(since)}" if since else "passé"
        raise MoveRefused(f"Choisissez un jour {floor}, et pas au-delà d’aujourd’hui.")


def check_running(convention: Convention) -> None:
    if convention.state not in IN_FORCE_STATES:
        raise MoveRefused("Cette convention n’est pas signée, ou elle a déjà pris fin.")
