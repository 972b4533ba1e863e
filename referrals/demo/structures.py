from typing import Any

from accounts.structures.models import AgencyKind, StructureKind

REGION = {
    "safir": "69188",
    "name": "Direction régionale Auvergne-Rhône-Alpes",
    "kind": AgencyKind.REGION,
    "city": "Lyon",
    "postcode": "69007",
    "department": "69",
}


TERRITORY = {
    "safir": "38900",
    "name": "Direction territoriale de l’Isère",
    "kind": AgencyKind.TERRITORY,
    "city": "Grenoble",
    "postcode": "38000",
    "department": "38",
    "parent_id": "69188",
}


AGENCIES: list[dict[str, Any]] = [
    {
        "safir": "38086",
        "name": "France Travail Villefontaine",
        "address": "1 place de l’Emploi",
        "city": "Villefontaine",
        "postcode": "38090",
        "latitude": 45.6117,
        "longitude": 5.1558,
    },
    {
        "safir": "38036",
        "name": "France Travail Bourgoin-Jallieu",
        "address": "2 rue de l’Emploi",
        "city": "Bourgoin-Jallieu",
        "postcode": "38300",
        "latitude": 45.5899,
        "longitude": 5.2615,
    },
]


CCAS = {
    "siret": "00038193900016",
    "name": "CCAS de L’Isle-d’Abeau",
    "kind": StructureKind.CCAS,
    "sender_name": "Service emploi de L’Isle-d’Abeau",
    "address": "12 rue de l’Hôtel de Ville",
    "postcode": "38080",
    "city": "L’Isle-d’Abeau",
    "commune_code": "38193",
    "phone": "04 65 71 00 10",
    "email": "emploi@isle-abeau.example",
    "agency_id": "38086",
}


MISSION_LOCALE = {
    "siret": "00038053500021",
    "name": "Mission locale des Trois-Collines",
    "kind": StructureKind.MISSION_LOCALE,
    "sender_name": "Les Trois-Collines",
    "address": "8 avenue des Alpes",
    "postcode": "38300",
    "city": "Bourgoin-Jallieu",
    "commune_code": "38053",
    "phone": "04 65 71 00 40",
    "email": "contact@trois-collines.example",
    "agency_id": "38036",
}


# Annexe 2: the contacts for alerts and for calls.
CONTACTS = {
    "signed_ft_contact": "Hélène Marchand, direction territoriale de l’Isère",
    "signed_ft_contact_email": "helene.marchand@francetravail.example",
    "signed_ft_contact_phone": "04 65 71 01 01",
}
