"""Record, sign, renew, amend and end conventions (art. 5.2, 12, 13).

Each action locks the convention's row first; letters and e-mails leave after commit.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.agreements import documents, emails, jobs, letters
from accounts.agreements.jobs import check_staff, lock, record, save
from accounts.agreements.models.amendments import Amendment
from accounts.agreements.models.articles import (
    AgreementDocument,
    ModelText,
    SignedCopy,
    digest_of,
)
from accounts.agreements.models.conventions import (
    IN_FORCE_STATES,
    ONE_DAY,
    RENEWABLE_STATES,
    TERMS,
    UNSIGNED_STATES,
    Convention,
    ConventionState,
    Partnership,
)
from accounts.agreements.models.letters import END_LETTERS, LetterKind
from accounts.agreements.models.terminations import (
    UNSENT_BREACHES,
    Breach,
    BreachState,
    Ending,
    EndingOrigin,
)
from accounts.users.enums import Role
from accounts.users.models import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.background_files import enqueue_file
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months, date_format
from opus.lib.outbound.models import OutboxEntry

# --- The text, its document and its signature (art. 13) -------------------------------

NO_TEXT = (
    "Aucun texte modèle n’est publié : publiez-en un, ou choisissez-en un sur la fiche."
)


@transaction.atomic
def publish(model_text: ModelText, *, by: User) -> None:
    """Publish it; raise MoveRefused if it is already."""
    check_staff(by)
    ModelText.objects.select_for_update().get(pk=model_text.pk).publish(by=by)
    model_text.refresh_from_db()


@transaction.atomic
def prepare_document(convention: Convention, *, by: User) -> AgreementDocument:
    """Prepare the PDF that both parties will sign; raise MoveRefused."""
    check_staff(by)
    convention = lock(convention)
    if convention.state != ConventionState.DRAFT:
        raise MoveRefused("Cette convention est signée : son document ne change plus.")
    model_text = convention.text_to_sign()
    if model_text is None:
        raise MoveRefused(NO_TEXT)
    return freeze(convention, model_text, is_final=False)


@transaction.atomic
def sign_convention(convention: Convention, *, by: User, **signatures: Any) -> None:
    """Sign it and freeze its document; raise MoveRefused (art. 13).

    Without any published text the paper was signed outside Opus: the scan is then all
    that is kept.
    """
    check_staff(by)
    convention.sign(by=by, **signatures)
    convention.refresh_from_db()
    if convention.model_text:
        freeze(convention, convention.model_text, is_final=True)
    if convention.renews_id:
        pk = convention.pk
        jobs.notify_rgc(emails.convention_renewed, convention, str(pk), convention=pk)


def freeze(
    convention: Convention, model_text: ModelText, *, is_final: bool
) -> AgreementDocument:
    """Replace the document that was prepared, if any."""
    AgreementDocument.objects.filter(convention=convention, is_final=False).delete()
    document = AgreementDocument(
        convention=convention, model_text=model_text, is_final=is_final
    )
    document.freeze(documents.agreement_body(convention, model_text))
    document.save()
    enqueue_file(document)
    return document


@transaction.atomic
def print_again(convention: Convention, *, by: User) -> None:
    check_staff(by)
    document = AgreementDocument.objects.get(convention=convention)
    if document.start_again():
        enqueue_file(document)


@transaction.atomic
def keep_signed_copy(convention: Convention, *, by: User, file: bytes) -> None:
    """Keep the scan, in place of an earlier one; raise MoveRefused for a draft."""
    check_staff(by)
    convention = lock(convention)
    if convention.state in UNSIGNED_STATES:
        raise MoveRefused("Enregistrez d’abord la signature de la convention.")
    copy = SignedCopy(
        convention=convention, content=file, sha256=digest_of(file), added_by=by
    )
    SignedCopy.objects.filter(convention=convention).delete()
    copy.save()


# --- The convention that follows (art. 13) --------------------------------------------


def why_not_renew(convention: Convention) -> str:
    if convention.state not in RENEWABLE_STATES:
        return (
            "Une convention signée se renouvelle, tant qu’elle n’a pas été résiliée : "
            "préparez une nouvelle convention."
        )
    if renewal := convention.renewal:
        return (
            f"Le renouvellement de cette convention est déjà préparé : {renewal} "
            f"({renewal.get_state_display()}). Ouvrez-le depuis la fiche."
        )
    return ""


def first_day_after(convention: Convention) -> dt.date:
    """Return the first day of a renewal without a gap."""
    after = convention.ends_on + ONE_DAY
    is_over = convention.state == ConventionState.EXPIRED
    return max(after, timezone.localdate()) if is_over else after


def last_day_from(convention: Convention, first: dt.date) -> dt.date:
    """Return the last day of a renewal as long as the present one."""
    after = convention.ends_on + ONE_DAY
    months = (after.year - convention.starts_on.year) * 12
    months += after.month - convention.starts_on.month
    if months > 0 and add_months(convention.starts_on, months) == after:
        return add_months(first, months) - ONE_DAY
    return first + (convention.ends_on - convention.starts_on)


@transaction.atomic
def renew(
    convention: Convention,
    *,
    by: User,
    number: str,
    parent: Partnership,
    starts_on: dt.date,
    ends_on: dt.date,
    keeps_rgc: bool,
) -> Convention:
    """Draft the following convention from the present one's terms.

    Raises MoveRefused if one is prepared already, or if it begins too early.
    """
    check_staff(by)
    convention = lock(convention)
    if sentence := why_not_renew(convention):
        raise MoveRefused(sentence)
    if starts_on <= convention.ends_on:
        raise MoveRefused(
            "La présente convention court jusqu’au "
            f"{date_format(convention.ends_on)} : la suivante commence au plus tôt le "
            "lendemain."
        )
    # Amendments that count on its last day are part of what is renewed.
    terms = convention.terms_on(convention.ends_on)
    renewal = Convention(
        structure=convention.structure,
        agency=convention.agency,
        renews=convention,
        number=number,
        parent=parent,
        starts_on=starts_on,
        ends_on=ends_on,
        keeps_rgc=keeps_rgc,
        # The deliberation is another one.
        partner_signatory=convention.partner_signatory,
        ft_signatory=convention.ft_signatory,
        signing_place=convention.signing_place,
        **{f"signed_{name}": getattr(terms, name) for name in TERMS},
    )
    renewal.parent_ends_on = parent.ends_on
    save(renewal)
    renewal.steps.create(origin="", target=renewal.state, by=by)
    record(renewal, by, "renew", convention=convention.pk)
    return renewal


@transaction.atomic
def remind(
    conventions: Iterable[Convention], *, by: User
) -> list[tuple[Convention, str]]:
    """Write to the RGC of each again, once a day; return what was done, in French."""
    check_staff(by)
    lines, parts = [], []
    for convention in sorted(conventions, key=lambda one: one.ends_on):
        sentence, written = remind_one(lock(convention))
        lines.append((convention, sentence))
        if written:
            target = f"{convention._meta.label_lower} {convention.pk}"
            parts.append({"action": str(Action.CONVENTION_CHANGED), "target": target})
    if parts:
        details = {"verb": "remind"}
        journal.record(Action.CONVENTION_CHANGED, by=by, details=details, parts=parts)
    return lines


def remind_one(convention: Convention) -> tuple[str, bool]:
    """Return what was done, and whether somebody was written to."""
    if not convention.is_to_renew:
        if renewal := convention.renewal:
            return f"Pas de rappel : {renewal} est déjà préparée.", False
        return "Pas de rappel : elle n’est pas à renouveler maintenant.", False
    office = jobs.nominations().in_office().filter(convention=convention).first()
    person = jobs.members(convention).filter(role=Role.RGC).first()
    if office is None or person is None:
        return "Pas de rappel : aucun RGC en fonction. Écrivez à la structure.", False
    key = f"{convention.pk}:{convention.ends_on}:{person.pk}:{timezone.localdate()}"
    if OutboxEntry.objects.filter(effect=emails.renewal_due.name, key=key).exists():
        return f"Déjà rappelé aujourd’hui à {person}.", False
    emails.renewal_due.post(key=key, convention=convention.pk, account=person.pk)
    return f"Un courriel de rappel part à {person}, RGC.", True


def move_draft(
    convention: Convention, *, was: dt.date, last: dt.date, by: User
) -> None:
    """Move a draft's first day with the end of what it renews.

    A gap that was wanted stays, as long as the dates leave one.
    """
    first = last + ONE_DAY
    for draft in convention.renewals.renewals_to_sign():
        if draft.starts_on == was + ONE_DAY or draft.starts_on < first:
            draft.starts_on = first
            draft.save(update_fields=["starts_on"])
            record(draft, by, "follow", convention=convention.pk)


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
        accounts = User.objects.counted().filter(structure=convention.structure_id)
        if (excess := len(accounts) - amendment.quota) > 0:
            names = ", ".join(f"{user} ({user.identifier})" for user in accounts)
            some = "un" if excess == 1 else str(excess)
            raise MoveRefused(
                f"Comptes utilisés : {names}. La structure doit d’abord en "
                f"suspendre ou en fermer {some}."
            )


def check_new_end(ends_on: dt.date, convention: Convention) -> None:
    """Raise MoveRefused unless it is after today's end, and within what bounds it.

    Its parent bounds it (art. 13), and the next convention, signed or drafted.
    """
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
    following = convention.following
    if following and following.starts_on <= ends_on:
        raise MoveRefused(
            f"La convention suivante, n° {following.number}, est signée et prend effet "
            f"le {date_format(following.starts_on)} : la présente prend fin au plus "
            "tard la veille."
        )
    for draft in convention.renewals.renewals_to_sign():
        if draft.ends_on <= ends_on:
            raise MoveRefused(
                f"Le projet de la convention suivante, n° {draft.number}, finirait le "
                f"{date_format(draft.ends_on)}, avant la présente : modifiez ou "
                "abandonnez d’abord ce projet."
            )


# --- What two people decide (S28) -----------------------------------------------------


@transaction.atomic
def propose[P: Amendment | Ending](proposal: P, *, by: User) -> P:
    """Record an amendment or an early end; a second person confirms it (S28).

    An administrator's amendment that raises no quota counts at once.
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
    record(proposal, by, "propose", parts)
    return proposal


