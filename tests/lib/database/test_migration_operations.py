"""What a migration does to words alone touches no table (P6)."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from opus.lib.database.migration_operations import AlterWords

pytestmark = [pytest.mark.django_db, pytest.mark.thorough]


def test_a_change_of_words_leaves_every_table_as_it_is():
    loader = MigrationLoader(connection)
    of_words = {
        key: operation
        for key, migration in loader.graph.nodes.items()
        for operation in migration.operations
        if isinstance(operation, AlterWords)
    }
    statements: list[str] = []
    for (app, name), operation in of_words.items():
        state = loader.project_state((app, name), at_end=False)
        for change in operation.operations:
            before = state.clone()
            change.state_forwards(app, state)
            with connection.schema_editor(collect_sql=True, atomic=False) as editor:
                change.database_forwards(app, editor, before, state)
            statements += editor.collected_sql

    assert of_words
    assert statements == []
