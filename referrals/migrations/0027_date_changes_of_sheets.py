"""Whoever changes a sheet, its date follows (V9).

A hand-over to another adviser says nothing new of the person and does not count.
"""

from django.db import migrations

DATED = """
CREATE FUNCTION opus_date_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER referrals_candidate_dated BEFORE UPDATE ON referrals_candidate
    FOR EACH ROW WHEN (
        (OLD.first_name, OLD.last_name, OLD.ft_id, OLD.email, OLD.phone, OLD.address,
         OLD.postcode, OLD.city, OLD.commune_code)
        IS DISTINCT FROM
        (NEW.first_name, NEW.last_name, NEW.ft_id, NEW.email, NEW.phone, NEW.address,
         NEW.postcode, NEW.city, NEW.commune_code)
    )
    EXECUTE FUNCTION opus_date_sheet();
"""

UNDO_DATED = """
DROP TRIGGER referrals_candidate_dated ON referrals_candidate;
DROP FUNCTION opus_date_sheet();
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0026_fill_changes_of_sheets")]

    operations = [
        migrations.RunSQL(DATED, UNDO_DATED),
    ]
