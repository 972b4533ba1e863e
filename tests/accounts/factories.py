"""Structures, conventions and people, with a trait for each state."""

import datetime as dt

import factory
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.utils import timezone
from factory.django import DjangoModelFactory
from stdnum import luhn

from accounts.agreements.models.amendments import Amendment, ProposalState
from accounts.agreements.models.articles import (
    AgreementDocument,
    ModelText,
    SignedCopy,
    digest_of,
)
from accounts.agreements.models.conventions import (
    Convention,
    ConventionState,
    Partnership,
)
from accounts.agreements.models.letters import (
    Carrier,
    Letter,
    LetterKind,
    s10_check_digit,
)
from accounts.agreements.models.terminations import (
    Breach,
    BreachReason,
    BreachState,
    Ending,
    EndingOrigin,
)
from accounts.exports.models import Export
from accounts.meetings.models import Attendance, ReviewMeeting
from accounts.nominations.enums import ENDED_STATES, NominationState
from accounts.nominations.models import Nomination
from accounts.security.models import Alert, AlertState, Conclusion, Level, Rule
from accounts.signin.models import (
    CharterAcceptance,
    FactorReset,
    LossReason,
    OpenSession,
    SecurityEvent,
    SecurityEventKind,
    TotpDevice,
)
from accounts.structures.models import Agency, Structure, StructureKind
from accounts.team.models import TeamReview
from accounts.users.enums import Role, UserState
from accounts.users.models import AccountHold, IdentityCheck, Leave, User
from opus.lib.background_files import FileState
from tests.hashing import LIGHT

PASSWORD = "une longue phrase pour les essais"
# Hashed once, and light: see ``tests.hashing``, which must come before.
assert Argon2PasswordHasher.memory_cost == LIGHT["memory_cost"]
PASSWORD_HASH = make_password(PASSWORD)
PROPOSED_ADDRESS = "nadia.ferrand@partenaire.example"


def lettered(number: int) -> str:
    """Return a number in letters: a name holds no digit."""
    return str(number).translate(str.maketrans("0123456789", "QXZJKVWYHG"))


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency
        django_get_or_create = ("safir",)

    # Apart from the numbers that tests write out: one more would be the same agency.
    safir = factory.Sequence(lambda n: f"{20000 + n % 9999:05d}")
    name = factory.Sequence(lambda n: f"Agence d’essai {n}")
    city = "Villefontaine"
    postcode = "38090"
    department = "38"
    region = "84"


def make_siret(n: int) -> str:
    """Return the n-th SIRET: its company's key is right, and its own."""
    siren = f"{n:08d}{luhn.calc_check_digit(f'{n:08d}')}"
    return f"{siren}0001{luhn.calc_check_digit(f'{siren}0001')}"


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


class PartnershipFactory(DjangoModelFactory):
    class Meta:
        model = Partnership

    number = factory.Sequence(lambda n: f"CP-{n:04d}")
    partner = "Union d’essai des CCAS"
    signed_on = dt.date(2023, 11, 1)
    ends_on = dt.date(2099, 12, 31)


class ConventionFactory(DjangoModelFactory):
    """A signed convention, with the terms named as they read: ``quota=2``."""

    class Meta:
        model = Convention

    class Params:
        grants_consultation = True
        grants_referrals = True
        quota = 20
        ft_contact = "Mme Essai, agence d’essai"
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
    parent = factory.SubFactory(PartnershipFactory)
    signed_by_ft_on = dt.date(2024, 1, 10)
    signed_by_structure_on = dt.date(2024, 1, 12)
    starts_on = dt.date(2024, 1, 15)
    ends_on = dt.date(2099, 12, 31)
    signed_consultation = factory.SelfAttribute("grants_consultation")
    signed_referrals = factory.SelfAttribute("grants_referrals")
    signed_quota = factory.SelfAttribute("quota")
    signed_ft_contact = factory.SelfAttribute("ft_contact")
    signed_ft_contact_email = "correspondant@francetravail.example"
    signed_partner_contact = "M. Essai, directeur"
    signed_partner_contact_email = "suivi@partenaire.example"
    partner_signatory = "Mme Essai, maire"
    deliberation = "2023-12"
    deliberated_on = dt.date(2023, 11, 30)
    ft_signatory = "M. Essai, directeur régional"


