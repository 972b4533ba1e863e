"""Who signs a convention, by which deliberation, on which text."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from opus.lib.database.states import MoveRefused
from opus.lib.dates import days_within
from opus.lib.forms.fields import NameField

# What the document of a convention says of its signature; frozen with the terms.
SIGNATURES = (
    "model_text",
    "partner_signatory",
    "deliberation",
    "deliberated_on",
    "ft_signatory",
    "signing_place",
)


class Signatures(models.Model):
    structure: Any

    model_text = models.ForeignKey(
        "accounts.ModelText",
        models.PROTECT,
        verbose_name="texte modèle",
        related_name="+",
        limit_choices_to={"published_at__isnull": False},
        null=True,
        blank=True,
        # Few rows: no index, whose making would lock the table during an update.
        db_index=False,
        help_text="Sans choix, la dernière version publiée au jour de la signature. La "
        "convention la garde ensuite.",
    )
    partner_signatory = NameField(
        "signataire de la structure",
        max_length=120,
        blank=True,
        db_default="",
        help_text="Prénom, nom et fonction : par exemple, maire et président du CCAS.",
    )
    deliberation = models.CharField(
        "délibération",
        max_length=60,
        blank=True,
        db_default="",
        help_text="Numéro de la délibération qui autorise la signature : nécessaire "
        "si la structure est une collectivité ou son établissement.",
    )
    deliberated_on = models.DateField("délibération du", null=True, blank=True)
    ft_signatory = NameField(
        "signataire de France Travail",
        max_length=120,
        blank=True,
        db_default="",
        help_text="Prénom, nom et fonction.",
    )
    signing_place = models.CharField(
        "lieu de signature",
        max_length=80,
        blank=True,
        db_default="",
        help_text="Sans réponse, la ville de la structure.",
    )

    class Meta:
        abstract = True

    def missing_to_sign(self) -> list[str]:
        needed = {
            "signed_ft_contact_email": "l’adresse de courriel du correspondant France "
            "Travail, qui reçoit les alertes (annexe 2)",
            "signed_partner_contact": "le responsable du suivi (annexe 2)",
            "signed_partner_contact_email": "l’adresse de courriel du responsable du "
            "suivi (annexe 2)",
            "partner_signatory": "le signataire de la structure",
            "ft_signatory": "le signataire de France Travail",
        }
        if self.structure.is_public_body:
            needed["deliberation"] = "le numéro de la délibération"
            needed["deliberated_on"] = "la date de la délibération"
        return [words for name, words in needed.items() if not getattr(self, name)]

    def check_signable(self) -> None:
        if missing := self.missing_to_sign():
            raise MoveRefused(
                f"Complétez d’abord la fiche : il manque {', '.join(missing)}."
            )

    def text_to_sign(self) -> Any:
        """Return the chosen model text, else the latest published."""
        latest = apps.get_model("accounts", "ModelText").objects.latest_published
        return self.model_text or latest()


def signature_checks() -> list[models.BaseConstraint]:
    return [
        days_within("deliberated_on", name="deliberation_within_the_years"),
        models.CheckConstraint(
            condition=Q(deliberated_on=None)
            | Q(signed_by_structure_on=None)
            | Q(deliberated_on__lte=F("signed_by_structure_on")),
            name="deliberation_precedes_the_signature",
            violation_error_message="La délibération autorise la signature : elle ne "
            "la suit pas.",
        ),
    ]
