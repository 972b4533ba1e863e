import datetime as dt
from typing import NamedTuple

from django.utils import timezone

from accounts.users.models import User
from demo import people
from demo.offers import AGENCY
from demo.stories import Story, days_ago, handed_over, moment, play
from offers.catalogue.models import Offer
from referrals.acts.act_rights import ActKind
from referrals.candidate_emails.models import ConsentWay, MailConsent
from referrals.candidates.models import Candidate, StandIn
from referrals.caseloads.models import (
    CaseloadTransfer,
    TransferKind,
    TransferState,
    WhyAtOnce,
)
from referrals.direct.models import Referral


class Person(NamedTuple):
    first_name: str
    last_name: str
    ft_id: str
    address: str = ""
    postcode: str = "38080"
    city: str = "L’Isle-d’Abeau"
    commune_code: str = "38193"
    has_email: bool = True


BOURGOIN = ("38300", "Bourgoin-Jallieu", "38053")
VILLEFONTAINE = ("38090", "Villefontaine", "38553")
VERPILLIERE = ("38290", "La Verpillière", "38537")
OF_CLAIRE = (
    Person("Karim", "Benali", "38421907356", "12 rue des Lilas"),
    Person("Marie", "Petitjean", "4190273K", "3 allée du Parc"),
    Person("Sofia", "Moreira", "38450112874", "27 rue du Rhône"),
    Person("Lucas", "Garnier", "", "5 impasse des Vignes"),
    Person("Aminata", "Diallo", "38477120093", "41 avenue du Bourg"),
    Person("Thomas", "Vernay", "4207751M", "8 rue de la Gare", *BOURGOIN),
    Person("Élodie", "Charvet", "38490055217", "19 rue des Écoles", has_email=False),
    Person("Yanis", "Haddad", "", "2 place du Marché", has_email=False),
    Person(
        "Nathalie", "Perrin", "38312008846", "14 chemin des Bruyères", *VILLEFONTAINE
    ),
    Person("Mehdi", "Saïdi", "38466301925", "6 rue du Lac"),
    Person("Chloé", "Rivoire", "4188340C", "30 rue de l’Étang", has_email=False),
    Person("Dragan", "Ilić", "", "11 montée de la Chapelle", *VERPILLIERE),
)
# The number of Claire's persons who agree to e-mails.
AGREED = 3
OF_SAMIR = (
    Person("Inès", "Colombet", "38455567120", "9 rue Nationale", *BOURGOIN),
    Person("Hugo", "Berthet", "", "22 rue de la Libération", *BOURGOIN),
)


def seed_candidates() -> int:
    claire = people.ADVISER.account
    samir = people.OTHER_ADVISER.account
    if claire.candidates.exists():
        return 0
    rows = [make(person, claire, n) for n, person in enumerate(OF_CLAIRE)]
    rows += [make(person, samir, n) for n, person in enumerate(OF_SAMIR, 20)]
    brought = Candidate.objects.bulk_create(rows)
    MailConsent.objects.bulk_create(
        MailConsent(
            candidate=candidate,
            given_on=timezone.localdate(candidate.created_at),
            way=ConsentWay.IN_PERSON,
            recorded_by=claire,
        )
        for candidate in brought[:AGREED]
    )
    return len(brought)


def make(person: Person, adviser: User, rank: int) -> Candidate:
    slug = f"{person.first_name}.{person.last_name}".lower()
    ascii_slug = slug.encode("ascii", "ignore").decode()
    known = person._asdict()
    has_email = known.pop("has_email")
    return Candidate(
        **known,
        structure=adviser.structure,
        adviser=adviser,
        email=f"{ascii_slug}@messagerie.example" if has_email else "",
        phone=f"06 39 98 {rank + 10:02d} {rank * 7 % 100:02d}",
        created_at=people.noon(timezone.localdate() - dt.timedelta(days=60 - 2 * rank)),
    )


OF_NADIA = (
    Person("Fatou", "Camara", "38411290764", "7 rue des Tilleuls"),
    Person("Bruno", "Lacroix", "", "16 rue du Moulin", has_email=False),
)
# Long enough for the reminder of a silent act.
MADE_AGO = 17
STORIES = [Story("Camara", MADE_AGO, ((MADE_AGO - 1, handed_over()),))]


def seed_stand_ins() -> int:
    claire = people.ADVISER.account
    nadia = people.RGC.account
    if StandIn.objects.filter(structure=nadia.structure_id).exists():
        return 0
    rows = [make(person, nadia, rank) for rank, person in enumerate(OF_NADIA, 14)]
    Candidate.objects.bulk_create(rows)
    put_in_contact(nadia)
    over = confide(claire, nadia, -40, -33)
    # She came back a day early.
    over.ended_at, over.ended_by = moment(days_ago(34)), claire
    over.save(update_fields=["ended_at", "ended_by"])
    confide(nadia, claire, -2, 5)
    confide(claire, nadia, 21, 31)
    return 3


def confide(owner: User, colleague: User, first: int, last: int) -> StandIn:
    """Create a stand-in between days counted from today, with its decision."""
    today = timezone.localdate()
    starts_on = today + dt.timedelta(days=first)
    ends_on = today + dt.timedelta(days=last)
    made_at = moment(today + dt.timedelta(days=min(first, 0) - 3))
    transfer = CaseloadTransfer.objects.create(
        account=owner,
        asked_by=owner,
        others_to=colleague,
        kind=TransferKind.FOR_A_TIME,
        at_once=WhyAtOnce.OWN,
        state=TransferState.DONE,
        starts_on=starts_on,
        ends_on=ends_on,
        people=owner.candidates.count(),
        acts=0,
        asked_at=made_at,
        ready_at=made_at,
        done_at=made_at,
    )
    return StandIn.objects.create(  # type: ignore[misc]
        transfer=transfer,
        structure_id=owner.structure_id,
        owner=owner,
        colleague=colleague,
        starts_on=starts_on,
        ends_on=ends_on,
        created_at=made_at,
        created_by=owner,
    )


def put_in_contact(nadia: User) -> None:
    made_at = moment(days_ago(MADE_AGO))
    near = Offer.objects.active().filter(
        agency_safir=AGENCY, preselection=False, created_at__lt=made_at
    )
    free = near.exclude(pk__in=Referral.objects.values("offer"))
    oldest_first = free.order_by("created_at", "reference")
    play(ActKind.REFERRAL, STORIES, oldest_first[:1], by=nadia)
