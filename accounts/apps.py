from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Structures, conventions et comptes"

    def ready(self) -> None:
        from accounts import documents
        from accounts.models import Export, Letter
        from opus.lib.files import exports
        from opus.lib.files.background_files import WRITERS

        WRITERS.update({Letter: documents.write, Export: exports.write})
        # The password alone is no sign-in: ``signin`` writes it after both factors.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
