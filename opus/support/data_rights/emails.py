"""E-mails and the webhook about requests of article 10, without names."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.structures.models import Agency
from accounts.users.models.users import User, address_since, recent_addresses
from accounts.users.territory import administrators_over
from offers.catalogue.models import Offer
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, WebhookEvent, compose_email
from opus.support.data_rights.models import PersonFile, RightsGesture, RightsRequest

PASSED_ON = "fr.opus.employeur.droits"


def page_of(request: RightsRequest) -> str:
    return outbox.link(reverse("admin:support_rightsrequest_change", args=[request.pk]))


@outbox.mail("rights-to-answer")
def rights_to_answer(*, request: int, to: str) -> EmailMessage | None:
    """Announce a new or redirected request (V12)."""
    rights_request = RightsRequest.objects.select_related("agency").get(pk=request)
    subject = "une demande d’exercice des droits à traiter"
    return about(rights_request, to, subject, late=False)


@outbox.mail("rights-due")
def rights_due(*, request: int, to: str) -> EmailMessage | None:
    rights_request = RightsRequest.objects.select_related("agency").get(pk=request)
    is_late = rights_request.is_late
    subject = "est en retard" if is_late else "arrive à échéance"
    subject = f"une demande d’exercice des droits {subject}"
    return about(rights_request, to, subject, late=is_late)


def about(
    rights_request: RightsRequest, to: str, subject: str, *, late: bool
) -> EmailMessage | None:
    """Compose an e-mail to staff (by number) or the DPO."""
    if not rights_request.is_open:
        return None
    reader = None if to == "dpo" else User.objects.get(pk=int(to))
    if reader and not reader.is_active:
        return None
    return compose_email(
        to=reader.email if reader else settings.CONTACT["dpo"],
        subject=subject,
        template="support/data_rights/emails/rights_due.txt",
        context={"asked": rights_request, "late": late},
        button=Button("Voir la demande", page_of(rights_request)),
    )


def post(effect: outbox.Effect, rights_request: RightsRequest, *, step: str) -> None:
    """Send to each account that must answer, once a step."""
    pk, readers = rights_request.pk, ["dpo"]
    if rights_request.agency:
        readers = [str(one.pk) for one in administrators_over(rights_request.agency)]
    for to in readers:
        effect.post(key=f"{pk}:{step}:{to}", request=pk, to=to)


def notify_holder(file: PersonFile) -> None:
    """Write to the recent addresses of the account (ADR 8)."""
    account, pk = file.request.account, str(file.pk)
    if account is None:
        return
    for since in recent_addresses(account):
        key = f"{pk}:{since}"
        person_file_prepared.post(key=key, file=pk, account=account.pk, since=since)


@outbox.mail("person-file-prepared")
def person_file_prepared(*, file: str, account: int, since: int) -> EmailMessage | None:
    """Compose it; ``account``: of the copy; ``since``: as in ``recent_addresses``."""
    rows = PersonFile.objects.select_related("request").defer("content")
    row = rows.filter(pk=file).first()
    holder = User.objects.get(pk=account)
    to = address_since(holder, since)
    if row is None or not to:
        return None
    return compose_email(
        to=to,
        subject="une copie de vos données est préparée",
        template="support/data_rights/emails/person_file_prepared.txt",
        context={"file": row, "account": holder, "dpo": settings.CONTACT["dpo"]},
    )


# --- An employer's offers -----------------------------------------------------------


def pass_on(gesture: RightsGesture) -> int:
    """Pass the request to the offers' owner; return how many are notified."""
    if outbox.webhooks_are_wanted():
        employer_asked.post(key=str(gesture.pk), gesture=gesture.pk)
        return 1
    offers = gesture.request.offers.values("offer")
    safirs = Offer.objects.filter(pk__in=offers).values("agency_safir")
    readers = {
        person.pk
        for agency in Agency.objects.filter(safir__in=safirs)
        for person in administrators_over(agency)
    } or {person.pk for person in administrators_over(None)}
    for reader in sorted(readers):
        key = f"{gesture.pk}:{reader}"
        employer_to_pass_on.post(key=key, gesture=gesture.pk, to=reader)
    return len(readers)


def offers_of(rights_request: RightsRequest) -> list[str]:
    return list(rights_request.offers.values_list("offer", flat=True))


@outbox.webhook("employer-asked")
def employer_asked(*, gesture: int) -> WebhookEvent | None:
    """Return the webhook: the right, the offers, the parts; no value, no name."""
    row = RightsGesture.objects.select_related("request").filter(pk=gesture).first()
    if row is None:
        return None
    return WebhookEvent(
        type=PASSED_ON,
        subject=row.request.number,
        sequence=row.pk,
        at=row.at,
        data={
            "droit": row.request.right,
            "offres": offers_of(row.request),
            "parties": row.counts.get("parties", []),
            "reponse_avant_le": row.request.deadline.isoformat(),
        },
    )


@outbox.mail("employer-to-pass-on")
def employer_to_pass_on(*, gesture: int, to: int) -> EmailMessage | None:
    """Compose the same for administrators, where no webhook is set up."""
    row = RightsGesture.objects.select_related("request").filter(pk=gesture).first()
    reader = User.objects.get(pk=to)
    if row is None or not reader.is_active:
        return None
    return compose_email(
        to=reader.email,
        subject="la demande d’un employeur sur ses offres",
        template="support/data_rights/emails/employer_to_pass_on.txt",
        context={
            "asked": row.request,
            "offers": offers_of(row.request),
            "parts": row.parts_in_words,
        },
    )
