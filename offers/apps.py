from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "offers"
    verbose_name = "Offres et imports"

    def ready(self) -> None:
        from offers import documents
        from offers import exports as exports
        from offers.models import OfferDocument
        from opus.lib.files.background_files import WRITERS

        WRITERS[OfferDocument] = documents.write
