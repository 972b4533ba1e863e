"""E-mails to a person: her consent, what was sent."""

import datetime as dt
import hashlib
import uuid
from typing import Any, Self

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.users.models import User
from opus.lib.dates import date_format, days_within
from opus.lib.outbound import outbox
from opus.lib.outbound.models import OutboxEntry
from referrals.candidates.models import Candidate
from referrals.documents.models import Document

SALT = "referrals.document-mail"
CONSENT_SALT = "referrals.mail-consent"
STOP_LINK_LASTS = dt.timedelta(days=365)
# The rows of the outbox store this name: it never changes.
DOCUMENT_EFFECT = "candidate-document"
# A document is sent once in that time (R8).
ONCE_IN = dt.timedelta(hours=24)


class ConsentWay(models.TextChoices):
    IN_PERSON = "personne", "de vive voix, en personne"
    PAPER = "ecrit", "par écrit"
    PHONE = "telephone", "par téléphone"


class MailConsentQuerySet(models.QuerySet["MailConsent"]):
    def live(self) -> Self:
        return self.filter(withdrawn_at__isnull=True)

    def of_token(self, token: str) -> "MailConsent | None":
        """Return the consent of a valid link, else None."""
        try:
            pk = signing.loads(token, salt=CONSENT_SALT, max_age=STOP_LINK_LASTS)
        except signing.BadSignature:
            return None
        return self.select_related("candidate").filter(pk=uuid.UUID(pk)).first()


class MailConsent(models.Model):
    """A person's consent; ``withdrawn_by`` is empty if by her link."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    candidate = models.ForeignKey(
        Candidate, models.CASCADE, verbose_name="candidat", related_name="mail_consents"
    )
    given_on = models.DateField("donné le")
    way = models.CharField("donné", max_length=10, choices=ConsentWay)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="enregistré par", related_name="+"
    )
    recorded_at = models.DateTimeField("enregistré le", db_default=Now())
    withdrawn_at = models.DateTimeField("retiré le", null=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="retiré par", related_name="+", null=True
    )

    objects = MailConsentQuerySet.as_manager()

    class Meta:
        verbose_name = "accord pour les courriels"
        verbose_name_plural = "accords pour les courriels"
        ordering = ("-recorded_at", "pk")
        constraints = [
            days_within("given_on", name="consent_within_the_years"),
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_live_mail_consent",
                violation_error_message="L’accord de ce candidat est déjà enregistré.",
            ),
            models.CheckConstraint(
                condition=Q(way__in=ConsentWay.values), name="consent_way_is_known"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=False) | Q(withdrawn_by__isnull=True),
                name="consent_is_withdrawn_at_an_instant",
            ),
        ]

    def __str__(self) -> str:
        return f"accord du {date_format(self.given_on)}"

    @property
    def is_live(self) -> bool:
        return self.withdrawn_at is None

    @property
    def stop_link(self) -> str:
        """Return the signed link that withdraws it (RFC 8058)."""
        token = signing.dumps(self.pk.hex, salt=CONSENT_SALT)
        return outbox.link(reverse("person_mail_stop", args=[token]))


class DocumentMailQuerySet(models.QuerySet["DocumentMail"]):
    def of_token(self, token: str) -> "DocumentMail | None":
        """Return the mail of an open link with valid consent."""
        open_ones = self.filter(
            digest=digest_of(token),
            closed_at__isnull=True,
            expires_at__gt=timezone.now(),
            consent__withdrawn_at__isnull=True,
        )
        return open_ones.select_related("document", "consent__candidate").first()

    def left(self) -> Self:
        """Filter those with an open link that left, or are about to."""
        waiting = OutboxEntry.objects.filter(
            effect=DOCUMENT_EFFECT,
            key=Cast(OuterRef("pk"), models.CharField()),
            sent_at=None,
            dropped_at=None,
            given_up_at=None,
        )
        has_left = Q(sent_at__isnull=False) | Exists(waiting)
        return self.filter(has_left, closed_at=None)

    def for_page(self) -> Self:
        return self.select_related("document", "consent", "asked_by").defer(
            "document__html", "document__content"
        )


class DocumentMail(models.Model):
    """A document's link, sent to the person by e-mail.

    Its secret comes from the row's number and the server's key; its hash is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(
        Document, models.PROTECT, verbose_name="document", related_name="mails"
    )
    consent = models.ForeignKey(
        MailConsent, models.CASCADE, verbose_name="accord", related_name="mails"
    )
    asked_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="demandé par", related_name="+"
    )
    asked_at = models.DateTimeField("demandé le", db_default=Now())
    digest = models.CharField("empreinte du lien", max_length=64, unique=True)
    expires_at = models.DateTimeField("lien valable jusqu’au")
    sent_at = models.DateTimeField("parti le", null=True)
    # Set when the person's address changed: another person may read the old mailbox.
    closed_at = models.DateTimeField("lien fermé le", null=True)

    objects = DocumentMailQuerySet.as_manager()

    class Meta:
        verbose_name = "document envoyé par courriel"
        verbose_name_plural = "documents envoyés par courriel"
        ordering = ("-asked_at", "pk")

    def __str__(self) -> str:
        return str(self.document)

    @classmethod
    def begin(cls, document: Document, consent: MailConsent, *, by: User) -> Self:
        """Create a row with its link, valid from now."""
        mail = cls(document=document, consent=consent, asked_by=by)
        mail.digest = digest_of(mail.token)
        mail.expires_at = timezone.now() + settings.DOCUMENT_LINK_LASTS
        mail.save(force_insert=True)
        return mail

    @property
    def token(self) -> str:
        """Return the secret of its link: 256 bits."""
        return salted_hmac(SALT, self.pk.hex, algorithm="sha256").hexdigest()

    @property
    def is_open(self) -> bool:
        return (
            self.consent.is_live
            and self.closed_at is None
            and timezone.now() < self.expires_at
        )

    @property
    def entry(self) -> OutboxEntry | None:
        return OutboxEntry.objects.filter(
            effect=DOCUMENT_EFFECT, key=str(self.pk)
        ).first()

    @property
    def is_under_way(self) -> bool:
        entry = self.entry
        return entry is not None and not (
            entry.sent_at or entry.dropped_at or entry.given_up_at
        )

    @property
    def fate(self) -> str:
        entry = self.entry
        # It may have left since this row was read.
        if self.sent_at or (entry and entry.sent_at):
            return "parti"
        if self.is_under_way:
            return "en route"
        if entry and entry.given_up_at:
            return "non parti\u00a0: la messagerie l’a refusé"
        return "non envoyé\u00a0: ce n’était plus possible au moment du départ"


def email_of(document: Document) -> DocumentMail | None:
    """Return the last e-mail of it that left, or is about to."""
    mail: DocumentMail | None = document.mails.left().first()
    return mail


def with_emails(acts: Any) -> Any:
    """Annotate ``was_emailed``: whether Opus sent the person the last paper."""
    newest = Document.objects.filter(act=OuterRef(OuterRef("pk"))).order_by("-version")
    mails = DocumentMail.objects.left().filter(
        document=Subquery(newest.values("pk")[:1])
    )
    return acts.annotate(was_emailed=Exists(mails))


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
