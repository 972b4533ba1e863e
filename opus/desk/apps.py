from importlib import import_module

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "opus.desk"
    label = "desk"
    verbose_name = "Assistance et informations"

    def ready(self) -> None:
        """Have each account come with whether there is something to tell."""
        from opus.desk.models import PersonFile
        from opus.desk.rights import files as files
        from opus.lib.files import exports
        from opus.lib.files.background_files import WRITERS

        WRITERS[PersonFile] = exports.write
        import_module("opus.desk.banners")
        import_module("opus.desk.unseen")
