from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Structures, conventions et comptes"

    def ready(self) -> None:
        # Importing these modules registers e-mails, durations and personal data.
        import accounts.agreements.emails
        import accounts.meetings.emails
        import accounts.nominations.emails
        import accounts.privacy.personal_data
        import accounts.privacy.retention
        import accounts.security.emails
        import accounts.signin.emails
        import accounts.team.emails
        import accounts.users.emails
        from accounts.agreements import documents
        from accounts.agreements.models.articles import AgreementDocument
        from accounts.agreements.models.letters import Letter
        from accounts.exports.models import Export
        from opus.lib import exports
        from opus.lib.background_files import WRITERS

        WRITERS.update({Letter: documents.write, Export: exports.write})
        WRITERS[AgreementDocument] = documents.write_agreement
        # A password alone is no sign-in: ``signin`` writes it after both factors.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
