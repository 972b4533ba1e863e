from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from opus.lib.database import roles
from opus.lib.registers import discover


class LibConfig(AppConfig):
    name = "opus.lib"
    label = "lib"
    verbose_name = "Traçabilité"

    def ready(self) -> None:
        discover("emails")
        register(roles.check_roles, Tags.database)
        register(roles.check_limits, Tags.database)
        post_migrate.connect(roles.grant, sender=self)
        post_migrate.connect(roles.set_limits, sender=self)
