import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone
from django.utils.text import capfirst

from accounts.users.models import User
from opus.lib.dates import date_format
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act, ActStep, Channel
from referrals.acts.outcomes import DeclaredBy, OutcomeCode
from referrals.acts.states import (
    AppointmentState,
    CvState,
    ReferralState,
    ScreenedState,
)


@dataclasses.dataclass(frozen=True)
class Entry:
    at: dt.datetime
    label: str
    by: str
    detail: str = ""


# The label of a step into these states; elsewhere that of the state.
PHRASES: Mapping[ActKind, Mapping[str, str]] = {
    ActKind.REFERRAL: {
        ReferralState.PROPOSED: "Mise en contact faite",
        ReferralState.CONTACTED: "Contact pris avec l’employeur",
        ReferralState.CANCELLED: "Mise en contact annulée",
    },
    ActKind.SCREENED_REFERRAL: {
        ScreenedState.PROPOSED: "Mise en contact faite",
        ScreenedState.TO_REVIEW: "Candidature à examiner",
        ScreenedState.SET_ASIDE: "Candidature écartée",
        ScreenedState.SHORTLISTED: "Candidature présélectionnée",
        ScreenedState.PRESENTED: "Candidature présentée à l’employeur",
        ScreenedState.CANCELLED: "Mise en contact annulée",
    },
    ActKind.CV_REQUEST: {
        CvState.REQUESTED: "CV demandé",
        CvState.REMINDED: "Candidat relancé",
        CvState.SENT: "CV transmis à l’agence",
        CvState.WITHOUT_CV: "Demande close sans CV",
        CvState.CANCELLED: "Demande annulée",
    },
    ActKind.APPOINTMENT: {
        AppointmentState.PLANNED: "Convocation faite",
        AppointmentState.CHANGED: "Rendez-vous modifié",
        AppointmentState.TO_TELL: "Heure du rendez-vous passée",
        AppointmentState.CANCELLED: "Convocation annulée",
    },
}


def timeline_of(act: Act) -> list[Entry]:
    """Return every step in words, the oldest first."""
    steps = list(act.steps.select_related("by"))
    notes = [step.note for step in steps]
    codes = OutcomeCode.objects.in_bulk(
        {note[key] for note in notes for key in ("outcome", "undone") if note.get(key)}
    )
    followers = User.objects.in_bulk(
        {note["followed_by"] for note in notes if "followed_by" in note}
    )
    entries = []
    for step in steps:
        label, detail = _words(act, step, codes, followers)
        entries.append(Entry(step.at, label, str(step.by or "Opus"), detail))
    return sorted([*entries, *papers_of(act)], key=lambda entry: entry.at)


def papers_of(act: Act) -> Iterator[Entry]:
    """Yield what became of its papers: one that misleads, a next version."""
    papers = act.documents.order_by("version")
    for version, made_at, told_at, told_of in papers.values_list(
        "version", "created_at", "change_told_at", "told_of"
    ):
        if version > 1:
            yield Entry(
                made_at, f"Nouvelle version du document (n°\u00a0{version})", "Opus"
            )
        if told_at and told_of:
            yield Entry(
                told_at, "Offre modifiée\u00a0: le document n’est plus valable", "Opus"
            )
        elif told_at:
            yield Entry(
                told_at,
                "L’offre dit de nouveau la même chose\u00a0: le document est valable",
                "Opus",
            )


def _words(
    act: Act, step: ActStep, codes: dict[str, OutcomeCode], followers: dict[int, User]
) -> tuple[str, str]:
    note = step.note
    if "followed_by" in note:
        return f"Suivi confié à {followers[note['followed_by']]}", ""
    if undone := codes.get(note.get("undone", "")):
        return f"Suite annulée : {undone.label}", ""
    if step.target == Act.ENDED:
        code = codes.get(note.get("outcome", ""))
        who = note.get("declared_by")
        according_to = f"selon {DeclaredBy(who).label}" if who else ""
        said = ", ".join(filter(None, [according_to, _day(note)]))
        return f"Suite : {code or 'connue'}", said
    if "declined" in note:
        return "Date de l’agence déclinée", ""
    if "proposed" in note:
        other = _hour({"at": note["proposed"]})
        return "L’agence propose une autre date", ", ".join([_why(act, note), other])
    if "confirmed" in note:
        return "Date et lieu confirmés par l’agence", ""
    label = PHRASES[act.KIND].get(step.target, "")
    label = label or capfirst(act.state_words()[step.target])
    if step.target == CvState.REMINDED and step.by is None:
        # Opus e-mails only the adviser.
        label = "Échéance passée, conseiller prévenu"
    if "channel" in note:
        label = f"{label} {Channel(note['channel']).label}"
    return label, ", ".join(filter(None, [_why(act, note), _day(note), _hour(note)]))


def _why(act: Act, note: dict[str, Any]) -> str:
    for name, choices in act.CODED.items():
        if note.get(name) in choices:
            return str(choices[note[name]])
    return ""


def _day(note: dict[str, Any]) -> str:
    return (
        f"le {date_format(dt.date.fromisoformat(note['on']))}" if "on" in note else ""
    )


def _hour(note: dict[str, Any]) -> str:
    if "at" not in note:
        return ""
    at = timezone.localtime(dt.datetime.fromisoformat(note["at"]))
    return f"au {date_format(at, 'l j F Y, G \\h i')}"
