from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Register files, webhooks, e-mails, personal data and hooks."""
        from accounts.users import rectification
        from offers.catalogue import writes
        from opus.lib.files.background_files import WRITERS
        from referrals import (
            booklets,
            notices,
            personal_data,
            rendering,
            retention,
            tasks,
        )
        from referrals.activity import exports
        from referrals.acts.tasks import wake_teller
        from referrals.corrections.actions import readers_of_account
        from referrals.models.documents import Document, EasyDocument, VoidDocument
        from referrals.models.print_jobs import PrintJob
        from referrals.preselection import emails

        for model in (Document, EasyDocument, VoidDocument):
            WRITERS[model] = rendering.write
        WRITERS[PrintJob] = booklets.write
        # Adviser with acts on a withdrawn offer; readers of a corrected account (V14).
        writes.listeners.append(wake_teller)
        rectification.readers.append(readers_of_account)
