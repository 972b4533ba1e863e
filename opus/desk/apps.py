from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "opus.desk"
    label = "desk"
    verbose_name = "Assistance et informations"
