from django.urls import path

from offers.feed import endpoint

urlpatterns = [
    # A machine's address: without the slash of pages.
    path("api/offres/evenements", endpoint.events, name="feed_events"),
]
