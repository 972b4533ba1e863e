import datetime as dt
from typing import NamedTuple

from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.models.users import User
from referrals.candidate_emails.models import ConsentWay, MailConsent
from referrals.candidates.models.candidates import Candidate
from referrals.demo import people, structures


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
        "Nathalie",
        "Perrin",
        "38312008846",
        "14 chemin des Bruyères",
        "38090",
        "Villefontaine",
        "38553",
    ),
    Person("Mehdi", "Saïdi", "38466301925", "6 rue du Lac"),
    Person("Chloé", "Rivoire", "4188340C", "30 rue de l’Étang", has_email=False),
    Person(
        "Dragan",
        "Ilić",
        "",
        "11 montée de la Chapelle",
        "38290",
        "La Verpillière",
        "38537",
    ),
)
# The number of Claire's persons who agree to e-mails.
AGREED = 3
OF_SAMIR = (
    Person("Inès", "Colombet", "38455567120", "9 rue Nationale", *BOURGOIN),
    Person("Hugo", "Berthet", "", "22 rue de la Libération", *BOURGOIN),
)


def seed_candidates() -> int:
    claire = User.objects.get(identifier=people.ADVISER.identifier)
    samir = User.objects.get(identifier=people.OTHER_ADVISER.identifier)
    if claire.candidates.exists():
        return 0
    ccas = Structure.objects.get(siret=structures.CCAS["siret"])
    other = Structure.objects.get(siret=structures.MISSION_LOCALE["siret"])
    rows = [make(person, claire, ccas, n) for n, person in enumerate(OF_CLAIRE)]
    rows += [make(person, samir, other, n + 20) for n, person in enumerate(OF_SAMIR)]
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


def make(person: Person, adviser: User, structure: Structure, rank: int) -> Candidate:
    slug = f"{person.first_name}.{person.last_name}".lower()
    ascii_slug = slug.encode("ascii", "ignore").decode()
    known = person._asdict()
    has_email = known.pop("has_email")
    return Candidate(
        **known,
        structure=structure,
        adviser=adviser,
        email=f"{ascii_slug}@messagerie.example" if has_email else "",
        phone=f"06 39 98 {rank + 10:02d} {rank * 7 % 100:02d}",
        created_at=people.noon(timezone.localdate() - dt.timedelta(days=60 - 2 * rank)),
    )
