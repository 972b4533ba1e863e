from django.db import models
from django.db.models.functions import Now

from accounts.users.models.keys import account_key


class CharterAcceptance(models.Model):
    account = account_key("charters", models.CASCADE)
    version = models.CharField("version", max_length=20)
    accepted_at = models.DateTimeField("acceptée le", db_default=Now())

    class Meta:
        verbose_name = "acceptation de la charte"
        verbose_name_plural = "acceptations de la charte"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "version"], name="one_acceptance_of_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} : version {self.version}"
