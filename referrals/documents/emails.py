import datetime as dt

from django.core.mail import EmailMessage

from accounts.users.models import User
from opus.lib.outbound import outbox
from referrals.acts.emails import email_adviser
from referrals.acts.paper_facts import join
from referrals.documents.models import Document, DocumentQuerySet


@outbox.mail("offers-changed")
def offers_changed(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the papers that their offers made wrong, without names."""
    reader = User.objects.get(pk=adviser)
    acts = lines_of(papers_of(reader, told_at).outdated())
    return email_adviser(
        reader,
        len(acts),
        "une offre a changé\u00a0: son document n’est plus valable",
        f"des offres ont changé\u00a0: {len(acts)} documents à refaire",
        template="referrals/documents/emails/offers_changed.txt",
        acts=acts,
    )


@outbox.mail("papers-right-again")
def papers_right_again(*, adviser: int, told_at: str) -> EmailMessage | None:
    """Compose the papers whose offers say again what they said, without names."""
    reader = User.objects.get(pk=adviser)
    acts = lines_of(papers_of(reader, told_at).of_live_acts().unchanged())
    return email_adviser(
        reader,
        len(acts),
        "un document est de nouveau valable",
        f"{len(acts)} documents sont de nouveau valables",
        template="referrals/documents/emails/papers_right_again.txt",
        acts=acts,
    )


def papers_of(reader: User, told_at: str) -> DocumentQuerySet:
    at = dt.datetime.fromisoformat(told_at)
    return Document.objects.visible_to(reader).filter(change_told_at=at)


def lines_of(papers: DocumentQuerySet) -> list[dict[str, str]]:
    return [
        {
            "nature": one.act.nature,
            "number": one.act.number,
            "offer": one.act.offer_id,
            "what": join(one.changes or [""]),
        }
        for one in papers.with_offers().order_by("created_at", "pk")
    ]
