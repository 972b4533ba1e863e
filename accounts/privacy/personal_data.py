"""What Opus has of an account, and how its copy says it (V9, V13)."""

from collections.abc import Iterator

from accounts.users.models import User
from opus.lib.privacy.models import corrections_of
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
    finder,
    narrator,
    recipients,
)

OTHERS_NAME = "nom d’une autre personne"
SECRET = "secret de connexion : le montrer ouvrirait le compte"  # noqa: S105


def table(
    name: str,
    retention: Retention,
    *accounts: str,
    others: tuple[str, ...] = (),
    secret: tuple[str, ...] = (),
) -> Table:
    left_out = dict.fromkeys(secret, SECRET)
    return Table(
        f"accounts.{name}", retention, accounts, others=others, left_out=left_out
    )


PROPOSAL = ("proposed_by", "confirmed_by")
PASSKEY_SECRETS = ("credential_id", "credential_id_sha256", "public_key")

declare(
    table("User", Retention.ACCOUNT, "pk", secret=("password", "session_salt")),
    table("AccountStep", Retention.ACCOUNT, "account", others=("by",)),
    table("Leave", Retention.ACCOUNT, "account", others=("created_by", "cancelled_by")),
    table("CharterAcceptance", Retention.ACCOUNT, "account"),
    table("AccountCorrection", Retention.ACCOUNT, "account", others=("by",)),
    table("AddressChange", Retention.ACCOUNT, "account", others=("by",)),
    table("SecurityEvent", Retention.ACCOUNT, "account", others=("by",)),
    table("TeamReviewAnswer", Retention.ACCOUNT, "account"),
    table("TeamReview", Retention.ACCOUNT, others=("answered_by",)),
    table(
        "FirstAccess",
        Retention.SIGN_IN,
        "account",
        others=("created_by",),
        secret=("secret_hash", "nonce"),
    ),
    table("OpenSession", Retention.SIGN_IN, "account", secret=("key_hash", "stamp")),
    table("ProvedNetwork", Retention.SIGN_IN, "account"),
    table("Passkey", Retention.SIGN_IN, "user", secret=PASSKEY_SECRETS),
    table("TotpDevice", Retention.SIGN_IN, "user", secret=("sealed_key", "last_t")),
    table("BackupCodeSet", Retention.SIGN_IN, "user"),
    table("BackupCode", Retention.SIGN_IN, "code_set__user", secret=("digest",)),
    table(
        "FactorReset", Retention.ACCOUNT, "account", others=("asked_by", "confirmed_by")
    ),
    table("FactorResetStep", Retention.ACCOUNT, "reset__account", others=("by",)),
    table(
        "AccountHold", Retention.ACCOUNT, "account", others=("placed_by", "lifted_by")
    ),
    table("Alert", Retention.JOURNAL, "account"),
    table("AlertStep", Retention.JOURNAL, "alert__account", others=("by",)),
    Table(
        "accounts.Export",
        Retention.FILES,
        ("account",),
        left_out={"content": "fichier d’offres ou de comptes, à prendre dans Opus"},
    ),
    Table(
        "accounts.Nomination",
        Retention.CONVENTION,
        ("person",),
        others=("accepted_by", "validated_by", "office_by", "end_announced_by"),
        left_out={
            "opinion_by": OTHERS_NAME,
            "decision_by": OTHERS_NAME,
            "validation_by": OTHERS_NAME,
            "withdrawal_director": OTHERS_NAME,
            "withdrawal_opinion_by": OTHERS_NAME,
            "withdrawal_by": OTHERS_NAME,
        },
    ),
    table("NominationStep", Retention.CONVENTION, "nomination__person", others=("by",)),
    # In these tables an account is only an author or a recipient.
    table("Convention", Retention.CONVENTION),
    table("ConventionStep", Retention.CONVENTION, others=("by",)),
    table("Amendment", Retention.CONVENTION, others=PROPOSAL),
    table("AmendmentStep", Retention.CONVENTION, others=("by",)),
    table("Breach", Retention.CONVENTION, others=("opened_by", "signed_by")),
    table("BreachStep", Retention.CONVENTION, others=("by",)),
    table("Ending", Retention.CONVENTION, others=PROPOSAL),
    table("EndingStep", Retention.CONVENTION, others=("by",)),
    # A text for all conventions, and the two files of each.
    table("ModelText", Retention.CONVENTION, others=("published_by",)),
    table("AgreementDocument", Retention.CONVENTION),
    table("SignedCopy", Retention.CONVENTION, others=("added_by",)),
    table("Letter", Retention.CONVENTION, others=("made_by",)),
    # Functions and decisions: a meeting contains no name.
    table("ReviewMeeting", Retention.CONVENTION, others=("replied_by",)),
)


@finder
def by_identifier(typed: str) -> Person:
    """Find a person by identifier or whole address."""
    found = User.objects.named(typed)
    found |= User.objects.filter(email__iexact=typed)
    return Person(accounts=frozenset(found.values_list("pk", flat=True)))


@describer
def accounts_of(person: Person) -> Iterator[Known]:
    mine = User.objects.filter(pk__in=person.accounts).order_by("pk")
    for account in mine.select_related("structure", "agency"):
        home = account.structure.agency_id if account.structure else account.agency_id
        yield Known(
            key=f"accounts.user {account.pk}",
            pk=account.pk,
            who=f"accounts.user {account.pk}",
            kind=PersonKind.STAFF if account.is_staff else PersonKind.PARTNER,
            name=str(account),
            facts=tuple(
                str(fact)
                for fact in (
                    account.get_role_display(),
                    f"compte {account.identifier}",
                    account.email,
                    account.structure or account.agency,
                )
                if fact
            ),
            agencies=frozenset({home} if home else ()),
        )


@recipients
def of_accounts(person: Person) -> Iterator[Recipient]:
    """Yield recipients: RGC and the convention's agency; staff for staff."""
    mine = User.objects.filter(pk__in=person.accounts, structure__isnull=False)
    for account in mine.select_related("structure__agency").order_by("pk"):
        structure = account.structure
        assert structure is not None  # noqa: S101 - filtered above
        yield Recipient(
            f"responsable de gestion des comptes de la structure {structure}",
            "le compte et ses étapes",
        )
        yield Recipient(f"agence {structure.agency}", "le compte et ses étapes")


@narrator
def account_in_words(person: Person) -> Iterator[Section]:
    for account in User.objects.filter(pk__in=person.accounts).order_by("pk"):
        words = account.state_words()
        context = {
            "account": account,
            "moves": [
                (step.at, words.get(step.origin), words.get(step.target, step.target))
                for step in account.steps.order_by("at", "pk")
            ],
            "corrections": corrections_of(Person(accounts=frozenset({account.pk}))),
        }
        yield Section(10, "accounts/privacy/copy/account.html", context)
        yield Section(20, "accounts/privacy/copy/account_life.html", context)
