"""The printed documents of article 7: an act's, its plain words, the list of a pile.

Each is rendered once, in the act's transaction, and frozen: page and PDF show the same
(A13), on one A4 page (U4). The templates escape the offer's texts (S31).
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import strip_tags
from icalendar import Event

from accounts.structures.models import Agency
from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.catalogue.presenter import OfferPresenter, place_of
from offers.page.documents import (
    PAPER_STYLE,
    Reach,
    content_of,
    hours_of,
    print_sheet,
    printed,
    qr_code_of,
    reach_of,
)
from opus.lib.background_files import FrozenDocument, NotAllowed
from opus.lib.dates import date_format, next_working_day
from opus.lib.documents import pdf
from opus.lib.documents.pdf import POINT, fit, lines_of, width_of
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.candidates.models import Candidate
from referrals.documents.models import (
    Document,
    EasyDocument,
    EasyForm,
    PrintJob,
    VoidDocument,
    piles_of,
)

# The window: 95 mm at 12.5 points, five lines.
ADDRESS_WIDTH, ADDRESS_SIZE = 84.0, 12.5
SENDER_WIDTH, SENDER_SIZE, SENDER_LINES = 69.0, 11.5, 2
CONTACT_WIDTH, CONTACT_SIZE = 63.0, 14.0
# Between the window and the foot.
ROOM = 173.0

TEMPLATES: Mapping[ActKind, str] = {
    ActKind.REFERRAL: "documents/referral.html",
    ActKind.SCREENED_REFERRAL: "documents/screened_referral.html",
    ActKind.CV_REQUEST: "documents/cv_request.html",
    ActKind.APPOINTMENT: "documents/appointment.html",
}
TITLES: Mapping[ActKind, str] = {
    ActKind.REFERRAL: "Proposition d’offre d’emploi",
    ActKind.SCREENED_REFERRAL: "Proposition d’offre d’emploi avec présélection",
    ActKind.CV_REQUEST: "Demande de CV",
    ActKind.APPOINTMENT: "Convocation",
}


def body_of(
    act: Act, *, version: int = 1, made_at: dt.datetime | None = None, top: int = 1
) -> str:
    """Return an act's document; ``top``: its heading level."""
    made_at = made_at or timezone.now()
    reach = reach_of(act.offer)
    context = {
        **people_of(act),
        "agency": agency_of(act),
        **box_words(act, reach, timezone.localdate(made_at)),
        "act": act,
        "kind_title": TITLES[act.KIND],
        "number": act.number,
        "version": version,
        "made_at": made_at,
        "offer": act.offer,
        "top": top,
    }
    room = ROOM - box_height(act, reach, context)
    content = content_of(act.offer, room, reach)
    return render_to_string(TEMPLATES[act.KIND], context | {"sheet": content})


def people_of(act: Act) -> dict[str, Any]:
    """Return who writes to whom, without the structure's kind."""
    # Whoever made it: she calls the one who follows her now.
    adviser, structure = act.candidate.follower, act.structure
    name = adviser.get_full_name()
    contact, _ = fit(name, 1, CONTACT_WIDTH, CONTACT_SIZE, bold=True)
    sender, _ = fit(structure.sender_name, SENDER_LINES, SENDER_WIDTH, SENDER_SIZE)
    return {
        "address": address_of(act.candidate),
        "adviser": adviser,
        "contact": contact,
        "phone": formatting.phone(adviser.phone or structure.phone or ""),
        "sender": sender,
    }


def plain_body_of(act: Act) -> str:
    """Return the act in plain words."""
    context = {**people_of(act), **plain_words(act, reach_of(act.offer))}
    context["contact"] = ended(context["contact"])
    return render_to_string("documents/plain.html", context)


def void_body_of(document: Document, since: dt.datetime) -> str:
    """Return a void document's text: number and dates, whom to call."""
    context = {
        **people_of(document.act),
        "agency": agency_of(document.act),
        "document": document,
        "since": since,
    }
    return render_to_string("documents/void.html", context)


