"""E-mails to a person: consent, documents sent, unsubscribe."""
