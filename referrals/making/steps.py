"""The three steps of each act: URLs and words (U3)."""

import dataclasses
from collections.abc import Mapping

from django.http import HttpRequest
from django.utils.text import capfirst

from offers.search.page import NOWHERE, WayBack, checked, way_back_of
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act


@dataclasses.dataclass(frozen=True)
class Flow:
    """URLs (``start``, ``confirm``) and words of one kind of act.

    ``what`` has its article.
    """

    kind: ActKind
    start: str
    confirm: str
    title: str
    button: str
    what: str
    done: str
    # The template of the next steps, below the button.
    to_come: str
    # The button of a list, whose badge says the preselection.
    in_list: str = ""
    # The template of step 2.
    template: str = "referrals/making/confirm.html"

    @property
    def impossible(self) -> str:
        return f"{self.short} impossible"

    @property
    def already(self) -> str:
        return f"Déjà fait\u00a0: {self.what.removeprefix('la ')}"

    @property
    def short(self) -> str:
        return str(capfirst(self.what.removeprefix("la ")))


FLOWS: Mapping[ActKind, Flow] = {
    flow.kind: flow
    for flow in (
        Flow(
            ActKind.REFERRAL,
            start="referral_start",
            confirm="referral_confirm",
            title="Proposer cette offre",
            button="Proposer",
            what="la mise en contact",
            done="C’est fait\u00a0: la mise en contact est enregistrée.",
            to_come="referrals/direct/next_step.html",
        ),
        Flow(
            ActKind.SCREENED_REFERRAL,
            start="screened_referral_start",
            confirm="screened_referral_confirm",
            title="Proposer avec présélection",
            button="Proposer avec présélection",
            in_list="Proposer",
            what="la mise en contact avec présélection",
            done="C’est fait\u00a0: la mise en contact avec présélection est "
            "enregistrée.",
            to_come="referrals/preselection/next_step.html",
        ),
        Flow(
            ActKind.CV_REQUEST,
            start="cv_request_start",
            confirm="cv_request_confirm",
            title="Demander un CV",
            button="Demander un CV",
            what="la demande de CV",
            done="C’est fait\u00a0: la demande de CV est enregistrée. Remettez le "
            "document au candidat.",
            to_come="referrals/cv_requests/next_step.html",
        ),
        Flow(
            ActKind.APPOINTMENT,
            start="appointment_start",
            confirm="appointment_confirm",
            title="Convoquer un candidat",
            button="Convoquer",
            what="la convocation",
            done="C’est fait\u00a0: la convocation est enregistrée.",
            to_come="referrals/appointments/next_step.html",
            template="referrals/appointments/confirm.html",
        ),
    )
}

KEY = "ways_back"
# The acts made last in this session.
MOST = 30


def remember(request: HttpRequest, act: Act) -> None:
    """Keep where the act comes from, with the session."""
    if way := way_back_of(request):
        kept = request.session.get(KEY, {}) | {str(act.pk): [way.path, way.count]}
        request.session[KEY] = dict(list(kept.items())[-MOST:])


def way_back_from(request: HttpRequest, act: Act) -> WayBack:
    path, count = request.session.get(KEY, {}).get(str(act.pk), ("", 0))
    return checked(request, path, str(count)) if path else NOWHERE