def demoted(body: str) -> str:
    """Return the body with its headings one level lower.

    Only our templates write tags there: texts are escaped.
    """
    return re.sub(
        r"(?<=<h|/h)[1-5](?=[ >])", lambda level: str(int(level[0]) + 1), body
    )


def title_of(act: Act) -> str:
    """Return the document's number, no name nor trade (V17)."""
    return f"{TITLES[act.KIND]} n° {act.number}"


def address_of(candidate: Candidate) -> list[str]:
    """Return the lines for the envelope's window."""
    parts = [
        (str(candidate), 2),
        (candidate.address, 2),
        (f"{candidate.postcode} {candidate.city}".strip(), 1),
    ]
    return [
        fit(line, most, ADDRESS_WIDTH, ADDRESS_SIZE)[0] for line, most in parts if line
    ]


def layout_of(document: FrozenDocument) -> Any:
    """Return the laid out pages of any document."""
    match document:
        case EasyDocument():
            style = "easy" if document.form == EasyForm.PLAIN else "large"
            return print_sheet(document, document.title, style)
        case VoidDocument():
            title = f"Document annulé n° {document.document.number}"
        case Document():
            title = title_of(document.act)
        case _:
            raise TypeError(type(document))
    return print_sheet(document, title)


def write(document: FrozenDocument, out: Any) -> None:
    out.write(pdf.write(layout_of(document)))


# --- The box that says what to do first -----------------------------------------------

# After so many days without news, one calls.
NEWS_WITHIN = dt.timedelta(days=14)

# Millimetres and points of offers/page/print/paper.css.
TEXT, LABEL, MID, BIG, DATE, HUGE = 11.5, 10.5, 13.0, 16.0, 22.5, 36.0
LEADING = {TEXT: 1.28, LABEL: 1.2, MID: 1.2, BIG: 1.15, DATE: 1.15, HUGE: 1.05}
LINE = {size: size * leading * POINT for size, leading in LEADING.items()}
PADDING, BORDER, FRAME = 4.2, 0.36, 1.5
BOLDER = 3.0  # of a number in a sentence
WHOLE, BESIDE_ICON, WIDE, NARROW, THIRD = 163.5, 154.0, 103.0, 51.0, 48.5
BESIDE = 70.0
AGENCY_WIDTH = 66.0
NUMBER, TICK, BOXES = 9.6, 0.8, 2.0
WAY = 7.0
RETURN_LINES = 2
WHERE_LINES = {BIG: 2, MID: 3}
# Two hundred letters of a usual width.
MOST_WHERE = 5
# As many words as templates/documents/appointment.html has around the person to call.
EXCUSE = "mots " * 19
# As templates/documents/cv_request.html writes it, about.
FIRST_READ = "mots " * 12
# A place of more letters makes squares that a copy blurs.
MOST_CODED = 90


def agency_of(act: Act) -> dict[str, str]:
    """Return who has the application before the employer, if it may be called."""
    offer = act.offer
    if not offer.preselection:
        return {}
    agency = Agency.objects.filter(safir=offer.agency_safir or None).first()
    written = (offer.details.get("agence") or {}).get("telephone") or ""
    phone = formatting.phone((agency.phone if agency else "") or written)
    name = printed(agency.name) if agency else "France Travail"
    name, _ = fit(name, 1, AGENCY_WIDTH, TEXT)
    phone, was_cut = fit(phone, 1, AGENCY_WIDTH, TEXT, bold=True)
    # Half a number calls somebody else.
    return {"name": name, "phone": phone} if phone and not was_cut else {}


def agency_height(words: Mapping[str, Any], width: float) -> float:
    agency = words["agency"]
    if not agency:
        return 0
    phone = held_together(agency["phone"])
    line = f"Agence qui suit l’offre\xa0: {agency['name']}, {phone}."
    return text_height(line, width, bold=True)