def amend(convention: Convention, **changes: object) -> Amendment:
    """Change a signed convention from today on, as a confirmed amendment does."""
    today = timezone.localdate()
    amendment = AmendmentFactory(
        convention=convention,
        confirmed=True,
        noticed_on=today,
        effective_on=today,
        **changes,
    )
    if amendment.ends_on:
        Convention.objects.filter(pk=convention.pk).update(ends_on=amendment.ends_on)
    return amendment


class ModelTextFactory(DjangoModelFactory):
    """A draft of two articles."""

    class Meta:
        model = ModelText

    class Params:
        published = factory.Trait(
            published_at=factory.LazyFunction(timezone.now),
            published_by=factory.SubFactory("tests.accounts.factories.FtAdminFactory"),
        )

    name = factory.Sequence(lambda n: f"essai-{n}")
    legal_basis = "le code du travail"
    text = (
        "Un préambule.\n\nArticle 1 : Objet\nOpus est mis à la disposition de "
        "[structure].\n\nArticle 2 : Suivi\n2.1 Personnes\n[responsable du suivi] "
        "suit la convention.\n- jusqu’au [date de fin]"
    )


class AgreementDocumentFactory(DjangoModelFactory):
    """The document of a signed convention, its PDF made."""

    class Meta:
        model = AgreementDocument

    convention = factory.SubFactory(ConventionFactory)
    model_text = factory.SubFactory(ModelTextFactory, published=True)
    is_final = True
    html = "<h1>Convention d’essai</h1>"
    html_sha256 = factory.LazyAttribute(lambda o: digest_of(o.html.encode()))
    state = FileState.READY
    content = b"%PDF-1.7 essai\n%%EOF"
    ready_at = factory.LazyFunction(timezone.now)


class SignedCopyFactory(DjangoModelFactory):
    class Meta:
        model = SignedCopy

    convention = factory.SubFactory(ConventionFactory)
    content = b"%PDF-1.7 numerise\n%%EOF"
    sha256 = factory.LazyAttribute(lambda o: digest_of(o.content))
    added_by = factory.SubFactory("tests.accounts.factories.FtAdminFactory")


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
    last_name = factory.Sequence(lambda n: f"Essai{lettered(n)}")
    email = factory.Sequence(lambda n: f"claire.essai{n}@partenaire.example")
    phone = "04 65 71 00 01"
    # Not a new account, which receives nobody at once.
    created_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=20))
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


def staff_named(identifier: str) -> User:
    """One of the two administrators who record appointments: the same each time."""
    known = User.objects.filter(identifier=identifier).first()
    return known or FtAdminFactory(identifier=identifier, factor=None, charter=None)


