from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Structures, conventions et comptes"

    def ready(self) -> None:
        # The password alone is no sign-in: ``signin`` writes it after both factors.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
