from django.urls import path

from referrals.acts.act_rights import ActKind
from referrals.cv_requests import views
from referrals.cv_requests.forms import CvRequestConfirmForm
from referrals.follow_up.urls import act_urls
from referrals.making.urls import urls_to_make

urlpatterns = [
    *urls_to_make(
        ActKind.CV_REQUEST, "demander-un-cv", "cv_request", CvRequestConfirmForm
    ),
    *act_urls("demandes-de-cv", "cv_request", views.PAGES),
    path("demandes-de-cv/<uuid:pk>/cv/", views.cv_request_file, name="cv_request_file"),
]
