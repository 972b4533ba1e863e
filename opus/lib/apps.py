from django.apps import AppConfig

from opus.lib.registers.discovery import discover


class LibConfig(AppConfig):
    name = "opus.lib"
    label = "lib"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        discover("emails")
