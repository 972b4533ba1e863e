"""The life of a mise en contact, as its page tells it."""

import dataclasses
import datetime as dt
from typing import Any

from django.utils.formats import date_format

from accounts.models import User
from referrals.models import (
    CancelReason,
    Channel,
    DeclaredBy,
    OutcomeCode,
    Referral,
    ReferralState,
    ReferralStep,
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line: what happened, when, by whom."""

    at: dt.datetime
    label: str
    by: str
    detail: str = ""


def timeline_of(referral: Referral) -> list[Entry]:
    """Every step, the oldest first, in words."""
    codes = OutcomeCode.objects.in_bulk()
    steps = list(referral.steps.select_related("by"))
    followers = User.objects.in_bulk(
        {step.note["followed_by"] for step in steps if "followed_by" in step.note}
    )
    return [
        _entry(step, codes)
        if "followed_by" not in step.note
        else _handed_over(step, followers[step.note["followed_by"]])
        for step in steps
    ]


def _handed_over(step: ReferralStep, follower: User) -> Entry:
    """A colleague accompanies the person from then on (domain 5.6)."""
    return Entry(step.at, f"Suivi confié à {follower}", str(step.by or "Opus"))


def _entry(step: ReferralStep, codes: dict[str, OutcomeCode]) -> Entry:
    label, detail = _words(step, codes)
    return Entry(at=step.at, label=label, by=str(step.by or "Opus"), detail=detail)


def _words(step: ReferralStep, codes: dict[str, OutcomeCode]) -> tuple[str, str]:
    note = step.note
    if undone := codes.get(note.get("undone", "")):
        return f"Suite annulée : {undone.label}", ""
    match step.target:
        case ReferralState.PROPOSED:
            return "Mise en contact faite", ""
        case ReferralState.HANDED_OVER:
            channel = Channel(note["channel"]).label if "channel" in note else ""
            return f"Document remis {channel}".strip(), _day(note)
        case ReferralState.CONTACTED:
            return "Contact pris avec l’employeur", _day(note)
        case ReferralState.INTERVIEW:
            return "Entretien", _day(note)
        case ReferralState.ENDED:
            code = codes.get(note.get("outcome", ""))
            return f"Suite : {code or 'connue'}", _according_to(note)
        case ReferralState.CANCELLED:
            reason = note.get("reason", "")
            return "Mise en contact annulée", CancelReason(
                reason
            ).label if reason else ""
        case _:
            return step.target, ""


def _day(note: dict[str, Any]) -> str:
    return (
        f"le {date_format(dt.date.fromisoformat(note['on']))}" if "on" in note else ""
    )


def _according_to(note: dict[str, Any]) -> str:
    told = [_day(note)]
    if "declared_by" in note:
        told.insert(0, f"selon {DeclaredBy(note['declared_by']).label}")
    return ", ".join(filter(None, told))
