from django.urls import path

from offers.feed import views

urlpatterns = [
    # A machine's address: without the slash of pages.
    path("api/offres/evenements", views.events, name="feed_events")
]
