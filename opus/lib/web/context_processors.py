from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "demo": settings.DEMO,
        "state_identity": settings.STATE_IDENTITY,
        "contact": settings.CONTACT,
        # The part of the site that the menu marks: "offres", "candidats"… None for
        # « OPTIONS * », whose address has no slash.
        "section": request.path_info.partition("/")[2].partition("/")[0],
    }
