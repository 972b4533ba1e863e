from collections.abc import Iterator

from accounts.users.models.users import User
from opus.lib.privacy.personal_data import (
    Group,
    Known,
    Person,
    Recipient,
    Retention,
    Table,
    declare,
    describer,
    finder,
    recipients,
)

OTHERS_NAME = "nom d’une autre personne"
SECRET = "secret de connexion : le montrer ouvrirait le compte"  # noqa: S105

declare(
    Table(
        "accounts.User",
        Retention.ACCOUNT,
        accounts=("pk",),
        left_out={"password": SECRET, "session_salt": SECRET},
    ),
    Table("accounts.AccountStep", Retention.ACCOUNT, ("account",), others=("by",)),
    Table(
        "accounts.Leave",
        Retention.ACCOUNT,
        ("account",),
        others=("created_by", "cancelled_by"),
    ),
    Table("accounts.CharterAcceptance", Retention.ACCOUNT, ("account",)),
    Table(
        "accounts.AccountCorrection", Retention.ACCOUNT, ("account",), others=("by",)
    ),
    Table("accounts.AddressChange", Retention.ACCOUNT, ("account",), others=("by",)),
    Table("accounts.SecurityEvent", Retention.ACCOUNT, ("account",), others=("by",)),
    Table("accounts.TeamReviewAnswer", Retention.ACCOUNT, ("account",)),
    Table("accounts.TeamReview", Retention.ACCOUNT, others=("answered_by",)),
    Table(
        "accounts.FirstAccess",
        Retention.SIGN_IN,
        ("account",),
        others=("created_by",),
        left_out={"secret_hash": SECRET, "nonce": SECRET},
    ),
    Table(
        "accounts.OpenSession",
        Retention.SIGN_IN,
        ("account",),
        left_out={"key_hash": SECRET, "stamp": SECRET},
    ),
    Table(
        "accounts.Passkey",
        Retention.SIGN_IN,
        ("user",),
        left_out={
            "credential_id": SECRET,
            "credential_id_sha256": SECRET,
            "public_key": SECRET,
        },
    ),
    Table(
        "accounts.TotpDevice",
        Retention.SIGN_IN,
        ("user",),
        left_out={"sealed_key": SECRET, "last_t": SECRET},
    ),
    Table("accounts.BackupCodeSet", Retention.SIGN_IN, ("user",)),
    Table(
        "accounts.BackupCode",
        Retention.SIGN_IN,
        ("code_set__user",),
        left_out={"digest": SECRET},
    ),
    Table(
        "accounts.FactorReset",
        Retention.ACCOUNT,
        ("account",),
        others=("asked_by", "confirmed_by"),
    ),
    Table(
        "accounts.FactorResetStep",
        Retention.ACCOUNT,
        ("reset__account",),
        others=("by",),
    ),
    Table(
        "accounts.AccountHold",
        Retention.ACCOUNT,
        ("account",),
        others=("placed_by", "lifted_by"),
    ),
    Table("accounts.Alert", Retention.JOURNAL, ("account",)),
    Table("accounts.AlertStep", Retention.JOURNAL, ("alert__account",), others=("by",)),
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
        others=("accepted_by", "office_by", "end_announced_by"),
        left_out={
            "opinion_by": OTHERS_NAME,
            "decision_by": OTHERS_NAME,
            "withdrawal_director": OTHERS_NAME,
            "withdrawal_opinion_by": OTHERS_NAME,
            "withdrawal_by": OTHERS_NAME,
        },
    ),
    Table(
        "accounts.NominationStep",
        Retention.CONVENTION,
        ("nomination__person",),
        others=("by",),
    ),
    # In these tables an account is only an author or a recipient.
    Table("accounts.Convention", Retention.CONVENTION),
    Table("accounts.ConventionStep", Retention.CONVENTION, others=("by",)),
    Table(
        "accounts.Amendment",
        Retention.CONVENTION,
        others=("proposed_by", "confirmed_by"),
    ),
    Table("accounts.AmendmentStep", Retention.CONVENTION, others=("by",)),
    Table("accounts.Breach", Retention.CONVENTION, others=("opened_by",)),
    Table("accounts.BreachStep", Retention.CONVENTION, others=("by",)),
    Table(
        "accounts.Ending", Retention.CONVENTION, others=("proposed_by", "confirmed_by")
    ),
    Table("accounts.EndingStep", Retention.CONVENTION, others=("by",)),
    Table("accounts.Letter", Retention.CONVENTION, others=("made_by",)),
    # Functions and decisions: a meeting contains no name.
    Table("accounts.ReviewMeeting", Retention.CONVENTION, others=("replied_by",)),
)


@finder
def by_identifier(typed: str) -> Person:
    """Find a person by identifier or whole address."""
    found = User.objects.filter(identifier__iexact=typed)
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
            group=Group.STAFF if account.is_staff else Group.PARTNER,
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
