"""Every route of the URL list, and why the tour looks at no page there (A1, A2)."""

from collections.abc import Iterable, Iterator

from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.users.enums import Role, UserState
from accounts.users.models import User
from opus.lib import accessibility_statement
from tests.pages import ALONE, NO_PAGE
from tests.test_access_matrix import TABLE

# Routes that answer GET with no page, or with one that the tour cannot open by its
# address alone; the journeys of tests/browser go through the latter, with axe.
MACHINE = "répond à une machine"
FILE = "fichier à télécharger"
PART = "fragment d’une page, ou suggestions"
REDIRECT = "renvoie à une autre page"
ONCE = "ne s’ouvre qu’au cours d’un parcours, essayé à part"
DEMO = "n’existe que dans la démonstration, essayé à part"
REASONS: dict[str, str] = {
    "/demo/courriels/": DEMO,
    "/.well-known/security.txt": MACHINE,
    "/.well-known/change-password": REDIRECT,
    "/.well-known/passkey-endpoints": MACHINE,
    "/livez": MACHINE,
    "/readyz": MACHINE,
    "/session/": MACHINE,
    "/comptes/importer/modele.csv": FILE,
    "/comptes/convention/document.pdf": FILE,
    "/comptes/convention/exemplaire-signe.pdf": FILE,
    "/comptes/convention/avenants/<uuid:pk>.pdf": FILE,
    "/candidats/importer/modele.csv": FILE,
    "/exports/<uuid:pk>/fichier/": FILE,
    "/suivi/reunions/<uuid:pk>/compte-rendu.pdf": FILE,
    "/demandes-de-cv/<uuid:pk>/cv/": FILE,
    "/convocations/<uuid:pk>/rendez-vous.ics": FILE,
    "/impressions/<uuid:pk>.pdf": FILE,
    "/documents/<uuid:pk>.pdf": FILE,
    "/offres/competences/": PART,
    "/offres/lieux/": PART,
    "/offres/metiers/": PART,
    "/offres/secteurs/": PART,
    "/offres/<reference:reference>/apercu/": PART,
    "/offres/<reference:reference>/fiche/etat/": PART,
    "/exports/liste/": PART,
    "/impressions/<uuid:pk>/etat/": PART,
    "/documents/<uuid:pk>/etat/": PART,
    "/documents/<uuid:pk>/gros-caracteres/etat/": PART,
    "/documents/<uuid:pk>/facile-a-lire/etat/": PART,
    "/recherches/<uuid:pk>/": REDIRECT,
    "/offres/numero/": REDIRECT,
    "/mot-de-passe-oublie/lien/<str:token>/": ONCE,
    "/mot-de-passe-oublie/nouveau/": ONCE,
    "/recherches/arret/<str:token>/": ONCE,
    "/fiche/<str:token>/": ONCE,
    "/courriels/arreter/<str:token>/": ONCE,
    "/contact/lien/<str:token>/": ONCE,
    "/connexion/facteur/": ONCE,
    "/premier-acces/mot-de-passe/": ONCE,
    "/activation/": ONCE,
    "/activation/mot-de-passe/": ONCE,
    "/activation/<str:token>/": ONCE,
    "/recherches/ajouter/": ONCE,
    "/proposer/<uuid:key>/": ONCE,
}
# Pages, or parts of the site, that the last whole tour did not reach: they came after
# it, or it was not ended. Emptied when it is run again.
NOT_YET: tuple[str, ...] = (
    "/admin/chercher/",
    "/admin/accounts/letter/envois/",
    "/admin/offers/quarantine/<path:object_id>/faire/",
)
POSTED = "reçoit un formulaire, n’affiche pas de page"
DESK = "fichier, fragment ou porte de l’administration"
NONE = "ce registre n’en a pas"


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "/"
) -> Iterator[tuple[str, URLPattern]]:
    """Each route, written as Django tells it of an answer, with its pattern."""
    if patterns is None:
        patterns = get_resolver().url_patterns
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def pages_without_a_look(seen: set[str]) -> dict[str, str]:
    """The routes that were not seen, each with its reason; an empty one is a fault."""
    return {
        route: reason(route, pattern)
        for route, pattern in routes()
        if route not in seen
    }


def reason(route: str, pattern: URLPattern) -> str:
    if route in REASONS:
        return REASONS[route]
    if route.startswith("/admin/") and (told := reason_of_desk(pattern.name or "")):
        return told
    methods = {method for method, path in TABLE if f"/{path}" == route}
    if methods == {"POST"}:
        return POSTED
    return accessibility_statement.NOT_YET if route.startswith(NOT_YET) else ""


def reason_of_desk(name: str) -> str:
    """Why an address of the admin's own making shows no page, if it shows none."""
    if name in NO_PAGE or name.endswith("_delete"):
        return DESK
    if name.endswith("_history") or name == "accounts_structure_add":
        return REDIRECT
    if name.endswith("_preview") and name in ALONE:
        return POSTED
    request = RequestFactory().get("/admin/")
    request.user = User(role=Role.FT_ADMIN, state=UserState.ACTIVE)
    for model, register in admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if name == f"{label}_add" and not register.has_add_permission(request):
            return NONE
        if name == f"{label}_action" and not getattr(register, "admin_actions", ()):
            return NONE
    return ""
