from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "offers"
    verbose_name = "Offres et imports"

    def ready(self) -> None:
        """Register background files, exports, personal data and purges."""
        from offers import documents
        from offers import exports as exports
        from offers import personal_data as personal_data
        from offers import retention as retention
        from offers.models.page import OfferDocument
        from opus.lib.files.background_files import WRITERS

        WRITERS[OfferDocument] = documents.write
