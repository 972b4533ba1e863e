"""The box that says what to do first: its words, and how high it stands (U4)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from icalendar import Event

from accounts.structures.models import Agency
from offers.catalogue import formatting
from offers.catalogue.models import Offer
from offers.page.documents import printed, qr_code_of
from offers.page.reach import Reach
from opus.lib.dates import date_format, next_working_day
from opus.lib.documents.measure import POINT, fit, lines_of
from referrals.acts.act_rights import ActKind
from referrals.acts.models.acts import Act

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


def phone_of(act: Act) -> str:
    return formatting.phone(act.candidate.follower.phone or act.structure.phone or "")


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
    phone = kept(agency["phone"])
    line = f"Agence qui suit l’offre\xa0: {agency['name']}, {phone}."
    return text(line, width, bold=True)


def words_of(act: Act, reach: Reach, today: dt.date) -> dict[str, Any]:
    """Return what the ticket says, cut to its cells."""
    return {"agency": agency_of(act), **words_of_kind(act, reach, today)}


def words_of_kind(act: Act, reach: Reach, today: dt.date) -> dict[str, Any]:
    match act.KIND:
        case ActKind.REFERRAL:
            return {"say": say(act, reach)}
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


def say(act: Act, reach: Reach) -> SafeString | str:
    """Return what to say or prepare, with the offer's number."""
    number = format_html("n°{}<strong>{}</strong>", formatting.FIXED, act.offer.pk)
    match reach.way:
        case "phone":
            words = (
                "Dites, par exemple\xa0: «\xa0Bonjour, j’appelle pour l’offre "
                "d’emploi {number}, {job}. Le poste est-il libre\xa0? Quand puis-je "
                "vous rencontrer\xa0?\xa0»"
            )
        case "mail":
            words = (
                "Dans l’objet, écrivez\xa0: offre d’emploi {number}. Joignez votre CV "
                "et donnez votre numéro de téléphone."
            )
        case "web":
            words = (
                "Préparez votre CV, une adresse de courriel que vous lisez et le "
                "{number}. Pas d’ordinateur\xa0? Demandez à {contact}."
            )
        case "pin":
            words = "Prenez votre CV et le {number}."
        case _:
            return ""
    contact = act.candidate.follower.get_full_name()
    return format_html(words, number=number, job=job_of(act.offer), contact=contact)


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


def height_of(act: Act, reach: Reach, words: Mapping[str, Any]) -> float:
    """Return how high the ticket stands, never less than on paper."""
    match act.KIND:
        case ActKind.REFERRAL:
            rows = [reach_height(reach) + agency_height(words, WHOLE)]
            rows += [LINE[TEXT] * 2 + BOXES] if reach.is_known else []
            said = strip_tags(words["say"])
            rows += [text(said, BESIDE_ICON - BOLDER)] if said else []
        case ActKind.SCREENED_REFERRAL:
            rows = screened_rows(words)
        case ActKind.CV_REQUEST:
            rows = cv_rows(act, words)
        case _:
            rows = appointment_rows(words)
    return FRAME + sum(row + PADDING + BORDER for row in rows)


def kept(words: str) -> str:
    """Return the words held together, as ``paper__keep`` sets them."""
    return words.replace(" ", formatting.FIXED)


def text(words: str, width: float, size: float = TEXT, *, bold: bool = False) -> float:
    return len(lines_of(words, width, size, bold=bold)) * LINE[size]


def texts(words: Iterable[str], width: float) -> float:
    return sum(text(one, width, bold=True) for one in words)


def reach_height(reach: Reach) -> float:
    rest = texts((f"{label}\xa0: {value}" for label, value in reach.below), WHOLE)
    if reach.is_number:
        beside = text(reach.person, BESIDE, MID, bold=True) if reach.person else 0
        beside += LINE[LABEL] * (len(reach.beside) + bool(reach.person))
        beside += texts((value for _, value in reach.beside), BESIDE)
        below = rest + PADDING + BORDER if reach.below else 0
        return max(LINE[LABEL] + LINE[HUGE], beside) + below
    rest += LINE[TEXT] if reach.person else 0
    if reach.way == "help":
        return 2 * LINE[MID] + max(rest, LINE[HUGE])
    return LINE[LABEL] + text(reach.value, WHOLE, BIG, bold=True) + rest


def screened_rows(words: Mapping[str, Any]) -> list[float]:
    # The longest of the three steps.
    day = kept(date_format(words["news_by"], "l j F"))
    call = f"Appelez {words['contact']} au {kept(words['phone'])}."
    step = f"Rien le {day}\xa0? {call}"
    called = agency_height(words, BESIDE_ICON)
    return [
        NUMBER + LINE[MID] + text(step, THIRD, bold=True),
        LINE[BIG] + LINE[TEXT] + called,
    ]


def cv_rows(act: Act, words: Mapping[str, Any]) -> list[float]:
    ways = [
        act.candidate.follower.email.replace(
            "-", "- "
        ),  # A line may end after a hyphen.
        f"en main propre, sur rendez-vous au {kept(words['phone'])}",
        f"par courrier\xa0: {words['return_address']}",
    ]
    number = f"le n°\xa0{act.offer.pk}, en haut"
    ticks = 3 * (LINE[TEXT] + TICK) + texts([number], NARROW - 7)
    to_whom = text(words["contact"], NARROW, BIG, bold=True) + LINE[TEXT]
    by_mail = LINE[TEXT] + texts(ways, WIDE - WAY) + 3 * TICK
    return [
        LINE[LABEL] + max(LINE[DATE], to_whom),
        LINE[LABEL] + max(by_mail, ticks),
        text(FIRST_READ, BESIDE_ICON) + agency_height(words, BESIDE_ICON),
    ]


def appointment_rows(words: Mapping[str, Any]) -> list[float]:
    where = text(words["where"], WIDE, words["where_size"], bold=True)
    where += 2 * LINE[TEXT]
    ticks = 3 * (LINE[TEXT] + TICK)
    excuse = f"{EXCUSE} {words['contact']} {kept(words['phone'])}"
    return [
        # « Pour parler de cet emploi » stands above the box.
        LINE[LABEL] + LINE[HUGE] + LINE[LABEL],
        LINE[LABEL] + max(where, ticks),
        text(excuse, BESIDE_ICON) + agency_height(words, BESIDE_ICON),
    ]