class NominationFactory(DjangoModelFactory):
    """Of any state: what the database asks for it is filled in."""

    class Meta:
        model = Nomination

    class Params:
        is_decided = factory.LazyAttribute(
            lambda o: (
                o.state not in {NominationState.PROPOSED, NominationState.ABANDONED}
            )
        )
        is_or_was_in_office = factory.LazyAttribute(
            lambda o: o.state in {NominationState.IN_OFFICE, *ENDED_STATES}
        )
        is_validated = factory.LazyAttribute(
            lambda o: (
                o.is_or_was_in_office
                and o.convention.nominations.exclude(office_on=None).exists()
            )
        )
        # Accepted, and the account not provided yet.
        without_account = factory.Trait(person=None, email=PROPOSED_ADDRESS)

    convention = factory.SubFactory(ConventionFactory)
    person = factory.SubFactory(
        RgcFactory,
        structure=factory.SelfAttribute("..convention.structure"),
        in_office=False,
    )
    state = NominationState.IN_OFFICE
    first_name = "Nadia"
    last_name = "Ferrand"
    function = "Responsable du service emploi"
    is_permanent_staff = True
    has_responsibility = True
    proposed_on = dt.date(2024, 1, 16)
    proposal_reference = "CCAS-2024-7"
    decided_on = factory.LazyAttribute(
        lambda o: dt.date(2024, 1, 22) if o.is_decided else None
    )
    decision_by = factory.LazyAttribute(
        lambda o: "P. Garnier, directeur territorial" if o.is_decided else ""
    )
    decision_reference = factory.LazyAttribute(
        lambda o: "DT-2024-31" if o.is_decided else ""
    )
    refusal_reason = factory.LazyAttribute(
        lambda o: "dossier" if o.state == NominationState.REFUSED else ""
    )
    accepted_by = factory.LazyAttribute(
        lambda o: (
            staff_named("accord.ft")
            if o.is_decided and o.state != NominationState.REFUSED
            else None
        )
    )
    office_by = factory.LazyAttribute(
        lambda o: staff_named("fonction.ft") if o.is_or_was_in_office else None
    )
    office_on = factory.LazyAttribute(
        lambda o: dt.date(2024, 2, 1) if o.is_or_was_in_office else None
    )
    ended_on = factory.LazyAttribute(
        lambda o: dt.date(2026, 11, 2) if o.state in ENDED_STATES else None
    )
    # A first one takes office once the structure is notified (4.1).
    notified_on = factory.LazyAttribute(
        lambda o: o.decided_on if o.accepted_by and not o.is_validated else None
    )
    # A successor takes office once the change is validated (4.3).
    validated_on = factory.LazyAttribute(
        lambda o: dt.date(2024, 1, 26) if o.is_validated else None
    )
    validation_by = factory.LazyAttribute(
        lambda o: "M. Aubry, directrice régionale" if o.is_validated else ""
    )
    validation_reference = factory.LazyAttribute(
        lambda o: "DR-2024-4" if o.is_validated else ""
    )
    validated_by = factory.LazyAttribute(
        lambda o: staff_named("validation.ft") if o.is_validated else None
    )
    withdrawal_by = factory.LazyAttribute(
        lambda o: (
            "M. Aubry, directrice régionale"
            if o.state == NominationState.WITHDRAWN
            else ""
        )
    )
    withdrawal_reason = factory.LazyAttribute(
        lambda o: "comptes" if o.state == NominationState.WITHDRAWN else ""
    )

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        """A change is notified by its posted letter, which names the row (4.3)."""
        state = kwargs["state"]
        under_way = (NominationState.ACCEPTED, NominationState.IN_OFFICE)
        is_change = state in under_way and kwargs["validated_on"]
        if not is_change or kwargs.get("previous"):
            return super()._create(model_class, *args, **kwargs)
        nomination = super()._create(
            model_class, *args, **kwargs | {"state": NominationState.ACCEPTED}
        )
        post_change(nomination, on=kwargs["office_on"])
        model_class.objects.filter(pk=nomination.pk).update(state=state)
        nomination.refresh_from_db()
        return nomination


def post_change(nomination: Nomination, *, on: dt.date | None = None) -> None:
    """Post the registered letter of a change of RGC (4.3)."""
    letter = nomination.change_letter or LetterFactory(
        kind=LetterKind.CHANGE_VALIDATED,
        convention=nomination.convention,
        nomination=nomination,
    )
    Letter.objects.filter(pk=letter.pk).update(
        posted_on=on or timezone.localdate(),
        carrier=Carrier.OTHER,
        registered_number=f"CHANGEMENT{letter.rank}/{nomination.pk}",
    )


class AmendmentFactory(DjangoModelFactory):
    """A proposed rise of the quota."""

    class Meta:
        model = Amendment

    class Params:
        confirmed = factory.Trait(
            state=ProposalState.CONFIRMED,
            confirmed_by=factory.SubFactory(FtAdminFactory),
            confirmed_at=factory.LazyFunction(timezone.now),
        )
        abandoned = factory.Trait(state=ProposalState.ABANDONED)

    convention = factory.SubFactory(ConventionFactory)
    proposed_by = factory.SubFactory(FtAdminFactory)
    reference = factory.Sequence(lambda n: f"DR-{n:03d}")
    noticed_on = dt.date(2026, 11, 20)
    effective_on = dt.date(2026, 12, 1)


def signed_by_both(on: dt.date) -> dict[str, object]:
    """What the two parties sign, where they agree on an early end."""
    return {
        "structure_signatory": "Mme Essai, maire",
        "signed_by_structure_on": on,
        "ft_signatory": "M. Essai, directeur régional",
        "signed_by_ft_on": on,
    }


