"""Amend, end early, open a breach (art. 5.2, 12).

Each action locks the convention's row first; letters and e-mails leave after commit.
"""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.agreements import emails, letters, renewals
from accounts.agreements.jobs import (
    CHANGED,
    check_staff,
    close_what_is_open,
    end_was_announced,
    lock,
    notify_accounts_of_the_end,
    notify_rgc,
    record,
    save,
)
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.conventions import (
    IN_FORCE_STATES,
    Convention,
    ConventionState,
)
from accounts.agreements.models.letters import END_LETTERS, LetterKind
from accounts.agreements.models.terminations import (
    UNSENT_BREACHES,
    Breach,
    Ending,
    EndingOrigin,
)
from accounts.agreements.renewals import check_following
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import date_format


def check_amendment(amendment: Amendment, convention: Convention) -> None:
    """Check it against other rows; MoveRefused says the way out."""
    if convention.state not in IN_FORCE_STATES:
        raise MoveRefused(
            "Un avenant modifie une convention signée et qui n’a pas pris fin."
        )
    if amendment.noticed_on > timezone.localdate():
        raise MoveRefused("La date de la notification écrite est à venir.")
    last = max(convention.ends_on, amendment.ends_on or convention.ends_on)
    if not convention.starts_on <= amendment.effective_on <= last:
        raise MoveRefused(
            f"Un avenant prend effet pendant la convention, du "
            f"{date_format(convention.starts_on)} au {date_format(convention.ends_on)}."
        )
    if amendment.ends_on:
        check_new_end(amendment.ends_on, convention)
    if amendment.quota is not None:
        check_quota(amendment.quota, convention)


def check_new_end(ends_on: dt.date, convention: Convention) -> None:
    """Raise MoveRefused unless later than today's end, within the parent (art. 13)."""
    if convention.state == ConventionState.NOTICE_PERIOD:
        raise MoveRefused(
            "Un préavis court : la fin de la convention ne change plus par un avenant."
        )
    if ends_on <= convention.ends_on:
        raise MoveRefused(
            f"La convention prend fin le {date_format(convention.ends_on)} : un "
            "avenant prolonge une convention, il ne l’abrège pas. Pour y mettre fin "
            "plus tôt, revenez à sa fiche et proposez une fin anticipée (art. 12), ou "
            "enregistrez une fin d’un commun accord."
        )
    parent = convention.parent
    if ends_on > parent.ends_on:
        raise MoveRefused(
            f"La convention de partenariat n° {parent.number} prend fin le "
            f"{date_format(parent.ends_on)} : la convention d’application ne peut pas "
            "durer plus (art. 13)."
        )
    check_following(convention, ends_on)


def check_quota(quota: int, convention: Convention) -> None:
    """Raise MoveRefused below the accounts in use, with their names."""
    accounts = list(User.objects.counted().filter(structure=convention.structure_id))
    if len(accounts) > quota:
        names = ", ".join(f"{user} ({user.identifier})" for user in accounts)
        excess = len(accounts) - quota
        some = "un" if excess == 1 else str(excess)
        raise MoveRefused(
            f"Comptes utilisés : {names}. La structure doit d’abord en suspendre ou "
            f"en fermer {some}."
        )


# --- What two people decide (S28) --------------------------------------------------


@transaction.atomic
def propose[P: Amendment | Ending](proposal: P, *, by: User) -> P:
    """Record an amendment or an early end; a second person confirms it (S28).

    An administrator's amendment that raises no quota counts at once (domain 5.7).
    Raises MoveRefused by a partner, or where it contradicts other rows.
    """
    check_staff(by)
    convention = lock(proposal.convention)
    proposal.proposed_by = by
    if isinstance(proposal, Amendment):
        check_amendment(proposal, convention)
    else:
        check_ending(proposal, convention)
    save(proposal)
    # The database filled in the former quota and end.
    proposal.refresh_from_db()
    proposal.steps.create(origin="", target=proposal.state, by=by)
    with journal.gathering() as parts:
        if isinstance(proposal, Amendment) and not proposal.needs_two:
            confirm_amendment(proposal, by=by)
    action = CHANGED[type(proposal)]
    record(action, proposal, by, "propose", convention, parts=parts)
    return proposal


@transaction.atomic
def abandon(proposal: Amendment | Ending, *, by: User) -> None:
    """Abandon it; raise MoveRefused for another agent's proposal."""
    proposal.abandon(by=by)
    record(CHANGED[type(proposal)], proposal, by, "abandon", proposal.convention)


# --- Amendments (art. 5.2) --------------------------------------------------------


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


# --- Early ends (art. 12) ---------------------------------------------------------


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
    breach: Breach,
    *,
    by: User,
    on: dt.date,
    ends_on: dt.date,
    signatory: str = "",
    is_again: bool = False,
) -> Ending:
    """Uphold it and propose a last day, again once that was abandoned (art. 12).

    The letter of a former decision is cancelled, if it has not left. Raises MoveRefused
    during the structure's month, or for a later day.
    """
    convention = lock(breach.convention)
    if is_again:
        breach = Breach.objects.select_for_update(no_key=True).get(pk=breach.pk)
        if not breach.may_be_upheld_again:
            raise MoveRefused(
                "Une fin de cette convention attend déjà d’être confirmée, ou l’a été."
            )
    check_past(on, since=breach.observed_on or breach.notified_on)
    if is_again:
        breach.check_month(on)
        breach.upheld_on = on
        breach.save(update_fields=["upheld_on"])
        breach.steps.create(origin=breach.state, target=breach.state, by=by)
    else:
        breach.uphold(by=by, on=on)
    kind = LetterKind.BREACH_UPHELD
    with journal.gathering() as parts:
        for letter in breach.letters.to_post().filter(kind=kind):
            letters.cancel(letter, by=by)
        letters.prepare(
            kind, convention=convention, breach=breach, by=by, signatory=signatory
        )
        ending = Ending(
            convention=convention,
            origin=EndingOrigin.BREACH,
            breach=breach,
            told_on=on,
            ends_on=ends_on,
        )
        propose(ending, by=by)
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
            abandon(ending, by=by)
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
