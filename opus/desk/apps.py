from importlib import import_module

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "opus.desk"
    label = "desk"
    verbose_name = "Assistance et informations"

    def ready(self) -> None:
        """Have each account come with whether there is something to tell."""
        import_module("opus.desk.banners")
        import_module("opus.desk.unseen")