class EndingFactory(DjangoModelFactory):
    """An end within the month, that another person must confirm."""

    class Meta:
        model = Ending

    class Params:
        confirmed = factory.Trait(
            state=ProposalState.CONFIRMED,
            confirmed_by=factory.SubFactory(FtAdminFactory),
            confirmed_at=factory.LazyFunction(timezone.now),
        )
        abandoned = factory.Trait(state=ProposalState.ABANDONED)

    convention = factory.SubFactory(ConventionFactory)
    proposed_by = factory.SubFactory(FtAdminFactory)
    origin = EndingOrigin.AGREEMENT
    told_on = factory.LazyFunction(timezone.localdate)
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=40))

    @classmethod
    def _adjust_kwargs(cls, **kwargs):
        is_agreed = kwargs["origin"] == EndingOrigin.AGREEMENT
        return (signed_by_both(kwargs["told_on"]) if is_agreed else {}) | kwargs


def give_notice(convention: Convention, *, ends_on: dt.date) -> None:
    """An early end, as two people decide it: access closes after that day."""
    told_on = min(timezone.localdate(), ends_on)
    EndingFactory(
        convention=convention, confirmed=True, told_on=told_on, ends_on=ends_on
    )
    convention.give_notice(by=FtAdminFactory(), ends_on=ends_on)


def end_at_once(convention: Convention) -> None:
    """An early end, as two people decide it: access closes now."""
    EndingFactory(
        convention=convention,
        confirmed=True,
        at_once=True,
        origin=EndingOrigin.PARTNERSHIP,
    )
    convention.terminate(by=FtAdminFactory())


class BreachFactory(DjangoModelFactory):
    """A file that two people signed, whose letter waits for the post."""

    class Meta:
        model = Breach

    class Params:
        proposed = factory.Trait(
            state=BreachState.PROPOSED, signed_by=None, signed_at=None
        )
        notified = factory.Trait(
            state=BreachState.NOTIFIED,
            notified_on=dt.date(2026, 10, 1),
            presented_on=factory.SelfAttribute("notified_on"),
        )
        observed = factory.Trait(
            state=BreachState.OBSERVED,
            notified_on=dt.date(2026, 10, 1),
            presented_on=factory.SelfAttribute("notified_on"),
            observed_on=dt.date(2026, 10, 20),
            observations_reference="C-2026-114",
        )
        upheld = factory.Trait(
            state=BreachState.UPHELD,
            notified_on=dt.date(2026, 10, 1),
            presented_on=factory.SelfAttribute("notified_on"),
            observed_on=dt.date(2026, 10, 20),
            observations_reference="C-2026-114",
            upheld_on=dt.date(2026, 11, 2),
        )

    convention = factory.SubFactory(ConventionFactory)
    state = BreachState.OPEN
    opened_by = factory.SubFactory(FtAdminFactory)
    signed_by = factory.SubFactory(FtAdminFactory)
    signed_at = factory.LazyFunction(timezone.now)
    reasons = [BreachReason.SHARED]
    facts = "Deux postes ont servi le même compte le 12 septembre 2026."


class LetterFactory(DjangoModelFactory):
    """A letter whose PDF is made, not posted yet."""

    class Meta:
        model = Letter

    class Params:
        waiting = factory.Trait(state=FileState.WAITING, content=None, ready_at=None)
        failed = factory.Trait(
            state=FileState.FAILED, content=None, ready_at=None, failure="panne"
        )
        posted = factory.Trait(
            carrier=Carrier.LA_POSTE,
            registered_number=factory.Sequence(make_registered_number),
            posted_on=dt.date(2026, 11, 20),
        )

    kind = LetterKind.NOTICE_PERIOD
    convention = factory.SubFactory(ConventionFactory)
    rank = factory.Sequence(lambda n: n % 30000 + 1)
    addressee = ["Structure d’essai", "1 place de la Mairie", "38080 L’Isle-d’Abeau"]
    made_by = factory.SubFactory(FtAdminFactory)
    state = FileState.READY
    html = "<article><h1>Objet : essai</h1></article>"
    html_sha256 = factory.LazyAttribute(lambda o: digest_of(o.html.encode()))
    content = b"%PDF-1.7 essai"
    ready_at = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)


