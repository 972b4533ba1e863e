"""What the limiter remembers of recent tries."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Throttle(models.Model):
    """The recent tries at one door by one account or one address.

    The key is an HMAC: neither the identifier that somebody typed, which may be a
    password typed in the wrong box, nor an address is kept in clear.
    """

    key = models.CharField(max_length=80, primary_key=True)
    tries = ArrayField(models.DateTimeField(), default=list)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "compteur d’essais"
        verbose_name_plural = "compteurs d’essais"

    def __str__(self) -> str:
        return f"{self.key.partition(':')[0]} : {len(self.tries)} essais"
