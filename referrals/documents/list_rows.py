"""The line of an act on the list of a person's documents (cover sheet)."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from offers.catalogue import formatting
from offers.catalogue.presenter import place_of
from offers.page.documents import printed
from offers.page.reach import reach_of
from opus.lib.dates import date_format
from opus.lib.documents.measure import fit
from referrals.acts.act_rights import ActKind

GESTURES = {
    "phone": "Appelez l’employeur",
    "mail": "Écrivez à l’employeur",
    "web": "Postulez sur internet",
    "pin": "Contactez l’employeur",
    "help": "Demandez comment postuler",
}
# The cells of print/paper.css, in millimetres and points.
HOW_WIDTH, JOB_WIDTH, SIZE = 57.0, 58.0, 11.5
LINES, STRONG_LINES = 3, 2


def row_body_of(act: Any) -> str:
    """Return what to do, for which job, under which number."""
    offer = act.offer
    icon, gesture, strong, more = to_do(act)
    job = printed(formatting.job_title(offer.title))
    employer = ", ".join(
        filter(None, [printed(formatting.plain(offer.company)), place_of(offer)])
    )
    context = {
        "icon": icon,
        "gesture": gesture,
        "strong": fit(strong, STRONG_LINES, HOW_WIDTH, SIZE, bold=True)[0],
        "more": fit(more, LINES, HOW_WIDTH, SIZE)[0],
        "job": fit(job, LINES, JOB_WIDTH, SIZE, bold=True)[0],
        "employer": fit(employer, LINES, JOB_WIDTH, SIZE)[0],
        "number": act.number,
    }
    return render_to_string("documents/cover_row.html", context)


def to_do(act: Any) -> tuple[str, str, str, str]:
    """Return (icon, what to do, number or day, the rest)."""
    match act.KIND:
        case ActKind.REFERRAL:
            reach = reach_of(act.offer)
            return reach.way, GESTURES[reach.way], reach.value, reach.person
        case ActKind.SCREENED_REFERRAL:
            more = "Votre contact vous la donne. N’appelez pas l’employeur."
            return "wait", "Attendez la réponse", "", more
        case ActKind.CV_REQUEST:
            day = date_format(act.due_on, "l j F Y")
            return "cv", "Donnez votre CV", f"Au plus tard le {day}", ""
        case _:
            at = date_format(timezone.localtime(act.at), r"l j F, G \h i").capitalize()
            gesture = "Allez au rendez-vous" if act.is_on_site else "Rendez-vous"
            if act.waits_for_agency:
                gesture = "Rendez-vous à confirmer"
            return "calendar", gesture, at, act.where
