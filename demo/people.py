"""Demo agencies, structures, conventions and accounts.

Telephone numbers are in ARCEP's ranges for fiction.
"""

import datetime as dt
import hashlib
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.agreements.actions import propose, renew
from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.conventions import Convention, Partnership
from accounts.nominations.enums import CopyChannel, NominationState
from accounts.nominations.models import Nomination
from accounts.signin.models import CharterAcceptance, TotpDevice
from accounts.structures.models import Agency, AgencyKind, Structure, StructureKind
from accounts.users.enums import ClosingReason, Role
from accounts.users.models import User
from demo.agreement import seed_model_text, sign
from opus.lib.dates import in_paris

PASSWORD = "Opus-demo-2026!"  # noqa: S105


REGION = {
    "safir": "69188",
    "name": "Direction régionale Auvergne-Rhône-Alpes",
    "kind": AgencyKind.REGION,
    "city": "Lyon",
    "postcode": "69007",
    "department": "69",
}
TERRITORY = {
    "safir": "38900",
    "name": "Direction territoriale de l’Isère",
    "kind": AgencyKind.TERRITORY,
    "city": "Grenoble",
    "postcode": "38000",
    "department": "38",
    "parent_id": "69188",
}
AGENCIES: list[dict[str, Any]] = [
    {
        "safir": "38086",
        "name": "France Travail Villefontaine",
        "address": "1 place de l’Emploi",
        "city": "Villefontaine",
        "postcode": "38090",
        "phone": "04 65 71 00 01",
        "latitude": 45.6117,
        "longitude": 5.1558,
    },
    {
        "safir": "38036",
        "name": "France Travail Bourgoin-Jallieu",
        "address": "2 rue de l’Emploi",
        "city": "Bourgoin-Jallieu",
        "postcode": "38300",
        "phone": "04 65 71 00 02",
        "latitude": 45.5899,
        "longitude": 5.2615,
    },
]
CCAS = {
    "siret": "00038193900016",
    "name": "CCAS de L’Isle-d’Abeau",
    "kind": StructureKind.CCAS,
    "sender_name": "Service emploi de L’Isle-d’Abeau",
    "address": "12 rue de l’Hôtel de Ville",
    "postcode": "38080",
    "city": "L’Isle-d’Abeau",
    "commune_code": "38193",
    "phone": "04 65 71 00 10",
    "email": "emploi@isle-abeau.example",
    "agency_id": "38086",
}
MISSION_LOCALE = {
    "siret": "00038053500021",
    "name": "Mission locale des Trois-Collines",
    "kind": StructureKind.MISSION_LOCALE,
    "sender_name": "Les Trois-Collines",
    "address": "8 avenue des Alpes",
    "postcode": "38300",
    "city": "Bourgoin-Jallieu",
    "commune_code": "38053",
    "phone": "04 65 71 00 40",
    "email": "contact@trois-collines.example",
    "agency_id": "38036",
}
# Annexe 2: the contacts for alerts and for calls.
CONTACTS = {
    "signed_ft_contact": "Hélène Marchand, direction territoriale de l’Isère",
    "signed_ft_contact_email": "helene.marchand@francetravail.example",
    "signed_ft_contact_phone": "04 65 71 01 01",
    "ft_signatory": "Éric Vasseur, directeur régional",
}


class Person(NamedTuple):
    identifier: str
    role: Role
    name: str
    function: str
    # After ``PHONE``.
    phone: str

    @property
    def account(self) -> User:
        return User.objects.get(identifier=self.identifier)


PHONE = "04 65 71"
FT_ADMIN = Person(
    "admin.demo", Role.FT_ADMIN, "Hélène Marchand", "Chargée de partenariats", "01 01"
)
# Of the territorial direction: one person records an agreement, another appoints.
FT_COLLEAGUE = Person(
    "admin.isere", Role.FT_ADMIN, "Marc Delorme", "Chargé de conventions", "01 03"
)
AGENT = Person(
    "agent.demo", Role.AGENT, "Julien Moreau", "Conseiller entreprises", "01 02"
)
RGC = Person(
    "rgc.demo", Role.RGC, "Nadia Ferrand", "Responsable du service emploi", "00 11"
)
ADVISER = Person(
    "conseiller.demo", Role.ADVISER, "Claire Petit", "Conseillère emploi", "00 12"
)
FORMER_RGC = Person("rgc.ancien", Role.RGC, "Luc Morand", "Directeur adjoint", "00 40")
OTHER_ADVISER = Person(
    "collines.demo", Role.ADVISER, "Samir Roux", "Conseiller jeunes", "00 42"
)