def box_words(act: Act, reach: Reach, today: dt.date) -> dict[str, Any]:
    """Return what the ticket of its kind says, cut to its cells."""
    match act.KIND:
        case ActKind.REFERRAL:
            if reach.way == "help":
                return {"say": ""}
            facts = {"reach": reach, "offer": act.offer, "job": job_of(act.offer)}
            facts["adviser"] = act.candidate.follower
            return {"say": render_to_string("documents/say.html", facts)}
        case ActKind.SCREENED_REFERRAL:
            return {"news_by": next_working_day(today + NEWS_WITHIN)}
        case ActKind.CV_REQUEST:
            return {"return_address": return_address_of(act)}
        case _:
            where: str = act.where  # type: ignore[attr-defined]
            size = size_of(where)
            where, _ = fit(where, MOST_WHERE, WIDE, size, bold=True)
            code = agenda_code_of(act)
            return {"where": where, "where_size": size, "agenda_code": code}


def agenda_code_of(act: Any) -> str:
    """Return the code of a confirmed appointment, without person, job nor link."""
    if act.waits_for_agency:
        return ""
    event = Event()
    # Few letters: large squares, quickly drawn. The sheet says how long.
    event.add("summary", "France Travail")
    event.add("dtstart", act.at.astimezone(dt.UTC))
    if act.is_on_site and len(act.where) <= MOST_CODED:
        event.add("location", act.where)
    title = "QR code\xa0: le rendez-vous, pour l’agenda du téléphone"
    return qr_code_of(event.to_ical().decode(), title, error="l")


def size_of(where: str) -> float:
    """Return the largest size for a place or link: half a link leads nowhere."""
    for size, most in WHERE_LINES.items():
        if len(lines_of(where, WIDE, size, bold=True)) <= most:
            return size
    return TEXT


def job_of(offer: Offer) -> str:
    """Return the trade as one says it, else the title."""
    label = printed(offer.appellation or offer.rome_label or offer.title)
    job, _ = fit(formatting.trade_name(label), 1, BESIDE_ICON, TEXT)
    return formatting.uncapitalised(job)


def return_address_of(act: Act) -> str:
    """Return the address for a CV, without the structure's kind."""
    structure = act.structure
    city = f"{structure.postcode} {structure.city}"
    address = f"{structure.sender_name}, {structure.address}, {city}"
    return fit(address, RETURN_LINES, WIDE - WAY - 22, TEXT)[0]


def box_height(act: Act, reach: Reach, words: Mapping[str, Any]) -> float:
    """Return how high the ticket stands, never less than on paper."""
    match act.KIND:
        case ActKind.REFERRAL:
            rows = [reach_height(reach) + agency_height(words, WHOLE)]
            rows += [LINE[TEXT] * 2 + BOXES] if reach.is_known else []
            said = strip_tags(words["say"])
            rows += [text_height(said, BESIDE_ICON - BOLDER)] if said else []
        case ActKind.SCREENED_REFERRAL:
            rows = screened_rows(words)
        case ActKind.CV_REQUEST:
            rows = cv_rows(act, words)
        case _:
            rows = appointment_rows(words)
    return FRAME + sum(row + PADDING + BORDER for row in rows)


def held_together(words: str) -> str:
    """Return the words held together, as ``paper__keep`` sets them."""
    return words.replace(" ", formatting.FIXED)


def text_height(
    words: str, width: float, size: float = TEXT, *, bold: bool = False
) -> float:
    return len(lines_of(words, width, size, bold=bold)) * LINE[size]


def texts_height(words: Iterable[str], width: float) -> float:
    return sum(text_height(one, width, bold=True) for one in words)


def reach_height(reach: Reach) -> float:
    rest = texts_height(
        (f"{label}\xa0: {value}" for label, value in reach.below), WHOLE
    )
    if reach.is_number:
        beside = (
            text_height(reach.person, BESIDE, MID, bold=True) if reach.person else 0
        )
        beside += LINE[LABEL] * (len(reach.beside) + bool(reach.person))
        beside += texts_height((value for _, value in reach.beside), BESIDE)
        below = rest + PADDING + BORDER if reach.below else 0
        return max(LINE[LABEL] + LINE[HUGE], beside) + below
    rest += LINE[TEXT] if reach.person else 0
    if reach.way == "help":
        return 2 * LINE[MID] + max(rest, LINE[HUGE])
    return LINE[LABEL] + text_height(reach.value, WHOLE, BIG, bold=True) + rest


