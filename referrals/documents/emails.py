import datetime as dt

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.documents.models import Document
from referrals.documents.offer_changes import join


@outbox.mail("offers-changed")
def offers_changed(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the papers that their offers made wrong, without names."""
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    wrong = Document.objects.visible_to(reader).outdated().filter(change_told_at=at)
    acts = [
        {
            "nature": one.act.nature,
            "number": one.act.number,
            "offer": one.act.offer_id,
            "what": join(one.changes),
        }
        for one in wrong.with_offers().order_by("created_at", "pk")
    ]
    if not acts or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="une offre a changé\u00a0: son document n’est plus valable"
        if len(acts) == 1
        else f"des offres ont changé\u00a0: {len(acts)} documents à refaire",
        template="emails/offers_changed.txt",
        context={"person": reader, "acts": acts},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )
