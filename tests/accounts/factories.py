"""Structures, conventions and people, with a trait for each state."""

import datetime as dt

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import (
    Agency,
    Carrier,
    CharterAcceptance,
    Convention,
    ConventionState,
    FactorReset,
    IdentityCheck,
    Leave,
    Letter,
    LetterKind,
    LossReason,
    Nomination,
    NominationState,
    Role,
    Structure,
    StructureKind,
    TeamReview,
    TotpDevice,
    User,
    UserState,
)
from accounts.models.letters import s10_check_digit
from opus.lib.sheets import SheetState

PASSWORD = "une longue phrase pour les essais"
# Hashed once: Argon2id is slow on purpose.
PASSWORD_HASH = make_password(PASSWORD)


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency
        django_get_or_create = ("safir",)

    safir = factory.Sequence(lambda n: f"{38000 + n % 999:05d}")
    name = factory.Sequence(lambda n: f"Agence d’essai {n}")
    city = "Villefontaine"
    postcode = "38090"
    department = "38"
    region = "84"


def make_siret(n: int) -> str:
    """The n-th SIRET whose Luhn sum is right."""
    body = f"{n:013d}"
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in body[-1::-2]]
    plain = [int(digit) for digit in body[-2::-2]]
    return f"{body}{-(sum(doubled) + sum(plain)) % 10}"


class StructureFactory(DjangoModelFactory):
    """A partner with its convention in force (quota 2, both services)."""

    class Meta:
        model = Structure
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Structure d’essai {n}")
    kind = StructureKind.CCAS
    siret = factory.Sequence(lambda n: make_siret(n + 1))
    sender_name = factory.Sequence(lambda n: f"Service emploi {n}")
    address = "1 place de la Mairie"
    postcode = "38080"
    city = "L’Isle-d’Abeau"
    commune_code = "38193"
    phone = "04 65 71 00 00"
    agency = factory.SubFactory(AgencyFactory)
    convention = factory.RelatedFactory(
        "tests.accounts.factories.ConventionFactory", factory_related_name="structure"
    )


def make_registered_number(n: int) -> str:
    """The n-th number of a registered letter whose check digit is right."""
    digits = f"{n:08d}"
    return f"RK{digits}{s10_check_digit(digits)}FR"


class ConventionFactory(DjangoModelFactory):
    class Meta:
        model = Convention

    class Params:
        draft = factory.Trait(
            state=ConventionState.DRAFT,
            signed_by_ft_on=None,
            signed_by_structure_on=None,
        )
        over = factory.Trait(
            starts_on=dt.date(2024, 1, 1),
            ends_on=dt.date(2025, 12, 31),
            signed_by_ft_on=dt.date(2023, 12, 1),
            signed_by_structure_on=dt.date(2023, 12, 1),
        )

    structure = factory.SubFactory(StructureFactory, convention=None)
    agency = factory.SelfAttribute("structure.agency")
    state = ConventionState.SIGNED
    number = factory.Sequence(lambda n: f"CA-{n:04d}")
    parent_number = "CP-2024-01"
    parent_ends_on = dt.date(2099, 12, 31)
    signed_by_ft_on = dt.date(2024, 1, 10)
    signed_by_structure_on = dt.date(2024, 1, 12)
    starts_on = dt.date(2024, 1, 15)
    ends_on = dt.date(2099, 12, 31)
    grants_consultation = True
    grants_referrals = True
    quota = 20


