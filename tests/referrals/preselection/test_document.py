"""The document of a mise en contact with preselection (art. 7)."""

import pytest

from tests.referrals.documents.test_documents import told_by
from tests.referrals.screened import ASKS, ScreenedReferralFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def act():
    return ScreenedReferralFactory(
        candidate__first_name="Karim",
        candidate__last_name="Benali",
        offer__details=ASKS,
    )


@pytest.mark.parametrize(
    ("delegated", "first"),
    [
        (True, "Votre contact étudie d’abord votre candidature"),
        (False, "Votre candidature passe d’abord par France Travail"),
    ],
)
def test_the_sheet_says_who_reads_the_application_first(act, delegated, first):
    act.offer.delegated = delegated
    told = told_by(act)

    assert [
        fact
        for fact in [
            "Karim Benali",
            act.number,
            act.adviser.get_full_name(),
            first,
            "N’appelez pas l’employeur, ne lui écrivez pas",
            "Maçon / Maçonne (H/F)",
            "Compétences : couler une dalle, lire un plan",
            "24 mois (13 si vous n’êtes pas inscrit)",
        ]
        if fact not in told
    ] == []
