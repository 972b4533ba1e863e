from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "opus.operations"
    label = "operations"
    verbose_name = "Exploitation"
