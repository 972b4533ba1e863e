"""What an account chooses for itself, in *Mon compte*."""

from django.db import models


class Preferences(models.Model):
    # Of the agencies, about the acts that it follows.
    decision_emails = models.BooleanField(
        "décisions par courriel", default=True, db_default=True, editable=False
    )

    class Meta:
        abstract = True