class UserFactory(DjangoModelFactory):
    """An account that passed its first access: password, factor, charter."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        created = factory.Trait(state=UserState.CREATED, factor=None, charter=None)
        suspended = factory.Trait(state=UserState.SUSPENDED)
        closed = factory.Trait(state=UserState.CLOSED)

    identifier = factory.Sequence(lambda n: f"IDA-{n:04d}")
    state = UserState.ACTIVE
    first_name = "Claire"
    last_name = factory.Sequence(lambda n: f"Essai{n}")
    email = factory.Sequence(lambda n: f"claire.essai{n}@partenaire.example")
    phone = "04 65 71 00 01"
    password = PASSWORD_HASH
    factor = factory.RelatedFactory(
        "tests.accounts.factories.TotpDeviceFactory", factory_related_name="user"
    )
    charter = factory.RelatedFactory(
        "tests.accounts.factories.CharterAcceptanceFactory",
        factory_related_name="account",
    )


class AdviserFactory(UserFactory):
    role = Role.ADVISER
    structure = factory.SubFactory(StructureFactory)


class RgcFactory(UserFactory):
    """An RGC in office."""

    role = Role.RGC
    structure = factory.SubFactory(StructureFactory)

    @factory.post_generation
    def in_office(user, create, extracted):
        if extracted is not False and user.structure.conventions.exists():
            NominationFactory(person=user, convention=user.structure.conventions.get())


class AgentFactory(UserFactory):
    role = Role.AGENT
    agency = factory.SubFactory(AgencyFactory)


class FtAdminFactory(UserFactory):
    role = Role.FT_ADMIN


class NominationFactory(DjangoModelFactory):
    class Meta:
        model = Nomination

    convention = factory.SubFactory(ConventionFactory)
    person = factory.SubFactory(
        RgcFactory,
        structure=factory.SelfAttribute("..convention.structure"),
        in_office=False,
    )
    state = NominationState.IN_OFFICE
    function = "Responsable du service emploi"
    proposed_on = dt.date(2024, 1, 16)


class LetterFactory(DjangoModelFactory):
    """A letter whose PDF is made, not posted yet."""

    class Meta:
        model = Letter

    class Params:
        waiting = factory.Trait(state=SheetState.WAITING, pdf=None, ready_at=None)
        failed = factory.Trait(
            state=SheetState.FAILED, pdf=None, ready_at=None, failure="panne"
        )
        posted = factory.Trait(
            carrier=Carrier.LA_POSTE,
            registered_number=factory.Sequence(make_registered_number),
            posted_on=dt.date(2026, 11, 20),
        )

    kind = LetterKind.NOTICE
    convention = factory.SubFactory(ConventionFactory)
    rank = factory.Sequence(lambda n: n % 30000 + 1)
    addressee = ["Structure d’essai", "1 place de la Mairie", "38080 L’Isle-d’Abeau"]
    made_by = factory.SubFactory(FtAdminFactory)
    state = SheetState.READY
    html = "<article><h1>Objet : essai</h1></article>"
    html_sha256 = "0" * 64
    pdf = b"%PDF-1.7 essai"
    ready_at = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


class TotpDeviceFactory(DjangoModelFactory):
    class Meta:
        model = TotpDevice

    user = factory.SubFactory(AdviserFactory, factor=None)
    name = "application"
    confirmed = True
    sealed_key = factory.LazyFunction(
        lambda: TotpDevice.vault().encrypt(b"opus-essais-20-bytes")
    )


class FactorResetFactory(DjangoModelFactory):
    """Asked a moment ago; by an RGC unless it is said who asks."""

    class Meta:
        model = FactorReset
        skip_postgeneration_save = True

    class Params:
        ready = factory.Trait(
            asked_at=factory.LazyFunction(
                lambda: timezone.now() - dt.timedelta(hours=25)
            )
        )
        lapsed = factory.Trait(
            asked_at=factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=8))
        )
        of_rgc = factory.Trait(
            account=factory.SubFactory("tests.accounts.factories.RgcFactory"),
            asked_by=factory.SubFactory("tests.accounts.factories.FtAdminFactory"),
            four_eyes=True,
        )

    account = factory.SubFactory(AdviserFactory)
    asked_by = factory.LazyAttribute(
        lambda reset: RgcFactory(structure=reset.account.structure, in_office=False)
    )
    asked_at = factory.LazyFunction(timezone.now)
    ready_at = factory.LazyAttribute(
        lambda reset: reset.asked_at + dt.timedelta(hours=24)
    )
    lapses_at = factory.LazyAttribute(
        lambda reset: reset.asked_at + dt.timedelta(days=7)
    )
    check_done = IdentityCheck.IN_PERSON
    reason = LossReason.LOST
    four_eyes = False


class CharterAcceptanceFactory(DjangoModelFactory):
    class Meta:
        model = CharterAcceptance

    account = factory.SubFactory(AdviserFactory, charter=None)
    version = "2026-11"


class TeamReviewFactory(DjangoModelFactory):
    """A quarterly question that waits for the RGC's answer."""

    class Meta:
        model = TeamReview

    class Params:
        answered = factory.Trait(
            answered_at=dt.datetime(2026, 10, 20, 9, tzinfo=dt.UTC),
            answered_by=factory.SubFactory(
                RgcFactory, structure=factory.SelfAttribute("..convention.structure")
            ),
        )

    convention = factory.SubFactory(ConventionFactory)
    due_on = dt.date(2026, 10, 15)


class LeaveFactory(DjangoModelFactory):
    """A short absence, under way today."""

    class Meta:
        model = Leave

    class Params:
        long = factory.Trait(
            ends_on=factory.LazyFunction(lambda: _in_days(120)),
        )

    account = factory.SubFactory(AdviserFactory)
    created_by = factory.SubFactory(
        RgcFactory, structure=factory.SelfAttribute("..account.structure")
    )
    starts_on = factory.LazyFunction(lambda: _in_days(-1))
    ends_on = factory.LazyFunction(lambda: _in_days(10))


def _in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)
