"""Another date that an agency proposes, instead of the adviser's."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.users.models.users import User
from opus.lib.dates import instants_within
from referrals.appointments.codes import MoveReason
from referrals.appointments.models.appointments import Appointment
from referrals.appointments.models.slots import Slot, TimeAndPlace


class DateProposal(TimeAndPlace):
    """It takes no place in its slot before the adviser accepts it."""

    appointment = models.ForeignKey(
        Appointment,
        models.PROTECT,
        verbose_name="convocation",
        related_name="proposals",
    )
    slot = models.ForeignKey(
        Slot, models.PROTECT, verbose_name="créneau", related_name="+", null=True
    )
    because = models.CharField("motif", max_length=10, choices=MoveReason)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="proposée par", related_name="+"
    )
    proposed_at = models.DateTimeField("proposée le", db_default=Now())
    answered_by = models.ForeignKey(
        User, models.PROTECT, verbose_name="répondu par", related_name="+", null=True
    )
    answered_at = models.DateTimeField("répondu le", null=True)
    is_accepted = models.BooleanField("acceptée", default=False, db_default=False)

    class Meta:
        verbose_name = "date proposée par une agence"
        verbose_name_plural = "dates proposées par les agences"
        ordering = ("proposed_at", "pk")
        constraints = [
            instants_within("at", name="date_proposal_within_the_years"),
            models.UniqueConstraint(
                fields=["appointment"],
                condition=Q(answered_at__isnull=True),
                name="one_open_date_proposal",
                violation_error_message="Une date attend déjà la réponse du "
                "conseiller.",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, is_accepted=False)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="date_proposal_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Date proposée pour {self.appointment}"
