import datetime as dt

from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.users.models.users import User
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, compose_email
from referrals.acts.paper_facts import join
from referrals.documents.models import Document


@outbox.mail("offers-changed")
def offers_changed(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the papers that their offers made wrong, without names."""
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    mine = Document.objects.visible_to(reader).filter(change_told_at=at)
    wrong = mine.outdated().with_offers().order_by("created_at", "pk")
    acts = [line_of(one) | {"what": join(one.changes)} for one in wrong]
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


@outbox.mail("papers-right-again")
def papers_right_again(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the papers whose offers say again what they said, without names."""
    reader = User.objects.get(pk=adviser)
    at = dt.datetime.fromisoformat(told_at)
    mine = Document.objects.visible_to(reader).filter(change_told_at=at)
    right = mine.of_live_acts().unchanged().with_offers().order_by("created_at", "pk")
    acts = [line_of(one) for one in right]
    if not acts or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="un document est de nouveau valable"
        if len(acts) == 1
        else f"{len(acts)} documents sont de nouveau valables",
        template="emails/papers_right_again.txt",
        context={"person": reader, "acts": acts},
        button=Button("Voir ce qui est à faire", outbox.link(reverse("home"))),
    )


def line_of(document: Document) -> dict[str, str]:
    act = document.act
    return {"nature": act.nature, "number": act.number, "offer": act.offer_id}
