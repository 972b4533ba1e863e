"""A sender name never shows that a social service helps somebody (art. 9.2)."""

import pytest
from django.core.exceptions import ValidationError

from accounts.structures.models import Structure
from tests.accounts.factories import StructureFactory
from tests.tables import database_refuses

pytestmark = pytest.mark.django_db

TELLING = [
    "CCAS de L’Isle-d’Abeau",
    "C.C.A.S. de Vif",
    "Centre communal d’action sociale",
    "Service social de la ville",
    "Maison des Solidarités",
    "Mission locale des Trois-Collines",
    "PLIE Nord-Isère",
    "Pôle insertion",
    "ESPACE SOCIAL",
    "Foyer d’hébergement",
]


@pytest.mark.parametrize("name", TELLING)
def test_a_name_that_tells_a_social_service_is_refused(name):
    """Art. 9.2: with its sentence, and by the database."""
    structure = StructureFactory()
    structure.sender_name = name

    with pytest.raises(ValidationError) as refused:
        structure.full_clean()
    [sentence] = refused.value.message_dict["sender_name"]
    assert "révèlerait qu’un service social" in sentence
    with database_refuses():
        Structure.objects.filter(pk=structure.pk).update(sender_name=name)


def test_a_name_is_read_by_the_text_guard_too():
    structure = StructureFactory()
    structure.sender_name = "Emploi des toxicomanes"

    with pytest.raises(ValidationError) as refused:
        structure.full_clean()
    assert refused.value.messages[0].startswith("«\xa0toxicomanes\xa0»\xa0: Le nom")


@pytest.mark.parametrize(
    "name",
    [
        "Service emploi de L’Isle-d’Abeau",
        "Les Trois-Collines",
        "Mairie de Caffiers",
        "Ville d’Aiserey, service de l’emploi",
        "Communauté d’agglomération Porte de l’Isère",
    ],
)
def test_a_neutral_name_is_accepted(name):
    structure = StructureFactory()
    structure.sender_name = name

    structure.full_clean()
