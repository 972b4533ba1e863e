"""A structure has the SIRET of somebody, and a commune of the official list."""

from django.db import migrations, models
from django.db.models import Q

from opus.lib.database.migration_operations import run_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_rules"), ("offers", "0003_trades_of_labels")]

    operations = [
        migrations.AddConstraint(
            "structure",
            models.CheckConstraint(
                condition=Q(siret__regex=r"^[0-9]{14}$")
                & ~Q(siret__startswith="000000000"),
                name="siret_of_a_structure",
                violation_error_message=(
                    "Un numéro SIRET compte 14 chiffres, sans espace."
                ),
            ),
        ),
        run_sql(__file__, "communes"),
    ]
