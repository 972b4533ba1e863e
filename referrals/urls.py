"""URLs of candidates, acts and documents; no person's name in any (V17)."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, path

from accounts.access import about_persons
from referrals.bulk import urls as bulk
from referrals.models import EasyForm
from referrals.rights import ActKind
from referrals.saved_searches import urls as saved_searches
from referrals.views import (
    activity,
    candidate_import,
    candidates,
    cv_requests,
    documents,
    favourites,
    follow_up,
    handover,
    mails,
    merge,
    print_jobs,
    refer,
    screened,
    stand_ins,
    summonses,
)
from referrals.views.acts import Steps

ACTS = {
    ActKind.REFERRAL: ("mettre-en-contact", "referral"),
    ActKind.CV_REQUEST: ("demander-un-cv", "cv_request"),
    ActKind.SCREENED_REFERRAL: ("proposer-en-preselection", "screened_referral"),
    ActKind.SUMMONS: ("convoquer", "summons"),
}


def step_urls(part: str, name: str, view: Any, steps: Steps) -> Iterator[URLPattern]:
    """Yield the URLs of the steps of one kind of act."""
    for url, (step, form, target) in steps.items():
        yield path(
            f"{part}/<uuid:pk>/{url}/",
            view,
            {"form_class": form, "target": target},
            name=f"{name}_{step}",
        )


urlpatterns = [
    # The RGC's pages that must know the acts; the others are in accounts.
    path(
        "comptes/<uuid:public_id>/fermer/",
        handover.account_close,
        name="account_close",
    ),
    path(
        "comptes/<uuid:public_id>/confier/",
        handover.account_hand_over,
        name="account_hand_over",
    ),
    path(
        "comptes/<uuid:public_id>/confier/annuler/",
        handover.account_hand_over_stop,
        name="account_hand_over_stop",
    ),
    path(
        "confier/lien/<str:token>/",
        handover.caseload_transfer,
        name="caseload_transfer",
    ),
    path(
        "comptes/<uuid:public_id>/confier/un-temps/",
        stand_ins.account_confide,
        name="account_confide",
    ),
    path(
        "comptes/<uuid:public_id>/confier/<uuid:pk>/reprendre/",
        stand_ins.account_take_back,
        name="account_take_back",
    ),
    path("candidats/", candidates.candidates, name="candidates"),
    path("candidats/confier/", stand_ins.caseload_confide, name="caseload_confide"),
    path(
        "candidats/confier/<uuid:pk>/reprendre/",
        stand_ins.caseload_take_back,
        name="caseload_take_back",
    ),
    path("candidats/nouveau/", candidates.candidate_add, name="candidate_add"),
    path(
        "candidats/importer/",
        candidate_import.candidate_import,
        name="candidate_import",
    ),
    path(
        "candidats/importer/modele.csv",
        candidate_import.candidate_import_model,
        name="candidate_import_model",
    ),
    path("candidats/<uuid:pk>/", candidates.candidate, name="candidate"),
    path(
        "candidats/<uuid:pk>/modifier/",
        candidates.candidate_edit,
        name="candidate_edit",
    ),
    path(
        "candidats/<uuid:pk>/fusionner/",
        merge.candidate_merge,
        name="candidate_merge",
    ),
    path(
        "candidats/<uuid:pk>/offres/",
        candidates.candidate_offers,
        name="candidate_offers",
    ),
    path(
        "candidats/<uuid:pk>/courriels/", mails.candidate_mails, name="candidate_mails"
    ),
    path(
        "candidats/<uuid:pk>/courriels/arreter/",
        mails.candidate_mails_stop,
        name="candidate_mails_stop",
    ),
    path("fiche/<str:token>/", mails.mailed_document, name="mailed_document"),
    path(
        "courriels/arreter/<str:token>/",
        mails.person_mail_stop,
        name="person_mail_stop",
    ),
    path("documents/<uuid:pk>/courriel/", mails.document_mail, name="document_mail"),
    path(
        "candidats/<uuid:pk>/fiches/",
        documents.candidate_sheets,
        name="candidate_sheets",
    ),
    *saved_searches.urlpatterns,
    *bulk.urlpatterns,
    path("favoris/", favourites.favourites, name="favourites"),
    path("favoris/retirer/", favourites.favourite_remove, name="favourite_remove"),
    path(
        "offres/<reference:reference>/garder/",
        favourites.favourite_keep,
        name="favourite_keep",
    ),
    *(
        url
        for kind, (part, name) in ACTS.items()
        for url in (
            path(
                f"offres/<reference:reference>/{part}/",
                refer.act_start,
                {"kind": kind},
                name=f"{name}_start",
            ),
            path(
                f"offres/<reference:reference>/{part}/<uuid:candidate_pk>/",
                refer.act_confirm,
                {"kind": kind},
                name=f"{name}_confirm",
            ),
        )
    ),
    path("impressions/", print_jobs.print_jobs, name="print_jobs"),
    path("impressions/<uuid:pk>/", print_jobs.print_job, name="print_job"),
    path("impressions/<uuid:pk>.pdf", print_jobs.print_job_pdf, name="print_job_pdf"),
    path(
        "impressions/<uuid:pk>/etat/",
        print_jobs.print_job_progress,
        name="print_job_progress",
    ),
    path(
        "impressions/<uuid:pk>/relancer/",
        print_jobs.print_job_again,
        name="print_job_again",
    ),
    path(
        "impressions/<uuid:pk>/annuler/",
        print_jobs.print_job_cancel,
        name="print_job_cancel",
    ),
    path("mises-en-contact/", follow_up.referrals, name="referrals"),
    path("mises-en-contact/<uuid:pk>/", follow_up.referral, name="referral"),
    *step_urls(
        "mises-en-contact", "referral", follow_up.referral_step, follow_up.STEPS
    ),
    path("demandes-de-cv/", cv_requests.cv_requests, name="cv_requests"),
    path("demandes-de-cv/<uuid:pk>/", cv_requests.cv_request, name="cv_request"),
    *step_urls(
        "demandes-de-cv", "cv_request", cv_requests.cv_request_step, cv_requests.STEPS
    ),
    path(
        "demandes-de-cv/<uuid:pk>/cv/",
        cv_requests.cv_request_file,
        name="cv_request_file",
    ),
    path(
        "mises-en-contact/preselection/",
        screened.screened_referrals,
        name="screened_referrals",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/",
        screened.screened_referral,
        name="screened_referral",
    ),
    *step_urls(
        "mises-en-contact/preselection",
        "screened",
        screened.screened_step,
        screened.STEPS,
    ),
    path("convocations/", summonses.summonses, name="summonses"),
    path("convocations/<uuid:pk>/", summonses.summons, name="summons"),
    path(
        "convocations/<uuid:pk>/rendez-vous.ics",
        summonses.summons_ics,
        name="summons_ics",
    ),
    *step_urls("convocations", "summons", summonses.summons_step, summonses.STEPS),
    path(
        "convocations/<uuid:pk>/modifier/",
        summonses.summons_change,
        name="summons_change",
    ),
    path("suivi/", activity.activity, name="activity"),
    path("suivi/exporter/", activity.activity_export, name="activity_export"),
    path("suivi/dossier/", activity.activity_pack, name="activity_pack"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>.pdf", documents.document_pdf, name="document_pdf"),
    path(
        "documents/<uuid:pk>/etat/",
        documents.document_progress,
        name="document_progress",
    ),
    *(
        path(
            f"documents/<uuid:pk>/{form}{ending}",
            view,
            {"form": form.value},
            name=f"document_{form.name.lower()}{name}",
        )
        for form in EasyForm
        for ending, view, name in (
            ("/", documents.document, ""),
            (".pdf", documents.document_pdf, "_pdf"),
            ("/etat/", documents.document_progress, "_progress"),
        )
    ),
    path(
        "documents/<uuid:pk>/relancer/",
        documents.document_again,
        name="document_again",
    ),
]
urlpatterns = about_persons(urlpatterns)
