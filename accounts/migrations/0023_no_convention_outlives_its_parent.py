"""The end of the parent holds that of its conventions, whoever writes (art. 13).

The parent's end is part of a foreign key. A convention that is written meanwhile and
a parent whose end moves wait for one another; where both cannot stand, one is refused.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

PARENT = """
CREATE FUNCTION opus_copy_parents_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT ends_on INTO NEW.parent_ends_on FROM accounts_partnership
        WHERE id = NEW.parent_id;
    RETURN NEW;
END $$;
CREATE TRIGGER accounts_convention_parent
    BEFORE INSERT OR UPDATE OF parent_id ON accounts_convention
    FOR EACH ROW EXECUTE FUNCTION opus_copy_parents_end();
ALTER TABLE accounts_convention ADD CONSTRAINT convention_has_its_parents_end
    FOREIGN KEY (parent_id, parent_ends_on)
    REFERENCES accounts_partnership (id, ends_on) ON UPDATE CASCADE;
"""

UNDO_PARENT = """
ALTER TABLE accounts_convention DROP CONSTRAINT convention_has_its_parents_end;
DROP TRIGGER accounts_convention_parent ON accounts_convention;
DROP FUNCTION opus_copy_parents_end();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_conventions_have_their_parent")]

    operations = [
        migrations.AlterField(
            model_name="convention",
            name="parent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="conventions",
                to="accounts.partnership",
                verbose_name="convention de partenariat",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="parent_ends_on",
            field=models.DateField(
                editable=False, verbose_name="fin de la convention de partenariat"
            ),
        ),
        migrations.RemoveConstraint("convention", "convention_within_its_parent"),
        migrations.AddConstraint(
            "convention",
            models.CheckConstraint(
                condition=Q(state="resiliee") | Q(ends_on__lte=F("parent_ends_on")),
                name="convention_within_its_parent",
                violation_error_message="La convention d’application ne peut pas durer plus que la convention de partenariat (art. 13).",
            ),
        ),
        migrations.RunSQL(PARENT, UNDO_PARENT),
        # Reversed, it comes back empty, and 0033 fills it again.
        migrations.AlterField(
            model_name="convention",
            name="parent_number",
            field=models.CharField(default="", max_length=40),
        ),
        migrations.RemoveField("convention", "parent_number"),
    ]
