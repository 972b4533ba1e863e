from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LibConfig(AppConfig):
    name = "opus.lib"
    label = "lib"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        autodiscover_modules("emails")
