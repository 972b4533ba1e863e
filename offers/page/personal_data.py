"""Personal data of offers: who opened which (V9), what they say of employers."""

from collections.abc import Iterator

from accounts.users.enums import UserState
from offers.catalogue.models import Offer
from offers.page.models import SeenOffer
from opus.lib.french import plain
from opus.lib.privacy import retention
from opus.lib.privacy.personal_data import (
    Known,
    Person,
    PersonKind,
    Recipient,
    Retention,
    Section,
    Table,
    declare,
    describer,
    narrator,
    recipients,
)

OURS = "empreinte ou compteur d’Opus, qui ne dit rien de l’employeur"
NUMBERS = ("content_hash", "content_sequence", "state_sequence", "mode_sequence")

declare(
    Table("offers.SeenOffer", Retention.HABITS, ("account",)),
    # The only personal data is the account that closed the line.
    Table("offers.QuarantineStep", Retention.ACCOUNT, others=("by",)),
    Table(
        "offers.Offer",
        Retention.HABITS,
        offers=("pk",),
        left_out=dict.fromkeys((*NUMBERS, "skills_text"), OURS),
        source="le système de France Travail, auquel l’employeur a confié l’offre",
    ),
)


@describer
def offers_of(person: Person) -> Iterator[Known]:
    """Yield each offer of the employer: number, title, place, agency."""
    for offer in Offer.objects.filter(pk__in=person.offers).order_by("pk"):
        offer.as_received()
        facts = (f"offre n°\xa0{offer.pk}", offer.title, offer.place_label)
        yield Known(
            key=f"offers.offer {offer.pk}",
            pk=offer.pk,
            who=plain(offer.company) or offer.pk,
            kind=PersonKind.EMPLOYER,
            name=offer.company or "Entreprise que l’offre ne nomme pas",
            facts=tuple(filter(None, facts)),
            agencies=frozenset(),
        )


@recipients
def of_offers(person: Person) -> Iterator[Recipient]:
    if person.offers:
        yield Recipient(
            "conseillers des structures partenaires et agents de France Travail",
            "les offres, dont les coordonnées sont masquées si l’agence présélectionne",
        )


@narrator
def offers_in_words(person: Person) -> Iterator[Section]:
    offers = Offer.objects.filter(pk__in=person.offers).order_by("-created_at")
    for offer in offers:
        offer.as_received()
    yield Section(10, "offers/page/copy.html", {"offers": offers})


def forget_seen() -> retention.Counts:
    """Delete what closed accounts opened, except under legal hold (V11)."""
    free = retention.free(accounts="account")
    seen = SeenOffer.objects.filter(free, account__state=UserState.CLOSED)
    return retention.deleted(seen)


rehearsed = retention.rehearsed(forget_seen)
retention.purged_by(retention.Job(Retention.HABITS, "forget-seen-offers", rehearsed))
