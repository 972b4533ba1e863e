from django.urls import path

from referrals.acts.act_rights import ActKind
from referrals.appointments import views
from referrals.appointments.forms import AppointmentForm
from referrals.follow_up.urls import act_urls
from referrals.making.urls import urls_to_make

urlpatterns = [
    *urls_to_make(ActKind.APPOINTMENT, "convoquer", "appointment", AppointmentForm),
    *act_urls("convocations", "appointment", views.PAGES),
    path(
        "convocations/<uuid:pk>/rendez-vous.ics",
        views.appointment_ics,
        name="appointment_ics",
    ),
    path(
        "convocations/<uuid:pk>/modifier/",
        views.appointment_change,
        name="appointment_change",
    ),
]
