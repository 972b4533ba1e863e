"""The request of somebody who passed every gate, as views see it."""

from django.http import HttpRequest

from accounts.models import Convention, Service, Structure, User


class MemberRequest(HttpRequest):
    """A request of a partner's member; ``AccessMiddleware`` sets what is here."""

    user: User  # type: ignore[assignment]
    structure: Structure
    convention: Convention
    services: set[Service]
