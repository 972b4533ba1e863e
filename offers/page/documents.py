"""A printed offer, cut to one page (U4, S31).

The templates escape all texts of offers. ``referrals`` adds the act; the information
sheet names nobody, so one serves all readers.
"""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from offers.catalogue.models import Offer
from offers.catalogue.presenter import PUBLIC_SITE, OfferPresenter
from offers.page.models import OfferDocument
from offers.page.text_fitting import BOLD, LINE_WIDTH, fit, lines_of, width_of
from opus.lib.documents import pdf
from opus.lib.files.background_files import Stopped
from opus.lib.files.frozen_documents import lay_out

STYLES = Path(__file__).parent / "print"
SHEET_STYLE = STYLES / "sheet.css"
TIGHT_STYLE = STYLES / "tight.css"
LARGE_STYLE = STYLES / "large.css"


@dataclasses.dataclass(frozen=True)
class Room:
    """Lines of 11 points for each part of the page.

    ``fixed``: headings, source, rights, link. ``facts``, ``profile``, ``contact``: the
    most lines of each part, ``each``: of each of their texts; the description has the
    rest.
    """

    lines: int
    fixed: int
    facts: int = 8
    profile: int = 5
    contact: int = 4
    each: int = 2


# Below the address window, with a person to call.
WITH_ADDRESS = Room(lines=42, fixed=18)
# The information sheet has the whole page.
WHOLE_PAGE = Room(lines=53, fixed=13, facts=10, profile=14, contact=6, each=5)
TITLE_LINES = 2
# The title is larger: one line of it is as high as 1.4 others.
TITLE_WIDTH = LINE_WIDTH * 11 / 16 / BOLD
TITLE_LINE = 1.4
FACT_WIDTH = LINE_WIDTH - 95


@dataclasses.dataclass(frozen=True)
class PageContent:
    title: str
    facts: list[tuple[str, str]]
    description: str
    profile: list[str]
    contact: list[str]
    is_cut: bool
    public_address: str
    qr_code: SafeString | None


def information_body_of(offer: Offer) -> str:
    """Return the information sheet (annexe 1): no date, no reader."""
    context = {"offer": offer, "sheet": content_of(offer, WHOLE_PAGE)}
    return render_to_string("documents/offer.html", context)


def information_title_of(offer: Offer) -> str:
    return f"Offre d’emploi n° {offer.pk}"


def content_of(offer: Offer, room: Room) -> PageContent:
    """Cut an offer to the page: contact, profile, then description."""
    title, title_cut = fit(offer.title, TITLE_LINES, width=TITLE_WIDTH)
    facts, facts_cut = _fit_facts(offer, room.facts)
    contact, contact_cut = _fit_all(_ways_to_apply(offer), room.contact, room.each)
    profile, profile_cut = _fit_all(_profile(offer), room.profile, room.each)
    taken = room.fixed + TITLE_LINE * len(lines_of(title, TITLE_WIDTH))
    taken += sum(len(lines_of(value, FACT_WIDTH)) for _, value in facts)
    taken += sum(len(lines_of(line)) for line in [*contact, *profile])
    left = max(0, int(room.lines - taken))
    description, description_cut = fit(offer.description, left)
    address = public_address(offer)
    return PageContent(
        title=title,
        facts=facts,
        description=description,
        profile=profile,
        contact=contact,
        is_cut=title_cut or facts_cut or contact_cut or profile_cut or description_cut,
        public_address="" if address in " ".join(contact) else address,
        qr_code=_qr_code(address) if address else None,
    )


def public_address(offer: Offer) -> str:
    origin = offer.details.get("origineOffre") or {}
    address = origin.get("urlOrigine") or ""
    fits = width_of(address) <= LINE_WIDTH
    is_public = offer.published and address.startswith(PUBLIC_SITE) and fits
    return address if is_public else ""


def _qr_code(address: str) -> SafeString:
    code = segno.make(address, error="m", micro=False)
    return mark_safe(  # noqa: S308 - segno draws it, from our own check of the address
        code.svg_inline(
            scale=2, border=0, omitsize=True, title="QR code : l’annonce en ligne"
        )
    )


