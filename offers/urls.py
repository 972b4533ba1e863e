from django.urls import include, path

from accounts.signin.access import names_nobody

# One's own acts on an offer are counted as they are shown: they ask for themselves.
patterns = [
    path("", include("offers.feed.urls")),
    # Before the pages of one offer: its number could be any of these words.
    path("", include("offers.search.urls")),
    path("", include("offers.page.urls")),
]
urlpatterns = names_nobody(patterns)