def seed_people() -> int:
    if User.objects.filter(identifier=ADVISER.identifier).exists():
        return 0
    agencies = seed_agencies()
    password = make_password(PASSWORD)  # Only once: Argon2id is slow on purpose.
    admin = open_account(FT_ADMIN, password)
    open_account(AGENT, password, agency=agencies["38086"])
    colleague = open_account(FT_COLLEAGUE, password, agency=agencies["38900"])
    seed_model_text(admin)
    seed_ccas(password, (admin, colleague))
    seed_mission_locale(password, (admin, colleague))
    return User.objects.count()


def seed_agencies() -> dict[str, Agency]:
    rows = [REGION, TERRITORY]
    rows += [row | {"parent_id": "38900", "department": "38"} for row in AGENCIES]
    for row in rows:
        Agency.objects.get_or_create(
            safir=row["safir"], defaults=row | {"region": "84"}
        )
    return Agency.objects.in_bulk([row["safir"] for row in rows])


def seed_ccas(password: str, staff: tuple[User, User]) -> None:
    """Seed the main structure: both services, two seats, one occupied."""
    structure = Structure.objects.create(**CCAS)
    convention = Convention.objects.create(
        structure=structure,
        agency=structure.agency,
        number="CA-38-2026-014",
        parent=Partnership.objects.create(
            number="CP-38-2025-003",
            partner="Union départementale des CCAS de l’Isère",
            signed_on=dt.date(2025, 11, 20),
            ends_on=dt.date(2028, 12, 31),
        ),
        signed_by_ft_on=dt.date(2025, 12, 15),
        signed_by_structure_on=dt.date(2025, 12, 9),
        starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2027, 12, 31),
        signed_consultation=True,
        signed_referrals=True,
        signed_quota=1,
        signed_partner_contact="Isabelle Roche, directrice du CCAS",
        signed_partner_contact_email="isabelle.roche@isle-abeau.example",
        signed_partner_contact_phone=f"{PHONE} 00 15",
        partner_signatory="Michel Bonnard, maire et président du CCAS",
        deliberation="2025-47",
        deliberated_on=dt.date(2025, 11, 27),
        **CONTACTS,
    )
    sign(convention, by=staff[0])
    convention.steps.update(at=noon(dt.date(2025, 12, 15)))
    seed_amendment(convention, *staff)
    rgc = open_account(RGC, password, structure=structure)
    put_in_office(rgc, convention, staff, dt.date(2025, 12, 16))
    open_account(ADVISER, password, structure=structure, by=rgc)


def seed_amendment(convention: Convention, admin: User, second: User) -> None:
    """Seed a second seat since March, confirmed by another (S28)."""
    proposed_at, agreed_at = noon(dt.date(2026, 2, 18)), noon(dt.date(2026, 2, 19))
    amendment = Amendment.objects.create(
        convention=convention,
        reference="DR-ARA-2026-027",
        noticed_on=dt.date(2026, 2, 16),
        effective_on=dt.date(2026, 3, 1),
        quota=2,
        proposed_by=admin,
        proposed_at=proposed_at,
    )
    amendment.move_to(
        ProposalState.CONFIRMED, by=second, confirmed_by=second, confirmed_at=agreed_at
    )
    amendment.steps.update(at=agreed_at)
    amendment.steps.create(target=ProposalState.PROPOSED, by=admin, at=proposed_at)


def seed_mission_locale(password: str, staff: tuple[User, User]) -> None:
    """Seed a read-only structure: convention to renew, no RGC, waiting amendments."""
    structure = Structure.objects.create(**MISSION_LOCALE)
    today = timezone.localdate()
    convention = Convention.objects.create(
        structure=structure,
        agency=structure.agency,
        number="CA-38-2024-051",
        parent=Partnership.objects.create(
            number="CP-38-2023-017",
            partner="Réseau des missions locales de l’Isère",
            signed_on=today - dt.timedelta(days=760),
            ends_on=today + dt.timedelta(days=400),
        ),
        signed_by_ft_on=today - dt.timedelta(days=700),
        signed_by_structure_on=today - dt.timedelta(days=706),
        starts_on=today - dt.timedelta(days=690),
        ends_on=today + dt.timedelta(days=40),
        signed_consultation=True,
        signed_referrals=False,
        signed_quota=3,
        signed_partner_contact="Luc Morand, directeur adjoint",
        signed_partner_contact_email="luc.morand@trois-collines.example",
        partner_signatory="Odile Faure, présidente",
        **CONTACTS,
    )
    sign(convention, by=staff[0])
    convention.steps.update(at=noon(today - dt.timedelta(days=700)))
    rise = Amendment(
        convention=convention,
        reference="DR-ARA-2026-112",
        noticed_on=today - dt.timedelta(days=3),
        effective_on=today,
        quota=5,
    )
    propose(rise, by=staff[0])
    change = Amendment(
        convention=convention,
        reference="DR-ARA-2026-108",
        noticed_on=today - dt.timedelta(days=6),
        effective_on=today,
        partner_contact="Anne Tissot, directrice adjointe",
        partner_contact_email="anne.tissot@trois-collines.example",
    )
    propose(change, by=staff[0])
    open_account(OTHER_ADVISER, password, structure=structure, by=staff[0])
    propose_successor(convention, staff, today)
    renew(
        convention,
        by=staff[1],
        number="CA-38-2026-073",
        parent=convention.parent,
        starts_on=convention.ends_on + dt.timedelta(days=1),
        ends_on=convention.parent.ends_on,
        keeps_rgc=True,
    )


