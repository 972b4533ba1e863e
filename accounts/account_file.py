from opus.lib.lists import ListFile

# The columns of the model, then other names that people give them.
HEADERS = {
    "Nom": "last_name",
    "Prénom": "first_name",
    "Adresse électronique": "email",
    "Fonction": "function",
    "Téléphone": "phone",
}
OTHER_HEADERS = {
    "Nom de famille": "last_name",
    "Adresse e-mail": "email",
    "Adresse mail": "email",
    "Courriel": "email",
    "E-mail": "email",
    "Mail": "email",
    "Poste": "function",
    "Tél": "phone",
    "Téléphone professionnel": "phone",
}
REQUIRED = ("last_name", "first_name", "email")

ACCOUNTS = ListFile(HEADERS, OTHER_HEADERS, REQUIRED)
