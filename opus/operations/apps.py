from django.apps import AppConfig
from django.core.checks import Tags, register

from opus.operations import checks


class OperationsConfig(AppConfig):
    name = "opus.operations"
    label = "operations"
    verbose_name = "Exploitation"

    def ready(self) -> None:
        register(checks.check_database, Tags.database)
        register(checks.check_deployment, deploy=True)
