"""What PostgreSQL refuses of offers and kept searches, and until when it saw all."""

from django.db import migrations

# The read-only mirror.
MIRROR = """
-- Article 7: a partner's path cannot write an offer. ``offers.files.importer`` says who it is
-- with SET LOCAL opus.sync = 'on', which ends with its transaction.
CREATE FUNCTION opus_offers_are_a_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('opus.sync', true), '') <> 'on' THEN
        RAISE EXCEPTION 'Une offre ne se modifie pas depuis Opus (convention, art. 7).'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offer_mirror BEFORE INSERT OR UPDATE OR DELETE ON offers_offer
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
CREATE TRIGGER offers_offersearch_mirror
    BEFORE INSERT OR UPDATE OR DELETE ON offers_offersearch
    FOR EACH STATEMENT EXECUTE FUNCTION opus_offers_are_a_mirror();
"""

# Searches that advisers keep, twenty each; the offers that they opened of late.
SAVED_SEARCHES = """
-- Twenty an account, counted under lock of its row: two forms sent at once do not make
-- twenty-one.
CREATE FUNCTION opus_hold_searches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM accounts_user WHERE id = NEW.account_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM offers_savedsearch
        WHERE account_id = NEW.account_id AND id <> NEW.id) >= 20 THEN
        RAISE EXCEPTION 'Vingt recherches enregistrées au plus.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'searches_within_twenty';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER offers_savedsearch_twenty
    BEFORE INSERT OR UPDATE OF account_id ON offers_savedsearch
    FOR EACH ROW EXECUTE FUNCTION opus_hold_searches();

-- Withdrawn is gone from what people opened of late, in that transaction (R1, U6).
CREATE FUNCTION opus_forget_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM offers_seenoffer s USING gone g WHERE s.offer_id = g.offer_id;
    RETURN NULL;
END $$;
CREATE TRIGGER offers_offersearch_forget AFTER DELETE ON offers_offersearch
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION opus_forget_seen();
"""

SETTLED = """
-- Until when everything that came in can be seen: rows are dated when they are written,
-- and seen once committed. So the start of the oldest transaction that is writing. What
-- this backend saw of the others may be as old as its transaction: it looks anew. The
-- margin is for one that has begun and not written yet: it is no writer to be known.
CREATE FUNCTION opus_settled_until(margin interval) RETURNS timestamptz
LANGUAGE plpgsql AS $$
DECLARE
    before timestamptz := clock_timestamp() - margin;
BEGIN
    PERFORM pg_stat_clear_snapshot();
    RETURN least(before, (
        SELECT min(xact_start) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND backend_xid IS NOT NULL
    ));
END $$;
"""


class Migration(migrations.Migration):
    replaces = [("offers", "0018_lots")]

    dependencies = [("offers", "0002_search_in_sql")]

    operations = [
        migrations.RunSQL(MIRROR),
        migrations.RunSQL(SAVED_SEARCHES),
        migrations.RunSQL(SETTLED),
    ]
