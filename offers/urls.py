from django.urls import include, path

urlpatterns = [
    path("", include("offers.feed.urls")),
    # Before the pages of one offer: its number could be any of these words.
    path("", include("offers.search.urls")),
    path("", include("offers.page.urls")),
]
