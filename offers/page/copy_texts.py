"""An employer's copy in sentences: what his offers say of him (GDPR 15)."""

from collections.abc import Iterator

from offers.catalogue.models import Offer
from opus.lib.dates import date_format
from opus.lib.privacy.copy_texts import Item, Section, narrator
from opus.lib.privacy.personal_data import Person


@narrator
def offers_in_words(person: Person) -> Iterator[Section]:
    items = []
    for offer in Offer.objects.filter(pk__in=person.offers).order_by("-created_at"):
        offer.as_received()
        place = f", {offer.place_label}" if offer.place_label else ""
        details = [f"Entreprise\xa0: {offer.company or 'non nommée'}."]
        if offer.contacts:
            details.append(
                f"Coordonnées dans l’offre\xa0: {', '.join(offer.contacts)}."
            )
        details.append(f"Texte\xa0: {offer.description}")
        items.append(
            Item(
                f"Offre n°\xa0{offer.pk}, «\xa0{offer.title}\xa0»{place}, créée le "
                f"{date_format(offer.created_at, 'j F Y')}\xa0: "
                f"{offer.get_state_display()}.",
                tuple(details),
            )
        )
    if items:
        items.append(
            Item(
                "Opus montre une offre tant que France Travail la diffuse\xa0; il la "
                "garde ensuite, sans la montrer, avec les propositions faites sur elle."
            )
        )
    yield Section(10, "Vos offres dans Opus", tuple(items))
