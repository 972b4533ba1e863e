"""Letters to the person, frozen when prepared (GDPR 12.3, 12.4)."""

from django.db import models
from django.urls import reverse

from accounts.users.models.keys import person_key
from opus.lib.background_files import FrozenDocument
from opus.lib.database.states import known
from opus.support.data_rights.models.requests import RightsRequest


class ReplyKind(models.TextChoices):
    GRANTED = "accordee", "demande accordée"
    PARTLY = "en_partie", "demande accordée en partie"
    REFUSED = "refusee", "demande refusée"
    EXTENDED = "prolongee", "délai prolongé"
    LIFTED = "levee", "limitation levée"


class Reply(FrozenDocument):
    """A letter to the person; the last one of a kind is the right one."""

    request = models.ForeignKey(
        RightsRequest, models.CASCADE, verbose_name="demande", related_name="replies"
    )
    kind = models.CharField("objet", max_length=20, choices=ReplyKind)
    made_by = person_key("préparée par")

    class Meta(FrozenDocument.Meta):
        verbose_name = "lettre de réponse"
        verbose_name_plural = "lettres de réponse"
        constraints = [
            *FrozenDocument.Meta.constraints,
            known(ReplyKind, "reply_kind_is_known", "kind"),
        ]

    def __str__(self) -> str:
        return f"lettre : {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        words = [self.request_id, self.pk]
        return reverse("admin:support_rightsrequest_reply", args=words)
