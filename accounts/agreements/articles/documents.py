"""The agreement's text and PDF, from its model and its data (A13)."""

import dataclasses
import datetime as dt
from typing import Any

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.articles import models
from accounts.agreements.articles.models import (
    AgreementDocument,
    Block,
    ModelText,
    SignedCopy,
    blocks_of,
    fill,
)
from accounts.agreements.documents import STYLES, above
from accounts.agreements.models.amendments import in_words
from accounts.agreements.models.conventions import (
    Convention,
    ConventionState,
    changes_of,
)
from accounts.structures.models import AgencyKind
from opus.lib.background_files import lay_out
from opus.lib.dates import date_format
from opus.lib.documents import pdf
from opus.lib.web import pdf_file

UNNAMED = "à désigner"


@dataclasses.dataclass(frozen=True)
class Row:
    label: str
    value: str
    # None if it is as signed.
    changed_on: dt.date | None = None


@dataclasses.dataclass(frozen=True)
class Annexes:
    day: dt.date
    services: list[Row]
    correspondents: list[Row]

    @property
    def is_amended(self) -> bool:
        return any(row.changed_on for row in (*self.services, *self.correspondents))


def annexes_on(convention: Convention, day: dt.date) -> Annexes:
    """Return both annexes as amended up to that day (art. 5.2)."""
    changed = changes_until(convention, day)
    terms = convention.terms_on(day)

    def row(label: str, value: str, *names: str) -> Row:
        days = [changed[name] for name in names if name in changed]
        return Row(label, value, max(days, default=None))

    def contact(label: str, side: str) -> Row:
        names = (f"{side}_contact", f"{side}_contact_email", f"{side}_contact_phone")
        name, email, phone = (getattr(terms, each) for each in names)
        # A number stays on one line.
        parts = filter(None, [name, email, phone.replace(" ", "\xa0")])
        return row(label, ", ".join(parts) or UNNAMED, *names)

    return Annexes(
        day,
        services=[
            row(
                "Consultation des offres : toutes les offres de France Travail, y "
                "compris celles qui ne sont pas publiées",
                in_words(terms.consultation),
                "consultation",
            ),
            row(
                "Délégation de la mise en relation : les mises en relation sur ces "
                "offres",
                in_words(terms.referrals),
                "referrals",
            ),
        ],
        correspondents=[
            Row("Structure de référence de France Travail", place_of(convention)),
            Row("Responsable de gestion des comptes (RGC)", rgc_on(convention, day)),
            contact("Responsable du suivi, dans la structure", "partner"),
            contact(
                "Correspondant de France Travail, qui fournit le compte du RGC", "ft"
            ),
            row(
                "Comptes actifs en même temps, celui du RGC non compté",
                str(terms.quota),
                "quota",
            ),
        ],
    )


def changes_until(convention: Convention, day: dt.date) -> dict[str, dt.date]:
    """Map each amended term to the day of its last change."""
    last: dict[str, dt.date] = {}
    for change in convention.confirmed_changes():
        if change["effective_on"] <= day:
            last.update(dict.fromkeys(changes_of(change), change["effective_on"]))
    return last


def place_of(convention: Convention) -> str:
    agency = convention.agency
    codes = f"{agency.name} (SAFIR {agency.safir}"
    codes += f", AURORE {agency.aurore})" if agency.aurore else ")"
    return ", ".join(filter(None, [codes, address_of(agency)]))


def address_of(place: Any) -> str:
    """Return the address of an agency or a structure on one line."""
    city = f"{place.postcode} {place.city}".strip()
    return ", ".join(filter(None, [place.address, city]))


def rgc_on(convention: Any, day: dt.date) -> str:
    """Return the RGC in office that day, else the one proposed."""
    rows = convention.nominations.order_by("proposed_on", "pk")
    in_office = rows.filter(office_on__lte=day).exclude(ended_on__lte=day).last()
    to_come = rows.awaiting_decision() | rows.awaiting_account()
    to_come |= rows.awaiting_notification() | rows.awaiting_office()
    nomination = in_office or to_come.last()
    if nomination is None:
        return "désigné selon l’article 4.1"
    name = f"{nomination.full_name}, {nomination.function}"
    return name if in_office else f"{name}, dont la désignation suit l’article 4.1"


AGREEMENT_STYLE = STYLES / "agreement.css"
# To be filled in by hand.
BLANK = "…" * 12


def body_of(convention: Convention, model_text: ModelText) -> str:
    """Render the whole agreement, as it is today or as signed."""
    is_draft = convention.state == ConventionState.DRAFT
    values = values_of(convention)
    region = above(convention.agency, AgencyKind.REGION)
    return render_to_string(
        "accounts/agreements/articles/agreement.html",
        {
            "convention": convention,
            "model_text": model_text,
            "structure": convention.structure,
            "structure_address": address_of(convention.structure),
            "region": region,
            "region_address": address_of(region),
            "agency": convention.agency,
            "agency_address": address_of(convention.agency),
            "parent": convention.parent,
            "legal_basis": [
                fill(line.strip(), values)
                for line in model_text.legal_basis.splitlines()
                if line.strip()
            ],
            "blocks": filled(blocks_of(model_text.text), values),
            "place": convention.signing_place or convention.structure.city,
            "annexes": annexes_on(
                convention, timezone.localdate() if is_draft else convention.starts_on
            ),
            "is_draft": is_draft,
            "blank": BLANK,
        },
    )


def preview_of(model_text: ModelText) -> str:
    """Render a model text alone, its names in brackets left as typed."""
    return render_to_string(
        "accounts/agreements/articles/preview.html",
        {
            "legal_basis": model_text.legal_basis.splitlines(),
            "blocks": blocks_of(model_text.text),
        },
    )


def values_of(convention: Convention) -> dict[str, str]:
    """Return what each name of a model text stands for."""
    terms = convention.fold((), convention.starts_on)
    return dict(
        zip(
            models.NAMES,
            (
                convention.structure.name,
                convention.agency.name,
                terms.partner_contact or BLANK,
                terms.ft_contact or BLANK,
                str(terms.quota),
                f"n°\xa0{convention.parent.number}",
                date_format(convention.starts_on),
                date_format(convention.ends_on),
            ),
            strict=True,
        )
    )


def filled(blocks: list[Block], values: dict[str, str]) -> list[Block]:
    for block in blocks:
        block.text = fill(block.text, values)
        block.items = [fill(item, values) for item in block.items]
    return blocks


def title_of(convention: Convention) -> str:
    """Return the PDF's title: a number, no name (V17)."""
    return f"Convention d’application n° {convention.number}"


def file_name(convention: Convention, suffix: str = "") -> str:
    return f"convention-{convention.number.replace('/', '-')}{suffix}.pdf"


def write(document: AgreementDocument, out: Any) -> None:
    laid_out = lay_out(document, title_of(document.convention), AGREEMENT_STYLE)
    out.write(pdf.write(laid_out))


def agreement_file(convention: Convention, **having: bool) -> HttpResponse:
    """Return the printed agreement; 404 until it is ready."""
    rows = AgreementDocument.objects.filter(convention=convention, **having)
    return pdf_of(rows.first(), file_name(convention))


def signed_copy_file(convention: Convention) -> HttpResponse:
    copy = SignedCopy.objects.filter(convention=convention).first()
    return pdf_of(copy, file_name(convention, "-signee"))


def pdf_of(row: Any, name: str) -> HttpResponse:
    # Emptied at term, or not printed yet.
    if row is None or not row.content:
        raise Http404
    return pdf_file(row.content, name)
