from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Register files, webhooks, e-mails, personal data and hooks."""
        from accounts.users import rectification
        from offers.catalogue import writes
        from opus.lib.background_files import WRITERS
        from referrals import tasks
        from referrals.activity import exports
        from referrals.acts import webhooks
        from referrals.acts.tasks import notify_withdrawals_now
        from referrals.corrections.actions import readers_of_account
        from referrals.documents import rendering
        from referrals.documents.models import Document, EasyDocument, VoidDocument
        from referrals.preselection import emails
        from referrals.print_jobs import merged_pdf
        from referrals.print_jobs.models import PrintJob
        from referrals.privacy import personal_data, retention, rights_effects

        for model in (Document, EasyDocument, VoidDocument):
            WRITERS[model] = rendering.write
        WRITERS[PrintJob] = merged_pdf.write
        # Adviser with acts on a withdrawn offer; readers of a corrected account (V14).
        writes.listeners.append(notify_withdrawals_now)
        rectification.readers.append(readers_of_account)
