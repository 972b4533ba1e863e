from django.apps import AppConfig


class OffersConfig(AppConfig):
    name = "offers"
    verbose_name = "Offres et imports"

    def ready(self) -> None:
        from accounts.signin.backends import ASKED_ALONG
        from offers.feed import health
        from offers.page import documents
        from offers.page import personal_data as personal_data
        from offers.page.models import OfferDocument
        from offers.search import exports as exports
        from opus.lib.background_files import WRITERS

        WRITERS[OfferDocument] = documents.write
        ASKED_ALONG["feed_dates"] = health.DATES
