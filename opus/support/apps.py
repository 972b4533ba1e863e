from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "opus.support"
    label = "support"
    verbose_name = "Assistance et informations"

    def ready(self) -> None:
        from accounts.signin.backends import ASKED_ALONG
        from opus.lib import exports
        from opus.lib.background_files import WRITERS
        from opus.support.data_rights import documents, tasks
        from opus.support.data_rights.models import PersonFile, Reply
        from opus.support.service_status import banners

        WRITERS[PersonFile] = exports.write
        WRITERS[Reply] = documents.write
        ASKED_ALONG["may_have_banners"] = banners.MAY_HAVE_BANNERS
