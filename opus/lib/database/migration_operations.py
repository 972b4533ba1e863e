"""Operations that cost ``migrate`` little (P6, ADR 13)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation, OperationCategory


class CreateModels(Operation):
    """Several ``CreateModel`` as one, rendered once, foreign keys last.

    It halves the seconds of ``migrate``, and two models may refer to each other.
    """

    category = OperationCategory.ADDITION

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        # Drop the rendered apps; Django renders them again on demand.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, *args: Any, **kwargs: Any) -> None:
        for model in self.operations:
            model.database_forwards(*args, **kwargs)

    def database_backwards(self, *args: Any, **kwargs: Any) -> None:
        for model in reversed(self.operations):
            model.database_backwards(*args, **kwargs)

    def describe(self) -> str:
        return f"Create {len(self.operations)} models"


def run_sql(migration: str, name: str, **options: Any) -> RunSQL:
    """Return the step that runs ``sql/NAME.sql`` beside a migration."""
    path = Path(migration).with_name("sql") / f"{name}.sql"
    return RunSQL(path.read_text(encoding="utf-8"), **options)
