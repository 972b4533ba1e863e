"""Roles, states and reasons of an account (art. 4.1, 4.2)."""

from django.db import models

# Without letters or digits that look alike on a printed slip.
CLEAR_LETTERS = "ACDEFGHJKLMNPQRTUVWXY3479"


class Role(models.TextChoices):
    ADVISER = "conseiller", "conseiller"
    RGC = "rgc", "responsable de gestion des comptes (RGC)"
    AGENT = "agent", "agent de France Travail"
    FT_ADMIN = "admin", "administrateur de France Travail"


PARTNER_ROLES = (Role.ADVISER, Role.RGC)

STAFF_ROLES = (Role.AGENT, Role.FT_ADMIN)


class UserState(models.TextChoices):
    CREATED = "cree", "créé, jamais utilisé"
    ACTIVE = "actif", "actif"
    SUSPENDED = "suspendu", "suspendu"
    CLOSED = "ferme", "fermé"


class SuspensionReason(models.TextChoices):
    ABSENCE = "absence", "Absence de plus de trois mois (art. 4.2)"
    MISUSE = "usage", "Soupçon d’utilisation par une autre personne"
    LOSS = "perte", "Perte du téléphone ou des identifiants"
    SEAT = "place", "Place laissée à un autre compte"
    CHECK = "verification", "Vérification en cours"
    GONE = "parti", "Ne travaille plus dans la structure"


class ClosingReason(models.TextChoices):
    DEPARTURE = "depart", "Départ de la structure"
    NEW_POST = "poste", "Changement de poste"
    ABSENCE = "absence", "Absence de plus de trois mois (art. 4.2)"
    MISTAKE = "erreur", "Compte créé par erreur"
    WITHDRAWAL = "retrait", "Agrément de RGC retiré (art. 4.3)"


REASON_LABELS = {**dict(SuspensionReason.choices), **dict(ClosingReason.choices)}

# Models of second factors, preferred first; a backup code is none (S2).
STRONG_FACTORS = ("Passkey", "TotpDevice")

# Accounts that annexe 2 counts.
COUNTED_STATES = (UserState.CREATED, UserState.ACTIVE)
