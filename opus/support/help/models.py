"""The help of article 6: FAQ, guides, certified browsers.

France Travail writes it in the admin; the initial rows are in
``opus/support/help/data/help.toml``.
"""

from __future__ import annotations

from typing import Any, Self

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Cast, Concat, Replace
from django.urls import reverse

from accounts.users.models import User, person_key
from offers.search import conditions
from opus.lib.database.states import known
from opus.lib.database.versions import Versioned

SPACE = Value(" ")
# A word of a title counts more than one of the text.
TITLE_WEIGHS = 4


class Theme(models.TextChoices):
    SIGN_IN = "connexion", "Connexion et sécurité"
    OFFERS = "offres", "Recherche et offres"
    CANDIDATES = "candidats", "Candidats et données personnelles"
    ACTS = "actes", "Propositions et documents"
    ACCOUNTS = "comptes", "Comptes et convention"
    SERVICE = "service", "Assistance et fonctionnement"


class Words(Func):
    """The tokens of a text, as for offers."""

    function = "opus_words"
    output_field = SearchVectorField()


class Rank(Func):
    function = "ts_rank"
    output_field = models.FloatField()


class HelpQuerySet[Text: "HelpText"](models.QuerySet[Text]):
    def shown(self) -> Self:
        return self.filter(is_shown=True)

    def shown_to(self, user: User) -> Self:
        """Filter what this user reads: partners not what is the staff's own."""
        return (
            self.shown() if user.is_staff else self.shown().filter(is_for_staff=False)
        )

    def telling_of(self, typed: str) -> Self:
        """Filter those with every typed word, else with one."""
        text = Words(Concat(F("title"), SPACE, F("body"), output_field=TextField()))
        query: Any = conditions.TextQuery(Value(typed))
        if not self.filter(conditions.Matches(text, query)).exists():
            any_word = Replace(Cast(query, TextField()), Value("&"), Value("|"))
            query = Cast(any_word, SearchQueryField())
        rank = Rank(Words(F("title")), query) * TITLE_WEIGHS + Rank(text, query)
        found = self.filter(conditions.Matches(text, query))
        return found.order_by(rank.desc(), "position", "pk")


class Signed(Versioned):
    """A row with its rank, its last author and date."""

    position = models.PositiveSmallIntegerField("rang", default=100)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    updated_by = person_key("modifié par", null=True, editable=False)

    class Meta:
        abstract = True


class HelpText(Signed):
    slug = models.SlugField("adresse", max_length=60, unique=True)
    title = models.CharField("titre", max_length=160)
    body = models.TextField(
        "texte",
        max_length=8000,
        help_text="Texte simple. Une ligne vide sépare deux paragraphes ; « - » en "
        "début de ligne fait une liste ; « ## » en début de ligne fait un intertitre.",
    )
    is_shown = models.BooleanField("publié", default=True)
    is_for_staff = models.BooleanField(
        "pour France Travail",
        default=False,
        db_default=False,
        help_text="Les partenaires ne voient pas ce texte.",
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Question(HelpText):
    theme = models.CharField("thème", max_length=20, choices=Theme)

    objects = HelpQuerySet["Question"].as_manager()

    class Meta:
        verbose_name = "question de la FAQ"
        verbose_name_plural = "questions de la FAQ"
        ordering = ("position", "pk")
        constraints = [known(Theme, "question_theme_is_known", "theme")]

    def get_absolute_url(self) -> str:
        return reverse("help_question", args=[self.slug])


class Guide(HelpText):
    """The guide of some screens (``opus.support.templatetags.helping``)."""

    objects = HelpQuerySet["Guide"].as_manager()

    class Meta:
        verbose_name = "guide d’un écran"
        verbose_name_plural = "guides des écrans"
        ordering = ("position", "pk")

    def get_absolute_url(self) -> str:
        return reverse("help_guide", args=[self.slug])


class CertifiedBrowser(Signed):
    """A certified browser and its requirements (art. 6)."""

    name = models.CharField("navigateur", max_length=60, unique=True)
    since = models.CharField("version minimale", max_length=40)
    systems = models.CharField("systèmes", max_length=120)
    passkeys = models.CharField("clé d’accès", max_length=160)
    checking = models.CharField("vérification", max_length=160)
    is_certified = models.BooleanField("certifié", default=True)

    class Meta:
        verbose_name = "navigateur certifié"
        verbose_name_plural = "navigateurs certifiés"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name
