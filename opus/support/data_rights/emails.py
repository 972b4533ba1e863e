"""E-mails and the webhook about requests of article 10, without names."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from accounts.structures.models import Agency
from accounts.users.models import User, address_since, recent_addresses
from accounts.users.territory import administrators_over
from offers.catalogue.models import Offer
from opus.lib.outbound import outbox
from opus.lib.outbound.outbox import Button, WebhookEvent, compose_email
from opus.support.data_rights.models import PersonFile, RightsGesture, RightsRequest

PASSED_ON = "fr.opus.employeur.droits"


@outbox.mail("rights-to-answer")
def rights_to_answer(*, request: int, to: str) -> EmailMessage | None:
    """Announce a new or redirected request (V12)."""
    rights_request = RightsRequest.objects.select_related("agency").get(pk=request)
    return about(rights_request, to, "à traiter", is_late=False)


@outbox.mail("rights-due")
def rights_due(*, request: int, to: str) -> EmailMessage | None:
    rights_request = RightsRequest.objects.select_related("agency").get(pk=request)
    is_late = rights_request.is_late
    how = "est en retard" if is_late else "arrive à échéance"
    return about(rights_request, to, how, is_late=is_late)


def about(
    rights_request: RightsRequest, to: str, how: str, *, is_late: bool
) -> EmailMessage | None:
    """Compose an e-mail to staff (by number) or the DPO."""
    reader = None if to == "dpo" else User.objects.get(pk=int(to))
    if not rights_request.is_open or (reader and not reader.is_active):
        return None
    page = reverse("admin:support_rightsrequest_change", args=[rights_request.pk])
    return compose_email(
        to=reader.email if reader else settings.CONTACT["dpo"],
        subject=f"une demande d’exercice des droits {how}",
        template="support/data_rights/emails/rights_due.txt",
        context={"asked": rights_request, "late": is_late},
        button=Button("Voir la demande", outbox.link(page)),
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


def pass_on(gesture: RightsGesture) -> None:
    """Pass the request to the owner of the offers."""
    if outbox.webhooks_are_wanted():
        employer_asked.post(key=str(gesture.pk), gesture=gesture.pk)
        return
    offers = Offer.objects.filter(pk__in=gesture.request.offer_numbers)
    agencies = Agency.objects.filter(safir__in=offers.values("agency_safir"))
    near = {one.pk for agency in agencies for one in administrators_over(agency)}
    for reader in sorted(near or {one.pk for one in administrators_over(None)}):
        key = f"{gesture.pk}:{reader}"
        employer_to_pass_on.post(key=key, gesture=gesture.pk, to=reader)


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
            "offres": row.request.offer_numbers,
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
        context={"asked": row.request, "parts": row.parts_in_words},
    )
