"""The addresses of candidates, acts and documents. No name of a person in any (V17)."""

from django.urls import path

from referrals.views import (
    activity,
    candidates,
    documents,
    favourites,
    follow_up,
    handover,
    refer,
    several,
    watches,
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
    path("candidats/", candidates.candidates, name="candidates"),
    path("candidats/nouveau/", candidates.candidate_add, name="candidate_add"),
    path("candidats/<uuid:pk>/", candidates.candidate, name="candidate"),
    path(
        "candidats/<uuid:pk>/modifier/",
        candidates.candidate_edit,
        name="candidate_edit",
    ),
    path(
        "candidats/<uuid:pk>/offres/",
        candidates.candidate_offers,
        name="candidate_offers",
    ),
    path(
        "candidats/<uuid:pk>/fiches/",
        documents.candidate_sheets,
        name="candidate_sheets",
    ),
    path(
        "candidats/<uuid:pk>/proposer/",
        several.several_confirm,
        name="several_confirm",
    ),
    path(
        "candidats/<uuid:pk>/proposer/<uuid:key>/",
        several.several_done,
        name="several_done",
    ),
    path("veilles/nouvelle/", watches.watch_begin, name="watch_begin"),
    path("veilles/retirer/", watches.watch_end, name="watch_end"),
    path("veilles/courriel/", watches.watch_mail, name="watch_mail"),
    path(
        "veilles/arreter/<str:token>/", watches.watch_mail_stop, name="watch_mail_stop"
    ),
    path("proposer/", several.several_start, name="several_start"),
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
    path(
        "documents/<uuid:pk>/relancer/",
        documents.document_again,
        name="document_again",
    ),
]
