"""Prepare the convention that follows, and keep its dates true (art. 13).

A draft follows the end of the convention that it renews; a signed one stays as signed.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.agreements import emails
from accounts.agreements.jobs import (
    check_staff,
    lock,
    members,
    nominations,
    notify_rgc,
    record,
    save,
)
from accounts.agreements.models.conventions import (
    ONE_DAY,
    RENEWABLE_STATES,
    TERMS,
    Convention,
    ConventionState,
    Partnership,
)
from accounts.agreements.models.terminations import Ending, EndingOrigin
from accounts.users.enums import Role
from accounts.users.models.users import User
from opus.lib.audit import journal
from opus.lib.audit.journal import Action
from opus.lib.database.states import MoveRefused
from opus.lib.dates import add_months, date_format
from opus.lib.outbound.models import OutboxEntry


def is_renewable(convention: Convention) -> bool:
    return convention.state in RENEWABLE_STATES


def why_not_renew(convention: Convention) -> str:
    if not is_renewable(convention):
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


def rgc_said(convention: Convention) -> str:
    office = nominations().in_office().filter(convention=convention).first()
    return (
        f"Aujourd’hui : {office.full_name}." if office else "Poste vacant aujourd’hui."
    )


@transaction.atomic
def prepare(
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
    record(Action.CONVENTION_CHANGED, renewal, by, "renew", convention)
    return renewal


def announce(renewal: Convention) -> None:
    pk = renewal.pk
    notify_rgc(emails.convention_renewed, renewal, str(pk), convention=pk)


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
    office = nominations().in_office().filter(convention=convention).first()
    person = members(convention).filter(role=Role.RGC).first()
    if office is None or person is None:
        return "Pas de rappel : aucun RGC en fonction. Écrivez à la structure.", False
    key = f"{convention.pk}:{convention.ends_on}:{person.pk}:{timezone.localdate()}"
    if OutboxEntry.objects.filter(effect=emails.renewal_due.name, key=key).exists():
        return f"Déjà rappelé aujourd’hui à {person}.", False
    emails.renewal_due.post(key=key, convention=convention.pk, account=person.pk)
    return f"Un courriel de rappel part à {person}, RGC.", True


@transaction.atomic
def abandon(convention: Convention, *, by: User) -> None:
    """Give a draft up; the present convention may be renewed again."""
    convention.abandon(by=by)
    record(Action.CONVENTION_CHANGED, convention, by, "abandon", convention)


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
            record(Action.CONVENTION_CHANGED, draft, by, "follow", convention)


def follow_early_end(
    ending: Ending, convention: Convention, *, was: dt.date, by: User
) -> None:
    """Move or abandon the draft of a convention that ends early (art. 12).

    By agreement, the parties may want the next one sooner: it follows. Else somebody
    has decided that Opus ends: the draft goes, and may be prepared again.
    """
    if ending.origin == EndingOrigin.AGREEMENT:
        move_draft(convention, was=was, last=ending.ends_on, by=by)
        return
    for draft in convention.renewals.renewals_to_sign():
        abandon(draft, by=by)


def check_following(convention: Convention, ends_on: dt.date) -> None:
    """Raise MoveRefused for a new end that runs into the next convention."""
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


def fate_of_renewal(convention: Convention) -> str:
    """Return what becomes of the renewal of a convention that ends early."""
    renewal = convention.renewals.order_by("pk").last()
    if renewal is None:
        return ""
    if renewal.state == ConventionState.ABANDONED:
        return (
            f"Le projet n° {renewal.number}, qui la renouvelait, est abandonné. Vous "
            "pouvez en préparer un autre."
        )
    if renewal.state == ConventionState.DRAFT:
        return (
            f"Le projet n° {renewal.number}, qui la renouvelle, est gardé : il "
            f"prendrait effet le {date_format(renewal.starts_on)}."
        )
    if convention.following is None:
        return ""
    return (
        f"La convention suivante, n° {renewal.number}, est signée : elle reste, et "
        f"prend effet le {date_format(renewal.starts_on)}. Si elle ne doit pas "
        "commencer, proposez sa fin anticipée sur sa fiche."
    )
