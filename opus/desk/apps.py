from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "opus.desk"
    label = "desk"
    verbose_name = "Assistance et informations"

    def ready(self) -> None:
        from accounts.signin.backends import ASKED_ALONG
        from opus.desk import banners
        from opus.desk.models.person_files import PersonFile
        from opus.desk.rights import files as files
        from opus.lib.files import exports
        from opus.lib.files.background_files import WRITERS

        WRITERS[PersonFile] = exports.write
        ASKED_ALONG["may_have_banners"] = banners.MAY_HAVE_BANNERS
