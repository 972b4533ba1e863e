from importlib import import_module

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Each step of an act is told to France Travail's system, whoever writes it;
        whoever read acts of an account is told that it was put right (V14).
        """
        import_module("referrals.notices").listen()
        told = import_module("referrals.actions.rectify").readers_of_account
        import_module("accounts.rectify").readers.append(told)
        from opus.lib.files.background_files import WRITERS
        from referrals import booklets, documents
        from referrals.activity import exports as exports
        from referrals.models import Document, EasyDocument, PrintJob, VoidDocument

        for model in (Document, EasyDocument, VoidDocument):
            WRITERS[model] = documents.write
        WRITERS[PrintJob] = booklets.write
