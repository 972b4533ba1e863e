"""An object's story holds what was done to it within another change (S37).

Few lines have parts: a partial index finds them among millions.
"""

from django.db import migrations

INDEX = """
CREATE INDEX lib_auditentry_parts ON lib_auditentry
    USING gin ((details -> 'parts') jsonb_path_ops) WHERE details ? 'parts';
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0007_persons_seen")]

    operations = [
        migrations.RunSQL(INDEX, "DROP INDEX lib_auditentry_parts;"),
    ]
