"""The letters of a request of article 10 (GDPR 12)."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.agreements.documents import LETTER_STYLE, TIGHT_STYLE
from accounts.users.models import User
from opus.lib.background_files import enqueue_file, lay_out
from opus.lib.documents import pdf
from opus.lib.privacy.personal_data import Retention
from opus.support.data_rights.models import (
    GestureKind,
    Reply,
    ReplyKind,
    RightsRequest,
    Route,
)


def prepare(rights_request: RightsRequest, kind: ReplyKind, *, by: User) -> None:
    """Freeze a letter to the person, and have it printed."""
    gestures = rights_request.gestures.exclude(kind=GestureKind.LIFTING)
    reasons = [one.because for one in gestures if one.because]
    if kind == ReplyKind.REFUSED:
        reasons = [rights_request.refused_because]
    context = {
        "asked": rights_request,
        "kind": kind,
        "on": timezone.localdate(),
        "gestures": gestures,
        "reasons": dict.fromkeys(reasons),
        "is_agency": rights_request.route == Route.AGENCY,
        "dpo": settings.CONTACT["dpo"],
        # What stays after an erasure (GDPR 17.3).
        "journal_kept": Retention.JOURNAL.delay,
        "requests_kept": Retention.REQUESTS.delay,
    }
    reply = Reply(request=rights_request, kind=kind, made_by=by)
    reply.freeze(render_to_string("support/data_rights/letters/reply.html", context))
    reply.save()
    enqueue_file(reply)


def write(reply: Reply, out: Any) -> None:
    title = f"Réponse à la demande n° {reply.request.number}"
    out.write(pdf.write(lay_out(reply, title, LETTER_STYLE, tight=TIGHT_STYLE)))
