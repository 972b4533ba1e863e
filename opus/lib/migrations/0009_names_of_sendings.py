"""What leaves is not only letters."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("lib", "0008_parts_of_changes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="outboxentry",
            options={"ordering": ("-created_at",), "verbose_name": "envoi"},
        ),
    ]
