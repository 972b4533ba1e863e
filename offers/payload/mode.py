import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from offers.payload.parts import count_of, flag_of, object_of
from offers.payload.text import as_line, as_link, as_text

SAFIR_CODE = re.compile(r"\d{5}", re.ASCII)

AGENCY_NAME = re.compile(
    r"(?:agence|relais|site)?\s*(?:france[ -]travail|p[ôo]le[ -]emploi)\b",
    re.IGNORECASE,
)
OWN_SITES = re.compile(r"^https?://[\w.-]*\b(?:francetravail|pole-emploi)\.fr(?:/|$)")
LINK = re.compile(r"https?://\S+", re.IGNORECASE)
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.\w+")


@dataclass(frozen=True, slots=True)
class OfferMode:
    """Published, preselected or delegated: decides the acts of article 3.2.

    ``is_declared``: by the ``opus`` object; else inferred.
    """

    published: bool
    preselection: bool
    delegated: bool
    agency_safir: str
    posts_left: int | None
    is_declared: bool


def infer_preselection(contact: Mapping[str, Any]) -> bool:
    """Guess whether France Travail preselects, which the API omits.

    The sign is an agency as contact, and only France Travail's site to apply.
    """
    if not AGENCY_NAME.match(as_line(contact.get("nom"))):
        return False
    if as_line(contact.get("telephone")) or as_link(contact.get("urlPostulation")):
        return False
    lines = [as_text(contact.get(f"coordonnees{n}")) for n in (1, 2, 3)]
    lines += [as_text(contact.get(key)) for key in ("courriel", "urlRecruteur")]
    for line in lines:
        if MAIL.search(line) or not all(map(OWN_SITES.match, LINK.findall(line))):
            return False
    return True


def read_mode(data: Mapping[str, Any]) -> OfferMode:
    """Read ``opus``, else the contact. Raises UnsoundOffer."""
    if data.get("opus") is None:
        preselection = infer_preselection(object_of(data, "contact"))
        return OfferMode(True, preselection, False, "", None, is_declared=False)
    opus = object_of(data, "opus")
    preselection = bool(flag_of(opus, "preselection"))
    safir = opus.get("agenceGestionnaire")
    known = isinstance(safir, str) and SAFIR_CODE.fullmatch(safir)
    return OfferMode(
        published=flag_of(opus, "publiee") is not False,
        preselection=preselection,
        # Without preselection there is nothing to delegate (art. 3.2).
        delegated=preselection and bool(flag_of(opus, "delegationMiseEnRelation")),
        # An invalid agency does not reject the offer: it has no agency then.
        agency_safir=safir if isinstance(safir, str) and known else "",
        posts_left=count_of(opus, "postesRestants"),
        is_declared=True,
    )
