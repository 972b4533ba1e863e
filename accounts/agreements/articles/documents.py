"""The agreement's text and PDF, from its model and its data (A13)."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.articles import article_text
from accounts.agreements.articles.annexes import address_of, annexes_on
from accounts.agreements.articles.article_text import Block, blocks_of, fill
from accounts.agreements.articles.models import AgreementDocument, ModelText
from accounts.agreements.documents import STYLES, above
from accounts.agreements.enums import ConventionState
from accounts.agreements.models.conventions import Convention
from accounts.structures.models import AgencyKind
from opus.lib.background_files import lay_out
from opus.lib.dates import date_format
from opus.lib.documents import pdf

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
            article_text.NAMES,
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