@transaction.atomic
def abandon(row: Convention | Amendment | Ending, *, by: User) -> None:
    """Give a draft or a proposal up; raise MoveRefused for another agent's."""
    row.abandon(by=by)
    record(row, by, "abandon")


# --- Amendments (art. 5.2) ------------------------------------------------------------


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
            move_draft(convention, was=was, last=amendment.ends_on, by=by)
        if jobs.end_was_announced(convention):
            jobs.notify_accounts_of_the_end(convention, stage="annonce")
    with journal.gathering() as parts:
        letters.prepare(LetterKind.AMENDMENT, amendment=amendment, by=by, signatory="")
    parts = [*moved, *parts]
    record(amendment, by, "confirm", parts)
    pk = amendment.pk
    jobs.notify_rgc(emails.amendment_confirmed, convention, str(pk), amendment=pk)


# --- Early ends (art. 12) -------------------------------------------------------------


@transaction.atomic
def confirm_ending(ending: Ending, *, by: User, signatory: str = "") -> None:
    """End it now or later; raise MoveRefused for its proposer."""
    convention = lock(ending.convention)
    check_ending(ending, convention)
    ending.confirm(by=by)
    was = convention.ends_on
    if ending.at_once or convention.starts_on > ending.ends_on:
        convention.terminate(by=by)
        jobs.close_what_is_open(convention, by=by)
    elif convention.state == ConventionState.SIGNED:
        convention.give_notice(by=by, ends_on=ending.ends_on)
    else:
        convention.ends_on = ending.ends_on
        convention.save(update_fields=["ends_on"])
    kind = LetterKind.NOTICE_PERIOD
    if ending.origin == EndingOrigin.AGREEMENT:
        kind = LetterKind.AGREED_END
    elif ending.at_once or ending.breach:
        kind = LetterKind.TERMINATION
    with journal.gathering() as parts:
        for letter in convention.letters.to_post().filter(kind__in=END_LETTERS):
            letters.cancel(letter, by=by)
        causes: dict[str, Any] = {"breach": ending.breach, "ending": ending}
        letters.prepare(kind, **causes, by=by, signatory=signatory)
        # By agreement, the parties may want the next convention sooner: its draft
        # follows. Else somebody has decided that Opus ends: the draft goes, and may be
        # prepared again.
        if ending.origin == EndingOrigin.AGREEMENT:
            move_draft(convention, was=was, last=ending.ends_on, by=by)
        else:
            for draft in convention.renewals.renewals_to_sign():
                abandon(draft, by=by)
    record(ending, by, "confirm", parts)
    jobs.notify_accounts_of_the_end(convention, stage="annonce")


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