def propose_successor(
    convention: Convention, staff: tuple[User, User], today: dt.date
) -> None:
    """Propose a successor of the former RGC (art. 4.1, 4.3)."""
    former = open_account(
        FORMER_RGC, make_password(None), structure=convention.structure
    )
    proposed_on = today - dt.timedelta(days=705)
    office = put_in_office(former, convention, staff, proposed_on)
    ended_on = today - dt.timedelta(days=12)
    office.leave(by=staff[0], ended_on=ended_on)
    office.steps.filter(target=NominationState.LEFT).update(at=noon(ended_on))
    former.close(by=staff[0], reason=ClosingReason.DEPARTURE)
    successor = Nomination.objects.create(
        convention=convention,
        previous=office,
        first_name="Anne",
        last_name="Tissot",
        email="anne.tissot@trois-collines.example",
        function="Directrice adjointe",
        is_permanent_staff=True,
        has_responsibility=True,
        proposed_on=today - dt.timedelta(days=4),
        proposal_reference="TC/2026/18",
    )
    successor.steps.create(origin="", target=NominationState.PROPOSED, by=staff[0])


def put_in_office(
    rgc: User, convention: Convention, staff: tuple[User, User], proposed_on: dt.date
) -> Nomination:
    """Propose and accept him; in office later (art. 4.1)."""
    admin, colleague = staff
    decided_on = proposed_on + dt.timedelta(days=6)
    office_on = decided_on + dt.timedelta(days=10)
    nomination = Nomination.objects.create(
        convention=convention,
        person=rgc,
        first_name=rgc.first_name,
        last_name=rgc.last_name,
        function=rgc.function,
        is_permanent_staff=True,
        has_responsibility=True,
        proposed_on=proposed_on,
        proposal_reference=f"COURRIER-{proposed_on:%Y}-41",
    )
    nomination.steps.create(origin="", target=NominationState.PROPOSED, by=admin)
    nomination.accept(
        by=colleague,
        decided_on=decided_on,
        decision_by="Paul Garnier, directeur territorial de l’Isère",
        reference=f"DT38-{decided_on:%Y}-118",
    )
    nomination.notified_on = decided_on + dt.timedelta(days=3)
    nomination.save(update_fields=["notified_on"])
    nomination.take_office(by=admin)
    nomination.office_on = nomination.copy_given_on = office_on
    nomination.copy_channel = CopyChannel.HAND
    nomination.save(update_fields=["office_on", "copy_given_on", "copy_channel"])
    days = (proposed_on, decided_on, office_on)
    for step, day in zip(nomination.steps.all(), days, strict=True):
        step.at = noon(day)
        step.save(update_fields=["at"])
    return nomination


def open_account(
    person: Person,
    password: str,
    *,
    structure: Structure | None = None,
    agency: Agency | None = None,
    by: User | None = None,
) -> User:
    domain = "partenaire.example" if structure else "francetravail.example"
    first_name, last_name = person.name.split()
    user = User.objects.create(
        identifier=person.identifier,
        role=person.role,
        first_name=first_name,
        last_name=last_name,
        function=person.function,
        phone=f"{PHONE} {person.phone}",
        structure=structure,
        agency=agency,
        email=f"{person.identifier}@{domain}",
        password=password,
        last_login=noon(timezone.localdate() - dt.timedelta(days=1)),
        created_at=noon(timezone.localdate() - dt.timedelta(days=90)),
    )
    user.activate(by=by or user)
    # Not a new account, which would receive nobody at once.
    user.steps.update(at=user.created_at)
    key = hashlib.sha256(f"demo {person.identifier}".encode()).digest()[:20]
    TotpDevice.objects.create(
        user=user, name="application", sealed_key=TotpDevice.vault().encrypt(key)
    )
    CharterAcceptance.objects.create(account=user, version=settings.CHARTER_VERSION)
    return user


def noon(day: dt.date) -> dt.datetime:
    return in_paris(day, dt.time(12))