class AlertFactory(DjangoModelFactory):
    """An alert about an adviser's account, raised a moment ago."""

    class Meta:
        model = Alert

    class Params:
        soft = factory.Trait(rule=Rule.MANY_PERSONS, level=Level.SOFT)
        taken = factory.Trait(state=AlertState.TAKEN)
        closed = factory.Trait(
            state=AlertState.CLOSED, conclusion=Conclusion.LEGITIMATE
        )

    rule = Rule.PERSONS
    level = Level.GRAVE
    account = factory.SubFactory(AdviserFactory)
    structure = factory.SelfAttribute("account.structure")
    subject = factory.LazyAttribute(lambda alert: f"compte:{alert.account.pk}")
    last_at = factory.LazyFunction(timezone.now)
    first_at = factory.SelfAttribute("last_at")
    quiet_at = factory.LazyAttribute(
        lambda alert: alert.last_at + dt.timedelta(hours=1)
    )
    peak = 3


class TotpDeviceFactory(DjangoModelFactory):
    class Meta:
        model = TotpDevice

    user = factory.SubFactory(AdviserFactory, factor=None)
    name = "application"
    confirmed = True
    sealed_key = factory.LazyFunction(
        lambda: TotpDevice.vault().encrypt(b"opus-essais-20-bytes")
    )


class SecurityEventFactory(DjangoModelFactory):
    """An adviser changed his password a moment ago."""

    class Meta:
        model = SecurityEvent

    account = factory.SubFactory(AdviserFactory)
    kind = SecurityEventKind.PASSWORD
    by = factory.SelfAttribute("account")


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
        long = factory.Trait(ends_on=factory.LazyFunction(lambda: _in_days(120)))

    account = factory.SubFactory(AdviserFactory)
    created_by = factory.SubFactory(
        RgcFactory, structure=factory.SelfAttribute("..account.structure")
    )
    starts_on = factory.LazyFunction(lambda: _in_days(-1))
    ends_on = factory.LazyFunction(lambda: _in_days(10))


def _in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


class OpenSessionFactory(DjangoModelFactory):
    """A live session on another device."""

    class Meta:
        model = OpenSession

    account = factory.SubFactory(AdviserFactory)
    key_hash = factory.Sequence(lambda n: f"{n:040x}")
    stamp = factory.LazyAttribute(lambda one: one.account.get_session_auth_hash())
    device = factory.Sequence(lambda n: f"{n:064x}")
    browser = "Firefox sous Windows"
    network = "192.0.2.0/24"
    began_at = factory.LazyFunction(timezone.now)
    seen_at = factory.LazyFunction(timezone.now)


class ExportFactory(DjangoModelFactory):
    """A file that is asked for and that no worker has begun."""

    class Meta:
        model = Export

    class Params:
        ready = factory.Trait(
            state="pret",
            content=b"essai",
            size=5,
            rows_done=1,
            rows_total=1,
            ready_at=factory.LazyFunction(timezone.now),
        )
        failed = factory.Trait(state="echec", failure="panne", attempts=3)

    account = factory.SubFactory(AdviserFactory)
    what = "offers-of-search"
    arguments = factory.LazyFunction(lambda: {"query": "q=macon"})
    title = "Offres, « macon »"
    format = "csv"


class ReviewMeetingFactory(DjangoModelFactory):
    """A meeting planned in a week; held yesterday; with its minutes written."""

    class Meta:
        model = ReviewMeeting

    class Params:
        held = factory.Trait(
            held_on=factory.LazyFunction(lambda: day_from_today(-1)),
            attended=[Attendance.RGC, Attendance.AGENCY_HEAD],
        )
        written = factory.Trait(
            held=True,
            minutes="Les parties ont revu les chiffres de la période.",
            decisions="Former les conseillers à la recherche par métier.",
        )

    convention = factory.SubFactory(ConventionFactory)
    held_on = factory.LazyFunction(lambda: day_from_today(7))


def day_from_today(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


class AccountHoldFactory(DjangoModelFactory):
    """For thirty days, on an adviser."""

    class Meta:
        model = AccountHold

    class Params:
        lapsed = factory.Trait(
            ends_on=factory.LazyFunction(
                lambda: timezone.localdate() - dt.timedelta(days=1)
            )
        )

    account = factory.SubFactory(AdviserFactory)
    reason = "contentieux"
    reference = factory.Sequence(lambda n: f"TA-2026-{n:04d}")
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + dt.timedelta(days=30))
    placed_by = factory.SubFactory(FtAdminFactory)
