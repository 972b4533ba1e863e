"""The journal read by action, and sign-ins by account, address and network.

An address of IPv6 counts by its /64, which one line owns whole; a network is a /16, or
a /32 of IPv6 (S39). An agent is told without its versions: they change every month.
"""

from django.db import migrations

NETWORKS = """
CREATE FUNCTION opus_network(address inet, bits integer, bits6 integer) RETURNS inet
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN network(set_masklen(
        address, CASE family(address) WHEN 4 THEN bits ELSE bits6 END
    ))::inet;

CREATE FUNCTION opus_agent(agent text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN regexp_replace(agent, '[0-9._]+', '', 'g');
"""

UNDO_NETWORKS = """
DROP FUNCTION opus_network(inet, integer, integer);
DROP FUNCTION opus_agent(text);
"""

INDEXES = """
CREATE INDEX lib_auditentry_action ON lib_auditentry (action, at);
CREATE INDEX lib_auditentry_signins ON lib_auditentry (actor_id, at)
    WHERE action = 'sign_in';
"""

UNDO_INDEXES = """
DROP INDEX lib_auditentry_action;
DROP INDEX lib_auditentry_signins;
"""


class Migration(migrations.Migration):
    dependencies = [("lib", "0003_journal_of_detection")]

    operations = [
        migrations.RunSQL(NETWORKS, UNDO_NETWORKS),
        migrations.RunSQL(INDEXES, UNDO_INDEXES),
    ]
