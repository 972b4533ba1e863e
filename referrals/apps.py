from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Register files, webhooks, e-mails, personal data and hooks."""
        from accounts.users import actions
        from offers.catalogue import writes
        from opus.lib.background_files import WRITERS
        from referrals import tasks
        from referrals.activity import exports
        from referrals.acts.jobs import notify_withdrawals_now
        from referrals.corrections.actions import readers_of_account
        from referrals.documents import documents
        from referrals.documents.models import (
            Document,
            EasyDocument,
            PrintJob,
            VoidDocument,
        )
        from referrals.preselection import emails
        from referrals.privacy import personal_data, retention

        for model in (Document, EasyDocument, VoidDocument):
            WRITERS[model] = documents.write
        WRITERS[PrintJob] = documents.write_print_job
        # Adviser with acts on a withdrawn offer; readers of a corrected account (V14).
        writes.listeners.append(notify_withdrawals_now)
        actions.readers.append(readers_of_account)