def screened_rows(words: Mapping[str, Any]) -> list[float]:
    # The longest of the three steps.
    day = held_together(date_format(words["news_by"], "l j F"))
    call = f"Appelez {words['contact']} au {held_together(words['phone'])}."
    step = f"Rien le {day}\xa0? {call}"
    called = agency_height(words, BESIDE_ICON)
    return [
        NUMBER + LINE[MID] + text_height(step, THIRD, bold=True),
        LINE[BIG] + LINE[TEXT] + called,
    ]


def cv_rows(act: Act, words: Mapping[str, Any]) -> list[float]:
    ways = [
        act.candidate.follower.email.replace(
            "-", "- "
        ),  # A line may end after a hyphen.
        f"en main propre, sur rendez-vous au {held_together(words['phone'])}",
        f"par courrier\xa0: {words['return_address']}",
    ]
    number = f"le n°\xa0{act.offer.pk}, en haut"
    ticks = 3 * (LINE[TEXT] + TICK) + texts_height([number], NARROW - 7)
    to_whom = text_height(words["contact"], NARROW, BIG, bold=True) + LINE[TEXT]
    by_mail = LINE[TEXT] + texts_height(ways, WIDE - WAY) + 3 * TICK
    return [
        LINE[LABEL] + max(LINE[DATE], to_whom),
        LINE[LABEL] + max(by_mail, ticks),
        text_height(FIRST_READ, BESIDE_ICON) + agency_height(words, BESIDE_ICON),
    ]


def appointment_rows(words: Mapping[str, Any]) -> list[float]:
    where = text_height(words["where"], WIDE, words["where_size"], bold=True)
    where += 2 * LINE[TEXT]
    ticks = 3 * (LINE[TEXT] + TICK)
    excuse = f"{EXCUSE} {words['contact']} {held_together(words['phone'])}"
    return [
        # « Pour parler de cet emploi » stands above the box.
        LINE[LABEL] + LINE[HUGE] + LINE[LABEL],
        LINE[LABEL] + max(where, ticks),
        text_height(excuse, BESIDE_ICON) + agency_height(words, BESIDE_ICON),
    ]


# --- The same in plain words ----------------------------------------------------------
# One page that is enough by itself: everyday words, one idea a sentence, twelve words
# at most. Nothing is guessed: what a rule does not know is printed as it came.

# What one does in each of the 14 domains of the ROME, by its first letter.
DOMAINS = {
    "A": "Vous travaillez avec les plantes, les animaux ou la nature.",
    "B": "Vous fabriquez de beaux objets avec vos mains.",
    "C": "Vous aidez des clients\xa0: argent, assurance ou logement.",
    "D": "Vous vendez des produits. Vous aidez les clients.",
    "E": "Vous préparez des textes, des images ou des imprimés.",
    "F": "Vous construisez ou réparez des bâtiments ou des routes.",
    "G": "Vous accueillez des personnes\xa0: repas, chambre ou loisirs.",
    "H": "Vous fabriquez des produits dans une usine ou un atelier.",
    "I": "Vous installez ou réparez des machines ou des véhicules.",
    "J": "Vous soignez des personnes. Ou vous aidez les soignants.",
    "K": "Vous rendez service à des personnes ou au public.",
    "L": "Vous travaillez pour un spectacle, un film ou un sport.",
    "M": "Vous travaillez dans un bureau, pour une entreprise.",
    "N": "Vous rangez ou transportez des marchandises ou des personnes.",
}
AMOUNT = re.compile(r"([\d\xa0\u202f,]+\xa0€)(?: à ([\d\xa0\u202f,]+\xa0€))?(.*)")
PERIODS = {
    " de\xa0l’heure": "pour une heure",
    " par\xa0mois": "par mois",
    " par\xa0an": "par an",
}
WEEK = re.compile(r"(Temps partiel, )?(\d+)\xa0h(\xa0\d\d)? par\xa0semaine(?:, (.+))?")
WHEN = {
    "en\xa0journée": "Dans la journée.",
    "les week-ends et jours fériés": "Aussi le samedi, le dimanche, les jours de fête.",
    "le week-end": "Le samedi et le dimanche.",
    "le samedi": "Aussi le samedi.",
    "le dimanche": "Aussi le dimanche.",
    "de nuit": "La nuit.",
    "en horaires décalés": "Tôt le matin ou tard le soir.",
    "en horaires fractionnés": "En plusieurs fois dans la journée.",
}
# Columns and lines of offers/page/print/easy.css.
FACT_WIDTH, FACT_SIZE, FACT_LINES = 68.0, 16.0, 3
PLAIN_JOB_WIDTH, PLAIN_JOB_SIZE, PLAIN_JOB_LINES = 150.0, 20.0, 2
VALUE_WIDTH, VALUE_SIZE, VALUE_LINES = 140.0, 18.0, 2
PLACE_LINES = 5


