"""Texts of letters and of the agreement; page and PDF match (A13)."""

import datetime as dt
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.models.amendments import in_words
from accounts.agreements.models.articles import (
    NAMES,
    AgreementDocument,
    ModelText,
    SignedCopy,
    blocks_of,
    fill,
)
from accounts.agreements.models.conventions import (
    Convention,
    ConventionState,
    changes_of,
)
from accounts.agreements.models.letters import Letter, LetterKind
from accounts.structures.models import Agency, AgencyKind, Structure
from opus.lib.background_files import lay_out
from opus.lib.dates import date_format
from opus.lib.documents import pdf
from opus.lib.web import pdf_file

STYLES = Path(__file__).parent / "print"
LETTER_STYLE = STYLES / "letter.css"
TIGHT_STYLE = STYLES / "tight.css"
AGREEMENT_STYLE = STYLES / "agreement.css"
# To be filled in by hand.
BLANK = "…" * 12

# The director whom the article names signs, and that address stands on top.
SIGNED_BY_THE_TERRITORY = {
    LetterKind.APPOINTMENT_AGREED,
    LetterKind.APPOINTMENT_REFUSED,
}


def body_of(letter: Letter, *, on: dt.date, **context: Any) -> str:
    """Render the body; ``context`` feeds its own template."""
    is_territorial = letter.kind in SIGNED_BY_THE_TERRITORY
    level = AgencyKind.TERRITORY if is_territorial else AgencyKind.REGION
    facts = {
        "letter": letter,
        "on": on,
        "convention": letter.convention,
        "agency": letter.convention.agency,
        "sender": above(letter.convention.agency, level),
        "is_territorial": is_territorial,
    }
    template = f"accounts/agreements/letters/{letter.kind}.html"
    return render_to_string(template, facts | context)


def title_of(letter: Letter) -> str:
    """Return the PDF's title: a number, no name (V17)."""
    return f"Lettre n° {letter.number}"


def addressee_of(structure: Structure) -> list[str]:
    """Return the address lines for the envelope's window."""
    return [
        structure.name,
        "À l’attention de son représentant légal",
        structure.address,
        f"{structure.postcode} {structure.city}",
    ]


def above(agency: Agency, kind: AgencyKind) -> Agency:
    """Return the direction of that level, else the agency."""
    return next((place for place in agency.upwards() if place.kind == kind), agency)


def pages_of(letter: Letter) -> Any:
    return lay_out(letter, title_of(letter), LETTER_STYLE, tight=TIGHT_STYLE)


def write(letter: Letter, out: Any) -> None:
    out.write(pdf.write(pages_of(letter)))


# --- The agreement -----------------------------------------------------------------


def annexes_on(convention: Convention, day: dt.date) -> dict[str, Any]:
    """Return both annexes as amended up to that day (art. 5.2)."""
    changed: dict[str, dt.date] = {}
    for change in convention.confirmed_changes():
        if change["effective_on"] <= day:
            changed.update(dict.fromkeys(changes_of(change), change["effective_on"]))
    terms = convention.terms_on(day)

    def row(label: str, value: str, *names: str) -> dict[str, Any]:
        days = [changed[name] for name in names if name in changed]
        # None if it is as signed.
        return {"label": label, "value": value, "changed_on": max(days, default=None)}

    def contact(label: str, side: str) -> dict[str, Any]:
        names = (f"{side}_contact", f"{side}_contact_email", f"{side}_contact_phone")
        name, email, phone = (getattr(terms, each) for each in names)
        # A number stays on one line.
        parts = filter(None, [name, email, phone.replace(" ", "\xa0")])
        return row(label, ", ".join(parts) or "à désigner", *names)

    agency = convention.agency
    aurore = f", AURORE {agency.aurore}" if agency.aurore else ""
    place = f"{agency.name} (SAFIR {agency.safir}{aurore})"
    return {
        "day": day,
        "is_amended": bool(changed),
        "services": [
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
        "correspondents": [
            row(
                "Structure de référence de France Travail",
                ", ".join(filter(None, [place, address_of(agency)])),
            ),
            row("Responsable de gestion des comptes (RGC)", rgc_on(convention, day)),
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
    }


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


def agreement_body(convention: Convention, model_text: ModelText) -> str:
    """Render the whole agreement, as it is today or as signed."""
    is_draft = convention.state == ConventionState.DRAFT
    terms = convention.fold((), convention.starts_on)
    written = (
        convention.structure.name,
        convention.agency.name,
        terms.partner_contact or BLANK,
        terms.ft_contact or BLANK,
        str(terms.quota),
        f"n°\xa0{convention.parent.number}",
        date_format(convention.starts_on),
        date_format(convention.ends_on),
    )
    values = dict(zip(NAMES, written, strict=True))
    blocks = blocks_of(model_text.text)
    for block in blocks:
        block.text = fill(block.text, values)
        block.items = [fill(item, values) for item in block.items]
    region = above(convention.agency, AgencyKind.REGION)
    lines = map(str.strip, model_text.legal_basis.splitlines())
    day = timezone.localdate() if is_draft else convention.starts_on
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
            "legal_basis": [fill(line, values) for line in lines if line],
            "blocks": blocks,
            "annexes": annexes_on(convention, day),
            "is_draft": is_draft,
            "blank": BLANK,
        },
    )


def write_agreement(document: AgreementDocument, out: Any) -> None:
    # The PDF's title: a number, no name (V17).
    title = f"Convention d’application n° {document.convention.number}"
    out.write(pdf.write(lay_out(document, title, AGREEMENT_STYLE)))


def agreement_file(convention: Convention, **having: bool) -> HttpResponse:
    """Return the printed agreement; 404 until it is ready."""
    rows = AgreementDocument.objects.filter(convention=convention, **having)
    return pdf_of(rows.first(), f"convention-{convention.number}")


def signed_copy_file(convention: Convention) -> HttpResponse:
    copy = SignedCopy.objects.filter(convention=convention).first()
    return pdf_of(copy, f"convention-{convention.number}-signee")


def pdf_of(row: Any, name: str) -> HttpResponse:
    # Emptied at term, or not printed yet.
    if row is None or not row.content:
        raise Http404
    return pdf_file(row.content, f"{name.replace('/', '-')}.pdf")
