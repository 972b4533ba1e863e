"""The first sheet of a person's pile: what to do for each offer, with boxes to tick."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.catalogue.presenter import place_of
from offers.page.documents import PAPER_STYLE, printed
from offers.page.reach import reach_of
from opus.lib.dates.formats import date_format
from opus.lib.documents import pdf
from opus.lib.documents.measure import fit
from referrals.acts.act_rights import ActKind
from referrals.documents.models import Document
from referrals.documents.rendering import people_of

TITLE = "Liste de vos offres d’emploi"
GESTURES = {
    "phone": "Appelez l’employeur",
    "mail": "Écrivez à l’employeur",
    "web": "Postulez sur internet",
    "pin": "Contactez l’employeur",
    "help": "Demandez comment postuler",
}
# The cells of print/paper.css, in millimetres and points.
HOW_WIDTH, JOB_WIDTH, SIZE, LINES = 57.0, 58.0, 11.5, 3


@dataclasses.dataclass(frozen=True)
class Row:
    icon: str
    gesture: str
    how: str
    job: str
    employer: str
    number: str


def layout_of(papers: Sequence[Document]) -> Any:
    """Return the pages of one person's list."""
    html = render_to_string(
        "documents/page.html", {"title": TITLE, "body": body_of(papers)}
    )
    return pdf.lay_out(html, PAPER_STYLE)


def body_of(papers: Sequence[Document]) -> str:
    context = {
        **people_of(papers[0].act),
        "rows": [row_of(paper) for paper in papers],
        "today": timezone.localdate(),
    }
    return render_to_string("documents/cover.html", context)


def row_of(paper: Document) -> Row:
    offer = paper.act.offer
    icon, gesture, how = to_do(paper)
    employer = ", ".join(
        filter(None, [printed(formatting.plain(offer.company)), place_of(offer)])
    )
    return Row(
        icon,
        gesture,
        fit(how, LINES, HOW_WIDTH, SIZE)[0],
        fit(job_of(offer), LINES, JOB_WIDTH, SIZE, bold=True)[0],
        fit(employer, LINES, JOB_WIDTH, SIZE)[0],
        paper.act.number,
    )


def job_of(offer: Offer) -> str:
    return printed(formatting.job_title(offer.title))


def to_do(paper: Document) -> tuple[str, str, str]:
    """Return (icon, what to do, when and where)."""
    act: Any = paper.act
    match act.KIND:
        case ActKind.REFERRAL:
            reach = reach_of(act.offer)
            how = ", ".join(filter(None, [reach.value, reach.person]))
            return reach.way, GESTURES[reach.way], how
        case ActKind.SCREENED_REFERRAL:
            how = "Votre contact vous la donne. N’appelez pas l’employeur."
            return "wait", "Attendez la réponse", how
        case ActKind.CV_REQUEST:
            day = date_format(act.due_on, "l j F Y")
            return "cv", "Donnez votre CV", f"Au plus tard le {day}"
        case _:
            at = date_format(timezone.localtime(act.at), r"l j F, G \h i").capitalize()
            gesture = "Allez au rendez-vous" if act.is_on_site else "Rendez-vous"
            return "calendar", gesture, f"{at}. {act.where}"
