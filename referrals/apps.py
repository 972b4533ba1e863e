from importlib import import_module

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "referrals"
    verbose_name = "Accompagnement"

    def ready(self) -> None:
        """Each step of an act is told to France Travail's system, whoever writes it."""
        import_module("referrals.notices").listen()