@dataclasses.dataclass(frozen=True)
class EasyFact:
    icon: str
    strong: str
    more: str = ""


def plain_words(act: Act, reach: Reach) -> dict[str, Any]:
    offer = act.offer
    where, _ = fit(
        getattr(act, "where", ""), PLACE_LINES, VALUE_WIDTH, VALUE_SIZE, bold=True
    )
    person, _ = fit(reach.person, 1, VALUE_WIDTH, FACT_SIZE)
    value, _ = fit(reach.value, VALUE_LINES, VALUE_WIDTH, VALUE_SIZE, bold=True)
    # « L’employeur : » stands before it.
    company_width = PLAIN_JOB_WIDTH - width_of("L’employeur\xa0: ", FACT_SIZE)
    company, _ = fit(
        printed(formatting.plain(offer.company)), 1, company_width, FACT_SIZE
    )
    return {
        "act": act,
        "kind": act.KIND.value,
        "candidate": act.candidate,
        "offer": offer,
        "job": job_title_of(offer),
        "job_said": job_of(offer),
        "company": ended(company),
        "sentence": DOMAINS.get(offer.rome_code[:1], ""),
        "facts": plain_facts(offer),
        "reach": reach,
        "value": value,
        "person": ended(person),
        "where": where,
    }


def job_title_of(offer: Offer) -> str:
    """Return the name of the trade without stroke nor « (H/F) »."""
    label = offer.appellation or offer.rome_label
    title = re.sub(r"\xa0\(H/F\)", "", formatting.job_title(offer.title))
    name = printed(formatting.trade_name(label or title))
    return fit(name, PLAIN_JOB_LINES, PLAIN_JOB_WIDTH, PLAIN_JOB_SIZE, bold=True)[0]


def plain_facts(offer: Offer) -> list[EasyFact]:
    place = re.sub(r"\xa0\(\w+\)$", "", place_of(offer))
    facts = [
        EasyFact("pin", f"À {place}." if place else ""),
        pay_said(offer),
        hours_said(OfferPresenter(offer)),
        EasyFact("contract", contract_said(offer)),
    ]
    return [
        dataclasses.replace(
            fact,
            strong=fit(
                printed(fact.strong), FACT_LINES, FACT_WIDTH, FACT_SIZE, bold=True
            )[0],
            more=fit(printed(fact.more), FACT_LINES, FACT_WIDTH, FACT_SIZE)[0],
        )
        for fact in facts
        if fact.strong
    ]


def pay_said(offer: Offer) -> EasyFact:
    """Return « Entre 12,60 € et 14,53 € pour une heure. »."""
    paid = formatting.pay(offer.salary_label)
    found = AMOUNT.fullmatch(paid)
    period = PERIODS.get(found[3]) if found else None
    if not found or period is None:
        return EasyFact("euro", ended(paid) or "L’annonce ne dit pas le salaire.")
    amount = f"Entre {found[1]} et {found[2]}" if found[2] else found[1]
    return EasyFact("euro", f"{amount} {period}.", "C’est le salaire brut.")


