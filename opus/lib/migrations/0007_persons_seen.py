"""The persons that an account saw of late, counted by one at a time (S25)."""

from django.db import migrations

# The count is a statement of its own inside a volatile function: it sees what the
# others committed while this one waited for the lock. In plain SQL it would not.
PERSONS_SEEN = """
CREATE FUNCTION opus_persons_seen(account bigint, since timestamptz, actions text[])
RETURNS TABLE (person uuid, last_at timestamptz) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('opus.ceilings:' || account, 0));
    RETURN QUERY
        SELECT seen, max(entry.at)
        FROM lib_auditentry entry, unnest(entry.person_ids) seen
        WHERE entry.actor_id = account AND entry.at > since
          AND entry.action = ANY(actions)
        GROUP BY seen ORDER BY 2;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0006_runs_of_jobs")]

    operations = [
        migrations.RunSQL(
            PERSONS_SEEN,
            "DROP FUNCTION opus_persons_seen(bigint, timestamptz, text[]);",
        )
    ]
