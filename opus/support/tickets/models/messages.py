from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.users.models.users import User
from opus.lib.text_guard.model_fields import About, GuardedTextField
from opus.support.tickets.models.choices import MESSAGE_MAX, Kind
from opus.support.tickets.models.tickets import Ticket


class Message(models.Model):
    """A message of its author or France Travail; never changed."""

    ticket = models.ForeignKey(
        Ticket, models.CASCADE, verbose_name="demande", related_name="messages"
    )
    kind = models.CharField("nature", max_length=20, choices=Kind)
    text = GuardedTextField("message", about=About.SERVICE, max_length=MESSAGE_MAX)
    by = models.ForeignKey(
        User, models.PROTECT, verbose_name="par", null=True, related_name="+"
    )
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "message d’une demande"
        verbose_name_plural = "messages d’une demande"
        ordering = ("at", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.AUTHOR)
                | Q(kind__in=[Kind.ANSWER, Kind.QUESTION], by__isnull=False),
                name="staffs_message_is_somebodys",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.ticket_id})"

    @property
    def is_staffs(self) -> bool:
        return self.kind != Kind.AUTHOR


class Note(models.Model):
    """A note among staff, in a table that no author reads."""

    ticket = models.ForeignKey(
        Ticket, models.CASCADE, verbose_name="demande", related_name="notes"
    )
    text = GuardedTextField("note", about=About.SERVICE, max_length=MESSAGE_MAX)
    by = models.ForeignKey(User, models.PROTECT, verbose_name="par", related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"note ({self.ticket_id})"
