"""An employer's data: what his offers say of him (art. 10).

Opus mirrors France Travail's offers and corrects none: what an employer asks is passed
to their owner, by webhook, or to the administrators over the offers' agencies.
"""

import re

from django.core.mail import EmailMessage

from accounts.structures.models import Agency
from accounts.users.models.users import User
from accounts.users.territory import administrators_over
from offers.catalogue.models import Offer, OfferSearch
from offers.search.words import Words
from opus.lib.database.states import MoveRefused
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import WebhookEvent, compose_email
from opus.support.data_rights.models import RightsGesture, RightsRequest

PASSED_ON = "fr.opus.employeur.droits"
MOST_OFFERS = 200
NO_OFFER = (
    "Opus n’a aucune offre de ce numéro, ni d’offre en ligne d’une entreprise de ce "
    "nom exact. Donnez les numéros des offres, séparés par une espace, ou le nom tel "
    "que les offres l’écrivent."
)


def find_offers(typed: str) -> list[str]:
    """Return the numbers of these offers, or of that company's; raise MoveRefused."""
    numbers = {number.upper() for number in re.split(r"[\s,;]+", typed) if number}
    known = Offer.objects.filter(pk__in=numbers).values_list("pk", flat=True)
    if numbers and len(known) == len(numbers):
        return sorted(known)
    named = OfferSearch.objects.filter(Words(typed).in_names_by_index)
    theirs = Offer.objects.filter(search__in=named, company__iexact=typed.strip())
    found = list(theirs.order_by("pk").values_list("pk", flat=True)[: MOST_OFFERS + 1])
    if not found:
        raise MoveRefused(NO_OFFER)
    if len(found) > MOST_OFFERS:
        raise MoveRefused(
            f"Plus de {MOST_OFFERS} offres portent ce nom, peut-être de plusieurs "
            "établissements\xa0: donnez plutôt les numéros des offres."
        )
    return found


def pass_on(gesture: RightsGesture) -> int:
    """Pass the request to the offers' owner; return how many are notified."""
    if outbox.webhooks_are_wanted():
        employer_asked.post(key=str(gesture.pk), gesture=gesture.pk)
        return 1
    offers = gesture.request.offers.values("offer")
    safirs = Offer.objects.filter(pk__in=offers).values("agency_safir")
    readers = {
        person.pk
        for agency in Agency.objects.filter(safir__in=safirs)
        for person in administrators_over(agency)
    } or {person.pk for person in administrators_over(None)}
    for reader in sorted(readers):
        key = f"{gesture.pk}:{reader}"
        employer_to_pass_on.post(key=key, gesture=gesture.pk, to=reader)
    return len(readers)


def offers_of(rights_request: RightsRequest) -> list[str]:
    return list(rights_request.offers.values_list("offer", flat=True))


@outbox.webhook("employer-asked")
def employer_asked(*, gesture: int) -> WebhookEvent | None:
    """Return the webhook: the right, the offers, the parts; no value, no name."""
    row = RightsGesture.objects.select_related("request").filter(pk=gesture).first()
    if row is None:
        return None
    return WebhookEvent(
        type=PASSED_ON,
        subject=row.request.number,
        sequence=row.pk,
        at=row.at,
        data={
            "droit": row.request.right,
            "offres": offers_of(row.request),
            "parties": row.counts.get("parties", []),
            "reponse_avant_le": row.request.deadline.isoformat(),
        },
    )


@outbox.mail("employer-to-pass-on")
def employer_to_pass_on(*, gesture: int, to: int) -> EmailMessage | None:
    """Compose the same for administrators, where no webhook is set up."""
    row = RightsGesture.objects.select_related("request").filter(pk=gesture).first()
    reader = User.objects.get(pk=to)
    if row is None or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="la demande d’un employeur sur ses offres",
        template="support/data_rights/emails/employer_to_pass_on.txt",
        context={
            "asked": row.request,
            "offers": offers_of(row.request),
            "parts": row.parts_in_words,
        },
    )
