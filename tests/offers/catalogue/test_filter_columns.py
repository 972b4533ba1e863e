"""What the search filters by: read out of the payload, stored, kept in its row."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from offers.catalogue.models import Offer, OfferSearch
from offers.catalogue.writes import upsert_offers, writing_offers
from offers.enums import OfferState
from offers.payload.offer import OfferContent, read_offer
from offers.reference.models import Appellation, Skill
from tests.cases import each_case
from tests.offers.helpers.factories import OfferFactory, withdraw
from tests.offers.helpers.feed import event, post
from tests.offers.helpers.files import REAL_FILES, real_offers


def payload(**parts: Any) -> dict[str, Any]:
    return {
        "id": "193FKBM",
        "intitule": "Maçon",
        "dateCreation": "2026-11-01T08:00:00.000Z",
    } | parts


def read(**parts: Any) -> OfferContent:
    return read_offer(payload(**parts))


# --- Out of the payload --------------------------------------------------------------


@each_case(
    ("label", "code"),
    [
        ("B - Véhicule léger", "B"),
        ("B - Véhicule léger Exigé", "B"),
        ("C - Poids lourd", "C"),
        ("C1 - Poids lourd < 7,5 T", "C1"),
        ("C1E - Poids lourd + remorque", "C1E"),
        ("CE - Poids lourd + remorque (= EC)", "CE"),
        ("EC - Poids lourd + remorque", "CE"),
        ("EB - Véhicule léger + remorque", "BE"),
        ("BE - Véhicule léger + remorque (PTAC > 4,25 T)", "BE"),
        ("B mention 79.06 (= EB)", "BE"),
        ("B mention 96 - VL + remorque (PTAC < 4,25 T)", "B96"),
        ("D - Transport de personnes", "D"),
        ("DE - Transport de personnes + remorque (= ED)", "DE"),
        ("AM - Cyclomoteur <= 50 cm3", "AM"),
    ],
)
def test_a_permit_is_told_by_its_category_of_today(label, code):
    assert read(permis=[{"libelle": label}]).permits == [code]


@pytest.mark.parametrize(
    "permits",
    [
        None,
        [],
        [{"libelle": "Aucun permis", "exigence": "S"}],
        [{"libelle": "Brevet d’aptitude"}],
        [{"exigence": "E"}],
        ["B"],
    ],
)
def test_an_offer_that_asks_for_no_permit_names_none(permits):
    assert read(permis=permits).permits is None


def test_permits_and_skills_come_once_and_in_order():
    content = read(
        permis=[{"libelle": "D - Transport"}, {"libelle": "B - VL"}] * 2,
        competences=[
            {"code": "300425", "libelle": "Coffrer"},
            {"code": "101846", "libelle": "Maçonner"},
            {"code": "300425", "libelle": "Coffrer"},
            {"code": "A12", "libelle": "Autre"},
            {"code": "9" * 12, "libelle": "Autre"},
            {"libelle": "Sans code"},
        ],
    )

    assert content.permits == ["B", "D"]
    assert content.skills == [101846, 300425]


@each_case(
    ("label", "hours", "expected"),
    [
        ("Mensuel de 2058,00 Euros", "35H", (2058, 2058)),
        ("Mensuel de 2050.0 Euros à 2300.4 Euros sur 12 mois", "35H", (2050, 2300)),
        ("Mensuel de 2000,00 Euros sur 13 mois", "35H", (2000, 2000)),
        ("Annuel de 30000.0 Euros à 36000.0 Euros sur 12.0 mois", "", (2500, 3000)),
        ("Horaire de 12,00 Euros", "35H/semaine", (1820, 1820)),
        ("Horaire de 12,00 Euros à 13,00 Euros", "17H30", (910, 986)),
        # Nothing says another number of hours than the legal week.
        ("Horaire de 12,00 Euros", "", (1820, 1820)),
        ("Horaire de 12,00 Euros", "Temps plein", (1820, 1820)),
        ("Horaire de 12,00 Euros", "Temps partiel", (None, None)),
        ("Annuel de 17,00 Euros à 27,00 Euros", "", (None, None)),
        ("Annuel de", "", (None, None)),
        ("Autre Selon profil", "", (None, None)),
        ("", "", (None, None)),
    ],
)
def test_pay_is_told_in_gross_euros_a_month(label, hours, expected):
    content = read(salaire={"libelle": label}, dureeTravailLibelle=hours)

    assert (content.pay_least, content.pay_most) == expected


@each_case(
    ("labels", "level"),
    [
        (["CAP, BEP et équivalents"], 3),
        (["Bac ou équivalent"], 4),
        (["Niveau Bac"], 4),
        (["Bac+2 ou équivalents"], 5),
        (["Bac+3, Bac+4 ou équivalents"], 6),
        (["Bac+5 et plus ou équivalents"], 7),
        (["3ème achevée ou Brevet"], 2),
        (["Aucune formation scolaire"], 0),
        (["Bac+2 ou équivalents", "CAP, BEP et équivalents"], 3),
        (["Permis cariste"], None),
        ([], None),
    ],
)
def test_the_lowest_level_of_training_named_is_the_one_that_counts(labels, level):
    formations = [{"niveauLibelle": label, "exigence": "E"} for label in labels]

    assert read(formations=formations).training == level


@each_case(
    ("parts", "column", "expected"),
    [
        ({"qualificationCode": "9"}, "is_cadre", True),
        ({"qualificationCode": "3"}, "is_cadre", False),
        ({"qualificationCode": "X"}, "is_cadre", None),
        ({}, "is_cadre", None),
        ({"entreprise": {"entrepriseAdaptee": True}}, "adapted", True),
        ({"entrepriseAdaptee": True}, "adapted", True),
        (
            {"entreprise": {"entrepriseAdaptee": False}, "entrepriseAdaptee": True},
            "adapted",
            True,
        ),
        ({"entreprise": {"entrepriseAdaptee": False}}, "adapted", False),
        ({"entreprise": {"entrepriseAdaptee": "oui"}}, "adapted", None),
        ({}, "adapted", None),
        ({"employeurHandiEngage": True}, "handi_engaged", True),
        ({}, "handi_engaged", None),
        ({"secteurActivite": "43"}, "sector", "43"),
        ({"codeNAF": "43.99C"}, "sector", "43"),
        ({"codeNAF": "4399C"}, "sector", "43"),
        ({"secteurActivite": "BTP"}, "sector", ""),
        ({}, "sector", ""),
        ({"origineOffre": {"origine": "1"}}, "from_partner", False),
        ({"origineOffre": {"origine": "2"}}, "from_partner", True),
        ({"origineOffre": {"origine": "3"}}, "from_partner", None),
        ({"typeContratLibelle": "CDD - 6 Mois"}, "contract_months", Decimal(6)),
        (
            {"typeContratLibelle": "Intérim - 15 Jour(s)"},
            "contract_months",
            Decimal("0.5"),
        ),
        ({"typeContratLibelle": "CDI"}, "contract_months", None),
    ],
)
def test_an_offer_is_told_apart_by_what_it_says(parts, column, expected):
    assert getattr(read(**parts), column) == expected


# --- Into the tables -----------------------------------------------------------------

# Of the offer ``WHOLE``, and what the search table holds of it.
STORED = {
    "few_candidates": True,
    "adapted": True,
    "handi_engaged": True,
    "is_cadre": False,
    "from_partner": True,
    "training": 3,
    "permits": ["B"],
    "skills": [300425],
    "pay_most": 2400,
    "weekly_hours": 39,
    "contract_months": 6,
    "sector": "43",
}


def bring(offers: Iterable[dict[str, Any]]) -> None:
    contents = {
        content.reference: content
        for content in (read_offer(offer) for offer in offers)
    }
    upsert_offers((content, b"") for content in contents.values())


WHOLE = {
    "appellationlibelle": "Maçon / Maçonne en pierres",
    "romeCode": "F1703",
    "permis": [{"libelle": "B - Véhicule léger", "exigence": "E"}],
    "competences": [{"code": "300425", "libelle": "Coffrer une dalle"}],
    "formations": [{"niveauLibelle": "CAP, BEP et équivalents"}],
    "dureeTravailLibelle": "39H/semaine",
    "salaire": {"libelle": "Mensuel de 2000,00 Euros à 2400,00 Euros"},
    "offresManqueCandidats": True,
    "entreprise": {"nom": "Bâti d’essai", "entrepriseAdaptee": True},
    "employeurHandiEngage": True,
    "qualificationCode": "3",
    "secteurActivite": "43",
    "typeContrat": "CDD",
    "typeContratLibelle": "CDD - 6 Mois",
    "origineOffre": {"origine": "2"},
}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["file", "event"])
def test_files_and_events_fill_every_column_of_the_search(path, client, open_feed):
    if path == "file":
        bring([payload(**WHOLE)])
    else:
        post(client, [event("creee", "193FKBM", data=payload(**WHOLE))])

    row = OfferSearch.objects.get()
    appellation = Appellation.objects.get()
    assert {column: getattr(row, column) for column in STORED} == STORED
    assert Offer.objects.get().pay_least == 2000
    assert row.appellation == appellation.key
    assert (appellation.label, appellation.code, appellation.rome_code) == (
        "Maçon / Maçonne en pierres",
        "macon-maconne-en-pierres",
        "F1703",
    )
    assert [(s.code, s.label, s.plain) for s in Skill.objects.all()] == [
        (300425, "Coffrer une dalle", "coffrer une dalle")
    ]


@pytest.mark.django_db
def test_a_change_of_the_offer_changes_its_row():
    bring([payload(**WHOLE)])

    changed = {"dateActualisation": "2026-11-05T08:00:00.000Z", "permis": []}
    bring([payload(**WHOLE | changed | {"qualificationCode": "9"})])

    row = OfferSearch.objects.get()
    assert (row.permits, row.is_cadre) == (None, True)


@pytest.mark.django_db
def test_labels_that_differ_by_accents_alone_are_one_appellation():
    bring([payload(**WHOLE)])
    spelled = "MACON - maçonne en Pierres"
    bring([payload(id="2", appellationlibelle=spelled), payload(id="3")])

    key = Appellation.objects.get().key
    assert list(OfferSearch.objects.order_by("pk").values_list("appellation")) == [
        (key,),
        (key,),
        (None,),
    ]


@pytest.mark.django_db
def test_an_offer_is_new_from_when_it_came_into_sight_not_from_its_changes():
    offer = OfferFactory()
    appeared = OfferSearch.objects.get().appeared_at
    assert appeared > offer.created_at

    with writing_offers():
        Offer.objects.update(title="Autre titre")
    after_change = OfferSearch.objects.get().appeared_at
    withdraw(offer)
    withdraw(offer, OfferState.ACTIVE)
    after_return = OfferSearch.objects.get().appeared_at

    assert after_change == appeared < after_return


@pytest.mark.thorough
@pytest.mark.skipif(not REAL_FILES[0].exists(), reason="no real offers here")
def test_real_offers_say_as_much_as_they_can():
    """The figures of 7 559 real offers: fewer means that a reader lost something."""
    contents = list(map(read_offer, real_offers(REAL_FILES[0])))

    said = {
        column: sum(getattr(content, column) not in (None, "") for content in contents)
        for column in (*STORED, "pay_least")
    }

    assert said == {
        "few_candidates": 2_486,
        "adapted": 6_573,
        "handi_engaged": 1_863,
        "is_cadre": 3_067,
        "from_partner": 7_559,
        "training": 771,
        "permits": 584,
        "skills": 1_938,
        "pay_least": 2_704,
        "pay_most": 2_704,
        "weekly_hours": 2_801,
        "contract_months": 1_833,
        "sector": 3_844,
    }
