"""Texts of requests that other pages prepare, by ``modele`` of the URL."""

from django.http import HttpRequest

MORE_ACCOUNTS = "plus-de-comptes"


def prepared(request: HttpRequest) -> dict[str, str]:
    """Return the subject and message to begin with; empty if none."""
    convention = getattr(request, "convention", None)
    if request.GET.get("modele") != MORE_ACCOUNTS or convention is None:
        return {}
    some = "s" if convention.quota > 1 else ""
    return {
        "subject": "Demande d’avenant\u00a0: comptes supplémentaires (annexe 2)",
        "text": (
            "Notre structure demande un avenant à la convention n°\u00a0"
            f"{convention.number}\u00a0: elle prévoit {convention.quota} "
            f"compte{some} actif{some} en même temps (annexe 2, compte du RGC non "
            "compris).\n\n"
            "Nombre de comptes souhaité\u00a0: \n"
            "À partir du\u00a0: \n"
            "Raison de la demande\u00a0: "
        ),
    }
