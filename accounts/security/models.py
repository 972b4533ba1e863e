"""Alerts: what detection found, and who handled it (S39)."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.urls import reverse
from django.utils import timezone

from accounts.structures.models import Structure
from accounts.users.enums import Role
from accounts.users.models import User, account_key
from opus.lib.database.states import Stateful, Step, known, state_field, step_key
from opus.lib.dates import moment

KEPT = dt.timedelta(days=365)


class Rule(models.TextChoices):
    """Detection rules; settings and e-mails use the codes."""

    PERSONS = "personnes", "plafond de personnes atteint"
    MANY_PERSONS = "personnes_moitie", "beaucoup de personnes consultées"
    PERSONS_DAY = "personnes_24h", "plafond de personnes en 24 heures atteint"
    MANY_PERSONS_DAY = (
        "personnes_24h_moitie",
        "beaucoup de personnes consultées en 24 heures",
    )
    EXPORTS = "exports", "plafond d’exports atteint"
    MANY_EXPORTS = "exports_moitie", "plusieurs exports dans la journée"
    NIGHT = "nuit", "consultations de nuit"
    FAR = "eloignement", "personnes éloignées de la structure"
    LOOK_UPS = "recherches_vaines", "recherches de personnes sans résultat"
    NOT_FOUND = "adresses_inconnues", "adresses de personnes inexistantes"
    ADDRESS = "echecs_adresse", "échecs de connexion d’une même adresse"
    ACCOUNT = "echecs_compte", "échecs de connexion sur un compte"
    TRIES = "essais_en_rafale", "essais de connexion en rafale sur un compte"
    STUFFING = "echecs_disperses", "un échec de connexion sur beaucoup de comptes"
    SESSION_MOVED = "session_deplacee", "session passée sur un autre appareil"
    SESSION_FLIPS = "deux_reseaux", "session vue tour à tour de deux réseaux"
    SESSION_CHANGED = "session_changee", "session changée de navigateur"
    TWO_PLACES = "deux_lieux", "compte utilisé à deux endroits à la fois"
    NEW_PLACE = "nouveau_lieu", "réseau ou navigateur jamais vu"
    NEW_DEVICE = "appareil_nouveau", "accès modifié depuis un nouvel appareil"
    SHARING = "partage", "plus de deux sessions à la fois"
    SEARCHES = "recherches", "recherches d’offres très nombreuses"
    FEED_FORGED = "flux_falsifie", "signatures du flux refusées en rafale"
    RGC_GESTURES = "gestes_rgc", "comptes fermés, suspendus ou changés d’adresse"
    RGC_RENEWALS = "acces_renouveles", "accès de comptes renouvelés en série"
    SHORT_LIVED = "compte_ephemere", "compte créé puis fermé dans la journée"
    TRANSFER = "transfert_suivis", "transfert de suivis à soi-même ou nombreux"
    NEW_RECEIVER = "compte_recent", "suivis vers un compte récent, avec un autre signe"
    DISOWNED = "demande_desavouee", "transfert de suivis désavoué"


# For the morning digest; all others are grave.
SIGNALS = frozenset(
    {
        Rule.MANY_PERSONS,
        Rule.MANY_PERSONS_DAY,
        Rule.MANY_EXPORTS,
        Rule.SESSION_CHANGED,
        Rule.NEW_PLACE,
        Rule.SHARING,
    }
)
# Signals e-mailed at once: half of a quota is reached (S25).
AT_ONCE = frozenset({Rule.MANY_PERSONS, Rule.MANY_PERSONS_DAY, Rule.MANY_EXPORTS})
# The RGC's own actions on accounts: only France Travail sees them (art. 4.1).
RGC_RULES = frozenset(
    {
        Rule.RGC_GESTURES,
        Rule.RGC_RENEWALS,
        Rule.SHORT_LIVED,
        Rule.TRANSFER,
        Rule.NEW_RECEIVER,
        Rule.DISOWNED,
    }
)


class Level(models.TextChoices):
    GRAVE = "grave", "à traiter"
    SOFT = "signal", "signal"


class AlertState(models.TextChoices):
    NEW = "nouvelle", "nouvelle"
    TAKEN = "prise", "prise en charge"
    CLOSED = "close", "close"


class Conclusion(models.TextChoices):
    LEGITIMATE = "legitime", "Usage légitime"
    MISUSE = "detournement", "Usage détourné ou compte compromis"
    TEST = "essai", "Essai ou exercice"
    MISTAKE = "erreur", "Erreur de manipulation"
    NOISE = "fausse_alerte", "Fausse alerte : règle à revoir"


class InstantRange(Func):
    function = "TSTZRANGE"


class AlertQuerySet(models.QuerySet["Alert"]):
    def unsettled(self) -> Self:
        return self.exclude(state=AlertState.CLOSED)

    def grave(self) -> Self:
        return self.filter(level=Level.GRAVE)

    def for_digest(self, *, since: dt.datetime) -> Self:
        """Filter open grave alerts, and signals seen since."""
        return self.unsettled().filter(Q(level=Level.GRAVE) | Q(last_at__gte=since))

    def at_term(self) -> Self:
        """Filter alerts twelve months old, the journal's term (S40)."""
        return self.filter(last_at__lt=timezone.now() - KEPT)

    def for_rgc(self, rgc: User) -> Self:
        """Filter alerts about advisers, never the RGC (4.1)."""
        theirs = self.exclude(account=rgc).exclude(rule__in=RGC_RULES)
        return theirs.filter(
            account__in=User.objects.administered_by(rgc), account__role=Role.ADVISER
        )


