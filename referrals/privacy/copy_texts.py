"""A candidate's copy in sentences: her record, then what was done (GDPR 15)."""

from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst

from accounts.privacy.copy_texts import corrections_in_words, day
from offers.page.models import SeenOffer
from opus.lib.dates import date_format
from opus.lib.privacy.copy_texts import Item, Section, narrator
from opus.lib.privacy.personal_data import Person
from referrals.acts.models.acts import Act
from referrals.acts.timeline import timeline_of
from referrals.candidates.models.candidates import Candidate
from referrals.preselection.models import ScreenedReferral
from referrals.saved_searches.models import SavedSearch

CONFIDED = "Suivi confié à un autre conseiller"
# Words of the sentence → field.
CONTACTS = {
    "Votre identifiant France Travail": "ft_id",
    "Votre téléphone": "phone",
    "Votre courriel": "email",
}


@narrator
def candidate_in_words(person: Person) -> Iterator[Section]:
    mine = Candidate.objects.filter(pk__in=person.candidates)
    for candidate in mine.select_related("structure").order_by("created_at"):
        title = f"Votre fiche à la structure {candidate.structure}"
        yield Section(10, title, tuple(facts_of(candidate)))
    acts = Act.objects.filter(candidate__in=person.candidates).whole()
    done = tuple(map(act_in_words, acts.order_by("created_at")))
    yield Section(20, "Ce qui a été fait pour vous", done)
    kept = tuple(kept_for(mine))
    yield Section(30, "Ce qui est gardé pour vous", kept)


def facts_of(candidate: Candidate) -> Iterator[Item]:
    yield Item(f"Vous vous appelez {candidate}.")
    for words, name in CONTACTS.items():
        if value := getattr(candidate, name):
            yield Item(f"{words} est\xa0: {value}.")
    place = f"{candidate.postcode} {candidate.city}".strip()
    if lines := ", ".join(filter(None, (candidate.address, place))):
        yield Item(f"Votre adresse est\xa0: {lines}.")
    yield Item(
        f"Un conseiller de cette structure a ouvert cette fiche le "
        f"{day(candidate.created_at)}."
    )
    for consent in candidate.mail_consents.order_by("recorded_at"):
        given = date_format(consent.given_on, "j F Y")
        ended = consent.withdrawn_at
        over = f", et cet accord est retiré depuis le {day(ended)}" if ended else ""
        yield Item(f"Vous avez accepté les courriels d’Opus le {given}{over}.")
    for limit in candidate.limits.order_by("placed_at"):
        over = f", jusqu’au {day(limit.lifted_at)}" if limit.lifted_at else ""
        yield Item(
            f"À votre demande n°\xa0{limit.reference}, ceci s’est arrêté le "
            f"{day(limit.placed_at)}{over}\xa0: {limit.get_processing_display()}."
        )
    yield from corrections_in_words(Person(candidates=frozenset({candidate.pk})))


def act_in_words(act: Any) -> Item:
    """Return the act, then its steps: nobody's name."""
    offer = act.offer
    facts = ", ".join(filter(None, (offer.company, offer.place_label)))
    where = f" ({facts})" if facts else ""
    return Item(
        f"{capfirst(act._meta.verbose_name)} n°\xa0{act.number}, sur l’offre "
        f"n°\xa0{offer.pk}, «\xa0{offer.title}\xa0»{where}\xa0: "
        f"{act.get_state_display()}.",
        (
            *(f"{day(step.at)}\xa0: {named(step.label)}" for step in timeline_of(act)),
            *questions_in_words(act),
        ),
    )


def questions_in_words(act: Any) -> Iterator[str]:
    """Yield what the agency asked about her, and the answer: nobody's name."""
    if not isinstance(act, ScreenedReferral):
        return
    for one in act.questions.all():
        yield f"{day(one.asked_at)}\xa0: l’agence demande «\xa0{one.text}\xa0»"
        if one.answered_at:
            yield f"{day(one.answered_at)}\xa0: réponse «\xa0{one.answer}\xa0»"


def named(label: str) -> str:
    """Return a step's label without the name of the new adviser."""
    return CONFIDED if label.startswith(CONFIDED[:13]) else label


def kept_for(mine: Any) -> Iterator[Item]:
    for candidate in mine.order_by("created_at"):
        for favourite in candidate.favourites.select_related("offer"):
            offer = favourite.offer
            yield Item(
                f"Une offre gardée\xa0: n°\xa0{offer.pk}, «\xa0{offer.title}\xa0»."
            )
        for search in candidate.saved_searches.all():
            yield Item(f"Une recherche enregistrée\xa0: «\xa0{search.name}\xa0».")


@narrator
def habits_in_words(person: Person) -> Iterator[Section]:
    """Yield what an account keeps for itself."""
    searches = SavedSearch.objects.filter(account__in=person.accounts)
    items = [
        Item(f"Une recherche enregistrée\xa0: «\xa0{name}\xa0».")
        for name in searches.values_list("name", flat=True)
    ]
    if seen := SeenOffer.objects.filter(account__in=person.accounts).count():
        items.append(Item(f"Offres que vous avez ouvertes récemment\xa0: {seen}."))
    yield Section(30, "Ce que votre compte garde", tuple(items))