def hours_said(presenter: OfferPresenter) -> EasyFact:
    label = hours_of(presenter)
    found = WEEK.fullmatch(formatting.schedule(presenter.offer.hours_label) or label)
    if not found:
        return EasyFact("clock", ended(label))
    _, whole, minutes, when = found.groups()
    week = f"{whole}\xa0heures{minutes or ''} par semaine."
    return EasyFact("clock", week, WHEN.get(when or "", ended(when or "").capitalize()))


def contract_said(offer: Offer) -> str:
    kind, _, length = formatting.contract(offer.contract_label).partition(", ")
    match kind:
        case "CDI":
            return "Contrat sans date de fin (CDI)."
        case "CDD" if length:
            return f"Contrat de {length} (CDD)."
        case "Intérim" if length:
            return f"Travail de {length}, en intérim."
    return ended(", ".join(filter(None, [kind, length])))


def ended(text: str) -> str:
    if not text or text.endswith("…"):
        return text
    return f"{text.rstrip('. ')}."


# --- The list of a person's documents -------------------------------------------------
# Each line says what its document says: both were frozen at the same instant.

GESTURES = {
    "phone": "Appelez l’employeur",
    "mail": "Écrivez à l’employeur",
    "web": "Postulez sur internet",
    "pin": "Contactez l’employeur",
    "help": "Demandez comment postuler",
}
# The cells of print/paper.css, in millimetres and points.
HOW_WIDTH, ROW_JOB_WIDTH, ROW_SIZE = 57.0, 58.0, 11.5
ROW_LINES, STRONG_LINES = 3, 2


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
        "strong": fit(strong, STRONG_LINES, HOW_WIDTH, ROW_SIZE, bold=True)[0],
        "more": fit(more, ROW_LINES, HOW_WIDTH, ROW_SIZE)[0],
        "job": fit(job, ROW_LINES, ROW_JOB_WIDTH, ROW_SIZE, bold=True)[0],
        "employer": fit(employer, ROW_LINES, ROW_JOB_WIDTH, ROW_SIZE)[0],
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


LIST_TITLE = "Liste de vos offres d’emploi"


def list_layout_of(papers: Sequence[Document]) -> Any:
    """Return the pages of one person's list."""
    html = render_to_string(
        "documents/page.html", {"title": LIST_TITLE, "body": list_body_of(papers)}
    )
    return pdf.lay_out(html, PAPER_STYLE)


def list_body_of(papers: Sequence[Document]) -> str:
    context = {
        **people_of(papers[0].act),
        # A document of a version before 1.1.0 kept no row.
        "rows": [paper.row_html or row_body_of(paper.act) for paper in papers],
        "today": timezone.localdate(),
    }
    return render_to_string("documents/cover.html", context)


# --- Several documents in one PDF (U8) ------------------------------------------------

JOB_TITLE = "Documents à remettre"


def write_print_job(job: PrintJob, out: Any) -> None:
    """Write a claimed job's PDF. Raises NotAllowed, Stopped: cancelled."""
    papers = list(job.papers()) if job.account.is_active else []
    if not papers:
        raise NotAllowed
    job.keep_in_mind(papers)
    parts = []
    done = 0
    for pile in piles_of(papers):
        good = [paper for paper in pile if not paper.is_void]
        if len(good) > 1:
            parts.append((LIST_TITLE, list_layout_of(good)))
        for paper in pile:
            job.report_progress(done, len(papers))
            parts.append((label_of(paper), layout_for_job(paper)))
            done += 1
    job.report_progress(len(papers), len(papers))
    out.write(pdf.bind(JOB_TITLE, parts))


def layout_for_job(document: Document) -> Any:
    """Return the pages of a document, or of its replacement."""
    since = document.void_since
    if since:
        void = VoidDocument(document=document, since=since)
        void.freeze(void_body_of(document, since))
        return layout_of(void)
    laid_out = layout_of(document)
    if document.is_unfinished and (claimed := Document.claim(document.pk)):
        claimed.store(pdf.write(laid_out))
    return laid_out


def label_of(document: Document) -> str:
    number = f"Document n°\u00a0{document.number}"
    return f"{number} (annulé)" if document.is_void else number