class Alert(Stateful):
    """One burst of a rule and subject."""

    MOVES = {
        AlertState.NEW: {AlertState.TAKEN, AlertState.CLOSED},
        AlertState.TAKEN: {AlertState.CLOSED},
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField("règle", max_length=20, choices=Rule, editable=False)
    level = models.CharField("niveau", max_length=10, choices=Level, editable=False)
    state = state_field(AlertState.NEW)
    # Subject of the burst: "compte:12", "adresse:203.0.113.9", "service".
    subject = models.CharField(max_length=60, editable=False)
    account = account_key("alerts", models.CASCADE, null=True, editable=False)
    structure = models.ForeignKey(
        Structure,
        models.PROTECT,
        verbose_name="structure",
        null=True,
        editable=False,
        related_name="alerts",
    )
    address = models.GenericIPAddressField("adresse", null=True, editable=False)
    first_at = models.DateTimeField("début", editable=False)
    last_at = models.DateTimeField("dernier fait", editable=False)
    quiet_at = models.DateTimeField("fin de la rafale", editable=False)
    raised_at = models.DateTimeField("levée le", auto_now_add=True)
    peak = models.PositiveIntegerField("nombre", editable=False)
    conclusion = models.CharField(
        "conclusion", max_length=20, choices=Conclusion, blank=True, editable=False
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = "alerte"
        ordering = ("-last_at",)
        constraints = [
            ExclusionConstraint(
                name="one_alert_for_a_burst",
                expressions=[
                    ("rule", RangeOperators.EQUAL),
                    ("subject", RangeOperators.EQUAL),
                    (InstantRange("first_at", "quiet_at"), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(first_at__lte=F("last_at"), last_at__lt=F("quiet_at")),
                name="burst_ends_after_its_last_hit",
            ),
            known(AlertState, "alert_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=AlertState.CLOSED, conclusion__in=Conclusion.values)
                | (~Q(state=AlertState.CLOSED) & Q(conclusion="")),
                name="closed_alert_says_what_it_was",
                violation_error_message="Dites ce que c’était pour clore l’alerte.",
            ),
        ]
        indexes = [models.Index(fields=["-last_at"], name="alerts_by_day")]

    def __str__(self) -> str:
        return f"alerte : {self.get_rule_display()}"

    def get_absolute_url(self) -> str:
        """Return the RGC's page; France Travail uses the admin's."""
        return reverse("alert", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state != AlertState.CLOSED

    def take_charge(self, *, by: User) -> None:
        self.move_to(AlertState.TAKEN, by=by)

    def close(self, *, by: User, conclusion: str) -> None:
        note: dict[str, Any] = {"conclusion": conclusion}
        self.move_to(AlertState.CLOSED, by=by, note=note, conclusion=conclusion)


class AlertStep(Step):
    alert = step_key(Alert, "alerte")

    class Meta(Step.Meta):
        verbose_name = "étape d’une alerte"
        verbose_name_plural = "étapes d’une alerte"


class DetectionCursor(models.Model):
    """How far detection has read the journal, in one row."""

    id = models.BooleanField(primary_key=True, default=True, editable=False)
    read_until = models.DateTimeField("lu jusqu’au")

    class Meta:
        verbose_name = "curseur de la détection"
        verbose_name_plural = "curseur de la détection"
        constraints = [
            models.CheckConstraint(condition=Q(id=True), name="one_cursor_only")
        ]

    def __str__(self) -> str:
        return f"journal lu jusqu’au {moment(self.read_until)}"
