"""The addresses of candidates, acts and documents. No name of a person in any (V17)."""

from django.urls import path

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
    path(
        "offres/<reference:reference>/mettre-en-contact/",
        refer.act_start,
        name="referral_start",
    ),
    path(
        "offres/<reference:reference>/mettre-en-contact/<uuid:candidate_pk>/",
        refer.act_confirm,
        name="referral_confirm",
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
    path(
        "mises-en-contact/<uuid:pk>/remise/",
        follow_up.referral_hand_over,
        name="referral_hand_over",
    ),
    path(
        "mises-en-contact/<uuid:pk>/contact/",
        follow_up.referral_contact,
        name="referral_contact",
    ),
    path(
        "mises-en-contact/<uuid:pk>/entretien/",
        follow_up.referral_interview,
        name="referral_interview",
    ),
    path(
        "mises-en-contact/<uuid:pk>/suite/",
        follow_up.referral_outcome,
        name="referral_outcome",
    ),
    path(
        "mises-en-contact/<uuid:pk>/suite/annuler/",
        follow_up.referral_outcome_undo,
        name="referral_outcome_undo",
    ),
    path(
        "mises-en-contact/<uuid:pk>/annuler/",
        follow_up.referral_cancel,
        name="referral_cancel",
    ),
    path(
        "offres/<reference:reference>/demander-un-cv/",
        refer.act_start,
        kwargs={"kind": ActKind.CV_REQUEST},
        name="cv_request_start",
    ),
    path(
        "offres/<reference:reference>/demander-un-cv/<uuid:candidate_pk>/",
        refer.act_confirm,
        kwargs={"kind": ActKind.CV_REQUEST},
        name="cv_request_confirm",
    ),
    path("demandes-de-cv/", cv_requests.cv_requests, name="cv_requests"),
    path("demandes-de-cv/<uuid:pk>/", cv_requests.cv_request, name="cv_request"),
    path(
        "demandes-de-cv/<uuid:pk>/remise/",
        cv_requests.cv_request_hand_over,
        name="cv_request_hand_over",
    ),
    path(
        "demandes-de-cv/<uuid:pk>/relance/",
        cv_requests.cv_request_relaunch,
        name="cv_request_relaunch",
    ),
    path(
        "demandes-de-cv/<uuid:pk>/deposer/",
        cv_requests.cv_request_receive,
        name="cv_request_receive",
    ),
    path(
        "demandes-de-cv/<uuid:pk>/cv/",
        cv_requests.cv_request_file,
        name="cv_request_file",
    ),
    path(
        "demandes-de-cv/<uuid:pk>/annuler/",
        cv_requests.cv_request_cancel,
        name="cv_request_cancel",
    ),
    # On offers with preselection.
    path(
        "offres/<reference:reference>/proposer-en-preselection/",
        refer.act_start,
        kwargs={"kind": ActKind.SCREENED_REFERRAL},
        name="screened_referral_start",
    ),
    path(
        "offres/<reference:reference>/proposer-en-preselection/<uuid:candidate_pk>/",
        refer.act_confirm,
        kwargs={"kind": ActKind.SCREENED_REFERRAL},
        name="screened_referral_confirm",
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
    path(
        "mises-en-contact/preselection/<uuid:pk>/remise/",
        screened.screened_hand_over,
        name="screened_hand_over",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/complement/",
        screened.screened_complete,
        name="screened_complete",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/retenir/",
        screened.screened_shortlist,
        name="screened_shortlist",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/ecarter/",
        screened.screened_set_aside,
        name="screened_set_aside",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/presenter/",
        screened.screened_present,
        name="screened_present",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/entretien/",
        screened.screened_interview,
        name="screened_interview",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/suite/",
        screened.screened_outcome,
        name="screened_outcome",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/suite/annuler/",
        screened.screened_outcome_undo,
        name="screened_outcome_undo",
    ),
    path(
        "mises-en-contact/preselection/<uuid:pk>/annuler/",
        screened.screened_cancel,
        name="screened_cancel",
    ),
    path(
        "offres/<reference:reference>/convoquer/",
        refer.act_start,
        kwargs={"kind": ActKind.SUMMONS},
        name="summons_start",
    ),
    path(
        "offres/<reference:reference>/convoquer/<uuid:candidate_pk>/",
        refer.act_confirm,
        kwargs={"kind": ActKind.SUMMONS},
        name="summons_confirm",
    ),
    path("convocations/", summonses.summonses, name="summonses"),
    path("convocations/<uuid:pk>/", summonses.summons, name="summons"),
    path(
        "convocations/<uuid:pk>/rendez-vous.ics",
        summonses.summons_ics,
        name="summons_ics",
    ),
    path(
        "convocations/<uuid:pk>/remise/",
        summonses.summons_hand_over,
        name="summons_hand_over",
    ),
    path(
        "convocations/<uuid:pk>/modifier/",
        summonses.summons_change,
        name="summons_change",
    ),
    path(
        "convocations/<uuid:pk>/effectuee/",
        summonses.summons_attend,
        name="summons_attend",
    ),
    path(
        "convocations/<uuid:pk>/absence/",
        summonses.summons_miss,
        name="summons_miss",
    ),
    path(
        "convocations/<uuid:pk>/annuler/",
        summonses.summons_cancel,
        name="summons_cancel",
    ),
    path("suivi/", activity.activity, name="activity"),
    path("suivi/exporter/", activity.activity_export, name="activity_export"),
    path("suivi/dossier/", activity.activity_pack, name="activity_pack"),
    path("documents/<uuid:pk>/", documents.document, name="document"),
    path("documents/<uuid:pk>.pdf", documents.document_pdf, name="document_pdf"),
    *(
        easy
        for form in EasyForm
        for easy in (
            path(
                f"documents/<uuid:pk>/{form}/",
                documents.document_easy,
                {"form": form.value},
                name=f"document_{form.name.lower()}",
            ),
            path(
                f"documents/<uuid:pk>/{form}.pdf",
                documents.document_easy_pdf,
                {"form": form.value},
                name=f"document_{form.name.lower()}_pdf",
            ),
            path(
                f"documents/<uuid:pk>/{form}/etat/",
                documents.document_easy_progress,
                {"form": form.value},
                name=f"document_{form.name.lower()}_progress",
            ),
        )
    ),
    path(
        "documents/<uuid:pk>/etat/",
        documents.document_progress,
        name="document_progress",
    ),
    path(
        "documents/<uuid:pk>/relancer/",
        documents.document_again,
        name="document_again",
    ),
]
urlpatterns = about_persons(urlpatterns)
