from django.urls import path

from opus.support.tickets import views

urlpatterns = [
    path("contact/", views.contact, name="contact"),
    path("contact/envoyee/", views.contact_sent, name="contact_sent"),
    path("contact/demandes/", views.tickets, name="tickets"),
    path("contact/propositions/", views.proposals, name="proposals"),
    path("contact/demandes/<uuid:pk>/", views.ticket, name="ticket"),
    path("contact/lien/<str:token>/", views.ticket_link, name="ticket_link"),
]