def _fit_facts(offer: Offer, lines: int) -> tuple[list[tuple[str, str]], bool]:
    parts = [
        ("Entreprise", offer.company),
        ("Lieu", offer.place_label),
        ("Contrat", _contract(offer)),
        ("Horaires", _hours(offer)),
        ("Salaire", _pay(offer)),
    ]
    parts = [(name, value) for name, value in parts if value]
    # One line each; spare lines go to those that need a second.
    spare = lines - len(parts)
    facts, is_cut = [], False
    for name, value in parts:
        fitted, was_cut = fit(value, 2 if spare else 1, width=FACT_WIDTH)
        spare -= len(lines_of(fitted, FACT_WIDTH)) - 1
        facts.append((name, fitted))
        is_cut = is_cut or was_cut
    return facts, is_cut


def _contract(offer: Offer) -> str:
    # ``E1``, "Contrat travail", is the ordinary nature: it says nothing.
    nature = "" if offer.nature in {"", "E1"} else offer.nature_label
    posts = f"{offer.posts} postes" if offer.posts and offer.posts > 1 else ""
    return ", ".join(filter(None, [offer.contract_label, nature, posts]))


def _hours(offer: Offer) -> str:
    details = offer.details
    context = details.get("contexteTravail") or {}
    parts = [
        offer.hours_label or details.get("dureeTravailLibelle"),
        details.get("dureeTravailLibelleConverti"),
        *(context.get("horaires") or []),
    ]
    return ", ".join(_distinct(parts))


def _pay(offer: Offer) -> str:
    return ", ".join(_distinct([offer.salary_label, *OfferPresenter(offer).pay]))


def _profile(offer: Offer) -> list[str]:
    details = offer.details
    diplomas = (
        f"{item.get('niveauLibelle') or ''} {item.get('domaineLibelle') or ''}"
        for item in details.get("formations") or []
    )
    parts = [
        ("Expérience", ", ".join(_distinct(OfferPresenter(offer).experience))),
        ("Formation", ", ".join(_distinct(diplomas))),
        ("Permis", _labels(details.get("permis"))),
        ("Langues", _labels(details.get("langues"))),
        ("Compétences", _labels(details.get("competences"))),
        ("Qualités", _labels(details.get("qualitesProfessionnelles"))),
    ]
    return [f"{name} : {value}" for name, value in parts if value]


def _labels(items: Iterable[dict[str, Any]] | None) -> str:
    return ", ".join(_distinct(item.get("libelle") for item in items or []))


def _ways_to_apply(offer: Offer) -> list[str]:
    """Return how to reach the employer; nothing if preselected (2.7)."""
    if not offer.shows_employer_contact:
        return []
    contact = offer.details.get("contact") or {}
    keys = (
        *("nom", "coordonnees1", "coordonnees2", "coordonnees3"),
        *("telephone", "courriel", "urlPostulation", "commentaire"),
    )
    return _distinct(contact.get(key) for key in keys)


def _distinct(texts: Iterable[str | None]) -> list[str]:
    said: list[str] = []
    for text in texts:
        line = " ".join((text or "").split())
        if line and not any(line in other for other in said):
            said.append(line)
    return said


def _fit_all(texts: list[str], lines: int, each: int) -> tuple[list[str], bool]:
    """Return the texts that fit, ``each`` lines per text."""
    fitted: list[str] = []
    is_cut = False
    for text in texts:
        left = lines - sum(len(lines_of(one)) for one in fitted)
        if left <= 0:
            return fitted, True
        line, was_cut = fit(text, min(each, left))
        # Half a web address is useless: print none.
        if line != "…":
            fitted.append(line)
        is_cut = is_cut or was_cut
    return fitted, is_cut


def write(document: OfferDocument, out: Any) -> None:
    """Write the sheet's PDF. Raises Stopped: the offer is closed."""
    if not document.offer.is_active:
        raise Stopped
    title = information_title_of(document.offer)
    laid_out = lay_out(document, title, SHEET_STYLE, tight=TIGHT_STYLE)
    out.write(pdf.write(laid_out))