# --- Breaches (art. 12) ---------------------------------------------------------------


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
    record(breach, by, "open", reasons=reasons)
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
        letters.prepare(LetterKind.BREACH, breach=breach, by=by, signatory=signatory)
    record(breach, by, "sign", parts)


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
    breach.move_to(
        BreachState.OBSERVED,
        by=by,
        observed_on=on,
        observations_reference=reference,
        observations_file=file,
    )
    record(breach, by, "observe")


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
        if breach.can_move_to(BreachState.UPHELD):
            breach.check_month(on)
        breach.move_to(BreachState.UPHELD, by=by, upheld_on=on)
    kind = LetterKind.BREACH_UPHELD
    with journal.gathering() as parts:
        for letter in breach.letters.to_post().filter(kind=kind):
            letters.cancel(letter, by=by)
        letters.prepare(kind, breach=breach, by=by, signatory=signatory)
        ending = Ending(
            convention=convention,
            origin=EndingOrigin.BREACH,
            breach=breach,
            told_on=on,
            ends_on=ends_on,
        )
        propose(ending, by=by)
    record(breach, by, "uphold", parts)
    return ending


@transaction.atomic
def lift_breach(breach: Breach, *, by: User, signatory: str = "") -> None:
    """Drop the procedure; raise MoveRefused if the end is confirmed."""
    lock(breach.convention)
    was = Breach.objects.select_for_update(no_key=True).get(pk=breach.pk).state
    if breach.endings.filter(confirmed_at__isnull=False).exists():
        raise MoveRefused(
            "La fin de la convention est confirmée : il faudrait une nouvelle "
            "convention."
        )
    breach.move_to(BreachState.LIFTED, by=by)
    with journal.gathering() as parts:
        for ending in breach.endings.waiting():
            abandon(ending, by=by)
        for letter in breach.letters.to_post():
            letters.cancel(letter, by=by)
        if was not in UNSENT_BREACHES:
            kind = LetterKind.BREACH_LIFTED
            letters.prepare(kind, breach=breach, by=by, signatory=signatory)
    record(breach, by, "lift", parts)


def check_past(on: dt.date, *, since: dt.date | None) -> None:
    today = timezone.localdate()
    if on > today or (since and on < since):
        floor = f"depuis le {date_format(since)}" if since else "passé"
        raise MoveRefused(f"Choisissez un jour {floor}, et pas au-delà d’aujourd’hui.")


def check_running(convention: Convention) -> None:
    if convention.state not in IN_FORCE_STATES:
        raise MoveRefused("Cette convention n’est pas signée, ou elle a déjà pris fin.")
