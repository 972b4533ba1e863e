"""State machines: states change under lock, with a step.

A subclass has ``MOVES`` (state → next states), a ``state`` field and a step table
(``related_name="steps"``). The trigger of ``guard_moves`` enforces the moves (R11).
"""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import migrations, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

Moves = Mapping[str, set[str]]


class MoveRefused(Exception):
    """A refused move; ``str(error)`` is a sentence for the user.

    ``row``: what had moved meanwhile, if that is the reason. ``typed``: a text to give
    back to its author.
    """

    typed = ""

    def __init__(self, reason: str = "", *, row: Any = None) -> None:
        super().__init__(reason)
        self.row = row


def state_field(start: models.TextChoices) -> "models.CharField[str, str]":
    return models.CharField(
        "état", max_length=20, choices=type(start), default=start, editable=False
    )


def known(
    choices: type[models.TextChoices], name: str, field: str = "state"
) -> models.CheckConstraint:
    condition = Q(**{f"{field}__in": choices.values})
    return models.CheckConstraint(condition=condition, name=name)


class Stateful(models.Model):
    MOVES: ClassVar[Moves]
    state: Any
    steps: Any

    class Meta:
        abstract = True

    @classmethod
    def state_words(cls) -> dict[str, str]:
        """Return the label of each state."""
        field: Any = cls._meta.get_field("state")
        return dict(field.flatchoices)

    def can_move_to(self, target: str) -> bool:
        return target in self.MOVES.get(self.state, ())

    @transaction.atomic
    def move_to(
        self,
        target: str,
        *,
        by: Any,
        note: dict[str, Any] | None = None,
        **changes: Any,
    ) -> None:
        """Change the state and the named fields; write the step.

        ``by`` is None for Opus itself; ``note``: a reason or channel, no free text.
        Raises MoveRefused if the row's present state does not allow it.
        """
        # Read the state under lock: the copy in memory may be minutes old.
        rows: Any = type(self)._base_manager.select_for_update(no_key=True)
        self.state = rows.values_list("state", flat=True).get(pk=self.pk)
        if not self.can_move_to(target):
            state_labels = self.state_words()
            raise MoveRefused(
                f"L’état «\xa0{state_labels[self.state]}\xa0» ne peut pas devenir"
                f" «\xa0{state_labels[target]}\xa0». Quelqu’un l’a peut-être modifié"
                " entre-temps\xa0: rechargez la page.",
                row=self,
            )
        for name, value in changes.items():
            setattr(self, name, value)
        origin, self.state = self.state, target
        fields: Any = ["state", *changes]
        self.save(update_fields=fields)
        self.steps.create(origin=origin, target=target, by=by, note=note or {})


class Step(models.Model):
    """A move; subclasses add the object's key (``steps``)."""

    origin = models.CharField("de", max_length=20, blank=True)
    target = models.CharField("à", max_length=20)
    at = models.DateTimeField("le", db_default=Now())
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name="par",
        null=True,
        related_name="+",
    )
    note = models.JSONField("précisions", default=dict, blank=True)

    class Meta:
        abstract = True
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.origin or '·'} → {self.target}"

    def state_words(self) -> dict[str, str]:
        """Return the labels of the states of what moved."""
        keys: Any = [one for one in self._meta.concrete_fields if one.is_relation]
        [own] = (key for key in keys if key.remote_field.related_name == "steps")
        moved: Stateful = getattr(self, own.name)
        return moved.state_words()


def step_key[M: models.Model](
    model: type[M], verbose_name: str
) -> "models.ForeignKey[M, M]":
    return models.ForeignKey(
        model, models.CASCADE, verbose_name=verbose_name, related_name="steps"
    )


def guard_moves(
    table: str, moves: dict[str, list[str]], kind: str = ""
) -> migrations.RunSQL:
    """Return a trigger's migration step; a test compares ``MOVES``.

    ``kind``: of the rows that move so, if the table has several.
    """
    table_of_moves = json.dumps(moves, sort_keys=True)
    name = f"{table}_{kind}_moves" if kind else f"{table}_moves"
    of_kind = f"NEW.kind = '{kind}' AND " if kind else ""
    return migrations.RunSQL(
        f"""
        CREATE TRIGGER {name} BEFORE UPDATE OF state ON {table}
        FOR EACH ROW WHEN ({of_kind}OLD.state IS DISTINCT FROM NEW.state)
        EXECUTE FUNCTION opus_allow_moves('{table_of_moves}');
        """,
        f"DROP TRIGGER {name} ON {table};",
    )
