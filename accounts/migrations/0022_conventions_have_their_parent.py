"""One partnership for each parent number that conventions named."""

from django.db import migrations

# Where two conventions told two ends of the same parent, the later holds for both:
# neither of them outlives it.
BRING = """
INSERT INTO accounts_partnership (number, partner, ends_on)
SELECT parent_number, min(structure.name), max(parent_ends_on)
FROM accounts_convention convention
JOIN accounts_structure structure ON structure.id = convention.structure_id
GROUP BY parent_number;
UPDATE accounts_convention convention
SET parent_id = parent.id, parent_ends_on = parent.ends_on
FROM accounts_partnership parent WHERE parent.number = convention.parent_number;
"""

TAKE_BACK = """
UPDATE accounts_convention convention SET parent_number = parent.number
FROM accounts_partnership parent WHERE parent.id = convention.parent_id;
UPDATE accounts_convention SET parent_id = NULL;
DELETE FROM accounts_partnership;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_partnerships")]

    operations = [migrations.RunSQL(BRING, TAKE_BACK)]
