from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "opus.lib"
    label = "lib"
    verbose_name = "Traçabilité"
