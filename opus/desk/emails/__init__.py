"""The e-mails of the desk, imported here for the outbox."""

from opus.desk.emails import incidents, news, tickets
